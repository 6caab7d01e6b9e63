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

"""Lists the commands, or runs one: `python -m deeplab_ssl [COMMAND ...]`.

`python -m deeplab_ssl train --help` is `python -m deeplab_ssl.train --help`.
"""

import runpy
import sys

import deeplab_ssl
from deeplab_ssl.cli import output
from deeplab_ssl.cli import subcommands

_USAGE = """DeepLab-SSL {version}: python -m deeplab_ssl COMMAND --help

{commands}"""


def main(args: list[str]) -> None:
  """Runs what the arguments name, or prints what they may name.

  Args:
    args: the command and its own arguments; none, or a flag such as --help, for
      the list.

  Raises:
    SystemExit: if there is no such command.
  """
  commands = subcommands.summaries(deeplab_ssl.__path__)
  if not args or args[0] in ("-h", "--help"):
    output.tell(
      _USAGE.format(
        version=deeplab_ssl.__version__, commands=subcommands.listing(commands)
      )
    )
    return
  name, *rest = args
  try:
    subcommands.check_known(name, "command", commands)
  except ValueError as error:
    raise SystemExit(f"Error: {error}") from error
  sys.argv[1:] = rest
  # As `python -m deeplab_ssl.NAME` does it; absl finds the flags by the module
  # that is called `__main__`.
  runpy.run_module(f"deeplab_ssl.{name}", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
  main(sys.argv[1:])
