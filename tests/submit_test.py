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

"""Tests of the command submit; tests/runs has those of what it writes."""

import pytest

from tests import commands

_STAND_IN = """
import types
from deeplab_ssl.cli import run_flags
from deeplab_ssl.runs import submit
run_flags.open_run = lambda: types.SimpleNamespace(activation="softmax")
def stand_in(run, output_dir, *, file_format, competition, predictor):
  print(file_format, competition, predictor)
  return types.SimpleNamespace(folder=output_dir), 7
submit.submit = stand_in
"""


def _run(folder, *args, **options):
  command = ("-m", "deeplab_ssl.submit", *args)
  return commands.run(*command, folder=folder, **options)


@pytest.mark.parametrize(
  "args, expected",
  [
    ((), "None None scale 1"),
    (
      ("--format=voc", "--competition=comp5", "--add_flipped_images"),
      "voc comp5 scale 1, mirrored",
    ),
  ],
)
def test_predictions_are_written_as_the_server_wants_them(
  args, expected, tmp_path
):
  result = _run(tmp_path, "--output_dir=out", *args, before=_STAND_IN)
  assert result.returncode == 0, result.stderr
  assert result.stdout == f"{expected}\nWrote 7 predictions into out\n"


@pytest.mark.parametrize(
  "args, message",
  [
    ([], "--output_dir must have a value"),
    (["--output_dir=x"], "Give --model_dir of a training run"),
    (["--output_dir=x", "--model_dir=nowhere"], "nowhere"),
    (["--output_dir=x", "--format=coco"], "<voc|cityscapes|labels>"),
    (["--output_dir=x", "--competition=comp7"], "<comp5|comp6>"),
  ],
)
def test_wrong_arguments_are_told(args, message, tmp_path):
  result = _run(tmp_path, *args)
  assert result.returncode == 1
  assert message in result.stderr
  assert "Traceback" not in result.stderr
