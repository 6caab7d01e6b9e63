# Copyright 2026 The DeepLab-SSL Authors.
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Converts images and masks to records: `... convert KIND --help`.

  python -m deeplab_ssl.convert voc2012 --devkit_dir=VOCdevkit/VOC2012 \\
    --output_dir=records
  python -m deeplab_ssl.convert folder --image_dir=images --mask_dir=masks \\
    --dataset=my_data.yaml --output_dir=records --val_fraction=0.2

The kind says how the folder is laid out, and has flags of its own.
"""

import sys

from absl import flags

from deeplab_ssl import cli
from deeplab_ssl.cli import output
from deeplab_ssl.cli import runner
from deeplab_ssl.cli import subcommands

_HELP = ("-h", "--help", "--helpshort", "--helpfull")
_USAGE = """{about}

The kinds:

{kinds}

Flags of a kind: python -m deeplab_ssl.convert KIND --help"""


def _ade20k():
  from deeplab_ssl.cli import convert_ade20k

  return convert_ade20k


def _cityscapes():
  from deeplab_ssl.cli import convert_cityscapes

  return convert_cityscapes


def _folder():
  from deeplab_ssl.cli import convert_folder

  return convert_folder


def _voc2012():
  from deeplab_ssl.cli import convert_voc2012

  return convert_voc2012


# Only the module of the kind that is asked for is loaded and defines its flags.
_CONVERTERS = {
  "ade20k": _ade20k,
  "cityscapes": _cityscapes,
  "folder": _folder,
  "voc2012": _voc2012,
}


def main(args: list[str]) -> None:
  """Runs the converter of the kind that stands first.

  Args:
    args: the kind and its flags.

  Raises:
    SystemExit: if the kind is missing or unknown.
  """
  lines = subcommands.summaries(cli.__path__, prefix="convert_")
  kinds = {kind: lines[kind] for kind in _CONVERTERS}
  usage = _USAGE.format(about=__doc__.strip(), kinds=subcommands.listing(kinds))
  kind, *rest = args or [""]
  if kind in _HELP:
    output.tell(usage)
    return
  if not kind or kind.startswith("-"):
    raise SystemExit(f"{usage}\n\nError: The kind comes first and is missing.")
  try:
    subcommands.check_known(kind, "kind", kinds)
  except ValueError as error:
    raise SystemExit(f"Error: {error}") from error
  converter = _CONVERTERS[kind]()
  # Their `--help` is that of the kind: absl shows the docstring of `__main__`
  # and the flags of the program.
  sys.modules["__main__"].__doc__ = converter.__doc__
  flags.adopt_module_key_flags(converter)
  sys.argv[1:] = rest
  runner.run(converter.main)


if __name__ == "__main__":
  main(sys.argv[1:])
