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

"""Tests of the choice of a converter; tests/datasets has those of each."""

import pathlib

import pytest

from deeplab_ssl import cli
from deeplab_ssl.input import dataset_info
from tests import commands
from tests import input_testing

_KINDS = sorted(
  path.stem.removeprefix("convert_")
  for path in pathlib.Path(cli.__file__).parent.glob("convert_*.py")
)
_FLAGS = {
  "ade20k": "--ade20k_dir",
  "cityscapes": "--cityscapes_dir",
  "folder": "--val_fraction",
  "voc2012": "--sbd_dir",
}


def _convert(folder, *args):
  return commands.run("-m", "deeplab_ssl.convert", *args, folder=folder)


def test_help_lists_the_kinds(tmp_path):
  result = _convert(tmp_path, "--help")

  assert result.returncode == 0
  for kind in _KINDS:
    assert f"\n  {kind} " in result.stdout


@pytest.mark.parametrize("args", [(), ("--output_dir=records",)])
def test_without_a_kind_there_is_the_list_and_an_error(args, tmp_path):
  result = _convert(tmp_path, *args)

  assert result.returncode == 1
  assert "\n  voc2012 " in result.stderr
  assert "Error: The kind comes first and is missing." in result.stderr


def test_an_unknown_kind_is_told_with_the_nearest_one(tmp_path):
  result = _convert(tmp_path, "voc", "--output_dir=records")

  assert result.returncode == 1
  assert "There is no kind 'voc'. Did you mean 'voc2012'?" in result.stderr
  assert "Traceback" not in result.stderr


@pytest.mark.parametrize("kind", _KINDS)
def test_the_help_of_a_kind_is_its_own(kind, tmp_path):
  result = _convert(tmp_path, kind, "--help")

  assert f"python -m deeplab_ssl.convert {kind} " in result.stdout
  assert "--output_dir" in result.stdout
  others = {flag for name, flag in _FLAGS.items() if name != kind}
  assert _FLAGS[kind] in result.stdout
  assert not [flag for flag in others if flag in result.stdout]


def test_a_folder_is_converted(tmp_path):
  input_testing.write_devkit(tmp_path, {"all": ["a", "b", "c"]})
  dataset_info.save_dataset_info(input_testing.PETS, tmp_path / "pets.yaml")

  result = _convert(
    tmp_path,
    *("folder", "--image_dir=JPEGImages", "--mask_dir=SegmentationClass"),
    *("--dataset=pets.yaml", "--output_dir=records", "--num_shards=1"),
  )

  assert result.returncode == 0, result.stderr
  assert "train: 3 images" in result.stdout
  assert len(list((tmp_path / "records").glob("train-*.tfrecord"))) == 1


def test_a_wrong_folder_is_told_without_a_traceback(tmp_path):
  result = _convert(
    tmp_path, "voc2012", "--devkit_dir=nowhere", "--output_dir=records"
  )

  assert result.returncode == 1
  assert "nowhere" in result.stderr
  assert "Traceback" not in result.stderr
