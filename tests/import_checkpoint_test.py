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

"""Tests of the command import_checkpoint."""

import pytest

from tests import commands

_STAND_IN = """
from deeplab_ssl.cli import run_flags
from deeplab_ssl.runs import import_checkpoint
class Run:
  checkpoint = "model.ckpt"
run_flags.open_run = lambda reads_records: Run()
import_checkpoint.import_checkpoint = lambda run, path: f"12 of {path}"
"""


def _run(folder, *args, **options):
  command = ("-m", "deeplab_ssl.import_checkpoint", *args)
  return commands.run(*command, folder=folder, **options)


def test_what_was_imported_is_told(tmp_path):
  result = _run(tmp_path, "--output_dir=mine", before=_STAND_IN)
  assert result.returncode == 0, result.stderr
  assert result.stdout == "Imported model.ckpt to mine: 12 of mine\n"


@pytest.mark.parametrize(
  "args, message",
  [
    (["--output_dir=x", "--split=val"], "--split does nothing here"),
    (["--output_dir=x"], "--config_file and the prefix of a --checkpoint"),
    ([], "--output_dir must have a value"),
    (
      ["--output_dir=x", "--config_file=voc2012_mnv", "--checkpoint=y"],
      "Did you mean 'voc2012_mnv2'?",
    ),
  ],
)
def test_wrong_arguments_are_told(args, message, tmp_path):
  result = _run(tmp_path, *args)
  assert result.returncode == 1
  assert message in result.stderr
  assert "Traceback" not in result.stderr
