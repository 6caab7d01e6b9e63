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

"""Flags and command lines that the original has, for the tests."""

import json
import pathlib

from deeplab_ssl.original_flags import command_line

_FILE = (
  pathlib.Path(__file__).parents[1] / "testdata" / "original_command_lines.json"
)
_CONTENT = json.loads(_FILE.read_text())
# {file without ending: {flag: [kind, default, names of an enum]}}.
FLAGS = _CONTENT["flags"]
# {"local_test.sh" or page: the commands in it, and assignments of variables}.
COMMANDS = _CONTENT["commands"]


def text(page: str) -> str:
  """Returns a page as a script."""
  return "\n\n".join(COMMANDS[page]) + "\n"


def line(program: str, *flags: str) -> command_line.CommandLine:
  """Reads a command line of a program."""
  return command_line.parse(["python", f"deeplab/{program}.py", *flags])
