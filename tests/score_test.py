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

"""Tests of the command score."""

import json

import pytest

from deeplab_ssl.input import masks
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import layouts
from tests import commands
from tests import input_testing

_GIVEN = ("--predictions=predictions", "--data_dir=records")


def _run(folder, *args):
  return commands.run("-m", "deeplab_ssl.score", *args, folder=folder)


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
  """Records of val, and predictions without a fault but for void."""
  content = input_testing.write_devkit(tmp_path, {"val": ["a", "b"]})
  conversion.convert_split(
    layouts.devkit_pairs(tmp_path, "val"),
    tmp_path / "records",
    "val",
    input_testing.PETS,
    num_shards=1,
  )
  (tmp_path / "predictions").mkdir()
  for name, (_, label) in content.items():
    (tmp_path / "predictions" / f"{name}.png").write_bytes(
      masks.encode_mask(label % 255)
    )
  return tmp_path


def test_scores_are_printed_and_saved(folder):
  result = _run(folder, *_GIVEN, "--boundary", "--output=new/scores.json")
  assert result.returncode == 0, result.stderr
  lines = result.stdout.splitlines()
  assert lines[0] == "predictions on val"
  assert any(line.split()[:2] == ["mean", "IoU"] for line in lines)
  scores = json.loads((folder / "new" / "scores.json").read_text())
  assert scores["mean_iou"] == 1
  assert scores["mean_boundary_iou"] == 1


@pytest.mark.parametrize(
  "args, message",
  [
    ([], "predictions"),
    (["--predictions=predictions"], "--data_dir must have a value"),
    (["--predictions=predictions", "--data_dir=nowhere"], "nowhere"),
    (["--predictions=nowhere", "--data_dir=records"], "nowhere does not exist"),
    (
      [*_GIVEN, "--competition=comp5"],
      "Only the format 'voc' has a competition",
    ),
    (
      [*_GIVEN, "--split=test"],
      "holds dataset.yaml, val-00000-of-00001.tfrecord",
    ),
    (
      [*_GIVEN, "--boundary_ratio=0.1"],
      "nothing without --boundary",
    ),
    (["--predictions=records", "--data_dir=records"], "a: has no prediction"),
  ],
)
def test_wrong_arguments_are_told(args, message, folder):
  result = _run(folder, *args)
  assert result.returncode == 1
  assert message in result.stderr
  assert "Traceback" not in result.stderr
