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

"""Fetches a checkpoint of the original's model zoo.

  python -m deeplab_ssl.download_checkpoint --list
  python -m deeplab_ssl.download_checkpoint mobilenetv2_coco_voc_trainaug

Writes it to `checkpoints/NAME`, or to `--output_dir`, and says how to use it. A
download that was interrupted goes on where it ended. docs/checkpoints.md says
what is checked.
"""

import os

from absl import app
from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import runner

_LIST = flags.DEFINE_bool("list", False, "Print the zoo and leave.")
_OUTPUT_DIR = flags.DEFINE_string(
  "output_dir", None, "New folder for it; by default checkpoints/NAME."
)
_URL_BASE = flags.DEFINE_string(
  "url_base", "", "Address of the folder of a mirror, instead of the zoo's."
)
_SHA256 = flags.DEFINE_string(
  "sha256", "", "The SHA-256 that the archive must have; by default any."
)


def main(names):
  from deeplab_ssl.model_zoo import download
  from deeplab_ssl.model_zoo import entries

  for flag in (_OUTPUT_DIR, _URL_BASE, _SHA256):
    runner.refuse_idle(flag, _LIST.value, "with --list")
  if _LIST.value and not names:
    print(entries.table())
    return
  if _LIST.value or len(names) != 1:
    raise app.UsageError(
      f"Unexpected arguments {names}: give one name of the zoo, or --list."
    )
  entry = entries.find(names[0])
  environment.prepare()
  found = download.download(
    entry,
    _OUTPUT_DIR.value or os.path.join("checkpoints", entry.name),
    url_base=_URL_BASE.value,
    sha256=_SHA256.value,
  )
  print(f"{entry.name} is in {found.folder}")
  print(f"SHA-256 of its archive: {found.sha256}")
  if entry.dataset:
    print(f"Its classes are those of --dataset={entry.dataset}")
  print(f"To start a training from it: --params_override={found.overrides}")


if __name__ == "__main__":
  runner.run_with_names(main)
