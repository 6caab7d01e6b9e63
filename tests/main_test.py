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

"""Tests of `python -m deeplab_ssl`."""

import pathlib

import pytest

import deeplab_ssl
from tests import commands

_COMMANDS = sorted(
  path.stem
  for path in pathlib.Path(deeplab_ssl.__file__).parent.glob("*.py")
  if not path.stem.startswith("_")
)


@pytest.mark.parametrize("args", [(), ("--help",), ("-h",)])
def test_the_commands_are_listed_with_a_line_each(args, tmp_path):
  result = commands.run("-m", "deeplab_ssl", *args, folder=tmp_path)

  assert result.returncode == 0
  head, empty, *lines = result.stdout.splitlines()
  assert deeplab_ssl.__version__ in head
  assert empty == ""
  assert [line.split()[0] for line in lines] == _COMMANDS
  for line in lines:
    assert len(line) <= 80
    assert line.endswith(".")
    assert "`" not in line


def test_an_unknown_command_is_told_with_what_there_is(tmp_path):
  result = commands.run("-m", "deeplab_ssl", "evalute", folder=tmp_path)

  assert result.returncode == 1
  assert result.stderr.startswith(
    "Error: There is no command 'evalute'. Did you mean 'evaluate'? There are:"
  )
  assert "  train " in result.stderr
  assert "Traceback" not in result.stderr


def test_a_command_is_run_with_its_own_arguments(tmp_path):
  args = ("score", "--predictions=x", "--data_dir=nowhere")
  direct = commands.run(
    "-m", f"deeplab_ssl.{args[0]}", *args[1:], folder=tmp_path
  )

  result = commands.run("-m", "deeplab_ssl", *args, folder=tmp_path)

  assert "nowhere" in result.stderr
  assert result.stderr == direct.stderr
  assert result.returncode == direct.returncode == 1


def test_the_help_of_a_command_has_its_description_and_flags(tmp_path):
  result = commands.run("-m", "deeplab_ssl", "train", "--help", folder=tmp_path)

  assert "Trains a DeepLab" in result.stdout
  assert "--model_dir" in result.stdout
