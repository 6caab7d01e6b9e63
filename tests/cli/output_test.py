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

"""Tests of output that nobody reads any more."""

import os
import subprocess
import sys

import pytest

_PROGRAM = """
from absl import flags
from deeplab_ssl.cli import runner
def main():
  print("a" * {length})
  open("done", "w").close()
  {last}
if __name__ == "__main__":
  runner.run(main)
"""


_ENVIRONMENT = os.environ | {
  "PYTHONPATH": os.pathsep.join(filter(None, sys.path))
}


def _run_unread(*args, folder=".", **variables):
  """Runs Python with an output that is closed on the other side."""
  read, write = os.pipe()
  os.close(read)
  result = subprocess.run(
    [sys.executable, *args],
    stdout=write,
    stderr=subprocess.PIPE,
    text=True,
    cwd=folder,
    env=_ENVIRONMENT | variables,
  )
  os.close(write)
  return result


@pytest.mark.parametrize(
  "args",
  [
    ["deeplab_ssl"],
    ["deeplab_ssl.convert", "--help"],
    ["deeplab_ssl.convert", "folder", "--help"],
    ["deeplab_ssl.train", "--help"],
    ["deeplab_ssl.train", "--helpfull"],
  ],
)
def test_who_reads_a_help_need_not_read_all_of_it(args):
  result = _run_unread("-m", *args)
  assert result.returncode == 0
  assert result.stderr == ""


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("length", [1, 100_000])
def test_a_command_ends_without_a_word_when_its_reader_does(
  length, unbuffered, tmp_path
):
  program = tmp_path / "program.py"
  program.write_text(_PROGRAM.format(length=length, last="return 1"))
  result = _run_unread(program, folder=tmp_path, PYTHONUNBUFFERED=unbuffered)
  assert result.returncode == 141
  assert result.stderr == ""
  # What fits into Python's buffer costs nothing of the work.
  assert (tmp_path / "done").exists() == (length == 1 and not unbuffered)


def test_other_pipes_that_break_are_told(tmp_path):
  program = tmp_path / "program.py"
  last = "raise BrokenPipeError('the server')"
  program.write_text(_PROGRAM.format(length=0, last=last))
  result = subprocess.run(
    [sys.executable, program],
    capture_output=True,
    text=True,
    cwd=tmp_path,
    env=_ENVIRONMENT,
  )
  assert result.returncode == 1
  assert result.stderr == "\nError: the server\n"
