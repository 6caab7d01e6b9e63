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

"""Tests of the command from_original."""

import os
import subprocess
import sys

import pytest
import yaml

from deeplab_ssl import from_original
from tests import source_tree
from tests.original_flags import command_lines


def _run(*args, stdin="", command=("deeplab_ssl.from_original",)):
  # Without the modules that other tests' commands are preloaded with, since it
  # is to need none of them.
  return subprocess.run(
    [sys.executable, "-m", *command, *args],
    input=stdin,
    capture_output=True,
    text=True,
    env=os.environ | {"PYTHONPATH": str(source_tree.ROOT)},
    check=False,
  )


def test_stdout_is_a_configuration_and_stderr_tells_the_rest():
  result = _run(
    "--", "--model_variant=xception_65", "--train_crop_size=65,65", "--task=1"
  )
  assert result.returncode == 0, result.stderr
  config = yaml.safe_load(result.stdout)
  assert config["task"]["model"]["backbone"] == "xception_65"
  assert config["task"]["train_data"]["crop_size"] == [65, 65]
  assert "#   python -m deeplab_ssl.train --config_file=" in result.stdout
  (line,) = result.stderr.splitlines()
  assert line.startswith("--task: no place: ")


@pytest.mark.parametrize(
  "command", [("deeplab_ssl.from_original",), ("deeplab_ssl", "from_original")]
)
def test_words_may_begin_with_the_program(command):
  words = ("--", "python", "deeplab/eval.py", "--eval_split", "trainval")
  result = _run(*words, command=command)
  assert result.returncode == 0, result.stderr
  assert " --split=trainval " in result.stdout


def test_a_script_is_read_from_stdin():
  script = command_lines.text("local_test.sh")
  result = _run("--program=train", stdin=script)
  assert result.returncode == 0, result.stderr
  assert '--model_dir="${TRAIN_LOGDIR}"' in result.stdout
  assert yaml.safe_load(result.stdout)["trainer"]["train_steps"] == 10
  assert result.stderr.startswith("--logtostderr: no place: ")


@pytest.mark.parametrize(
  "args, stdin, message",
  [
    (
      ["--", "train.py", "--train_crops=9"],
      "",
      "Did you mean 'train_crop_size'",
    ),
    (
      ["--program=train", "--", "--momentum=x"],
      "",
      "--momentum must be a numb",
    ),
    (["--program=test"], "", "--program"),
    (["python", "train.py"], "", "Unexpected arguments"),
    ([], "echo", "no command that calls train.py"),
  ],
)
def test_what_is_wrong_is_told_without_a_traceback(args, stdin, message):
  result = _run(*args, stdin=stdin)
  assert result.returncode == 1
  assert message in result.stderr
  assert "Traceback" not in result.stderr
  assert not result.stdout


def test_the_words_follow_two_dashes():
  divide = from_original.divide
  assert divide(["--program=vis", "--", "a", "--b", "--"]) == (
    ["--program=vis"],
    ["a", "--b", "--"],
  )
  assert divide(["-h"]) == (["-h"], [])


def test_a_keyboard_is_not_read_from(monkeypatch):
  class Keyboard:
    def isatty(self):
      return True

  monkeypatch.setattr(sys, "stdin", Keyboard())
  from_original.flags.FLAGS.mark_as_parsed()
  with pytest.raises(from_original.app.UsageError, match="behind --, or a scr"):
    from_original.main([])
