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

"""Tests of what a suite needs of the user."""

import dataclasses
from importlib import util
import pathlib

import pytest

from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import requirements
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables

_CONFIGS = str(pathlib.Path(__file__).parents[2] / "configs")
_PLACES = plan.Places("runs", _CONFIGS, "records", "zoo")


def test_what_is_missing_is_listed_with_its_place(tmp_path):
  suite = suites.load_suite("paper", _CONFIGS)
  rows = tables.load_table(4, _CONFIGS).rows
  places = plan.Places("runs", _CONFIGS, str(tmp_path / "data"), str(tmp_path))
  faults = requirements.missing(rows, suite, places)
  assert len(faults) == 3
  assert f"{tmp_path}/data/cityscapes/train-*" in faults[0]
  folder = tmp_path / "resnet_v1_101_beta"
  assert (
    "python -m deeplab_ssl.download_checkpoint resnet_v1_101_beta_imagenet "
    f"--output_dir={folder}`" in faults[2]
  )
  records = tmp_path / "data" / "cityscapes"
  records.mkdir(parents=True)
  for split in ("train", "val"):
    (records / f"{split}-00000-of-00001.tfrecord").touch()
  (records / "dataset.yaml").write_text("splits: {train: 2974, val: 500}")
  folder.mkdir()
  (folder / "model.ckpt.index").touch()
  (fault,) = requirements.missing(rows, suite, places)
  assert "2974 records of train, the suite has 2975" in fault
  (records / "dataset.yaml").write_text("splits: {train: 2975, val: 500}")
  assert not requirements.missing(rows, suite, places)


def test_the_demo_needs_nothing():
  suite = suites.load_suite("demo", _CONFIGS)
  rows = tables.load_table(2, _CONFIGS).rows
  assert not requirements.missing(rows, suite, _PLACES)


@pytest.mark.parametrize(
  "text, expected",
  [
    (None, {}),
    ("", {}),
    ("name: digits", {}),
    ("splits: {train: 4, val: 2}", {"train": 4, "val": 2}),
  ],
)
def test_splits_that_were_converted(text, expected, tmp_path):
  if text is not None:
    (tmp_path / "dataset.yaml").write_text(text)
  assert requirements.recorded_splits(tmp_path) == expected


@pytest.mark.parametrize("installed", [False, True])
def test_only_rows_with_the_dense_crf_need_its_package(installed, monkeypatch):
  monkeypatch.setattr(
    util, "find_spec", lambda name: name == "pydensecrf" and installed
  )
  suite = suites.load_suite("demo", _CONFIGS)
  rows = tables.load_table(5, _CONFIGS).rows
  assert not requirements.missing(rows, suite, _PLACES)
  faults = requirements.missing(
    rows, dataclasses.replace(suite, crf="dense"), _PLACES
  )
  assert [f[: f.index(":")] for f in faults] == (
    [] if installed else ["The CRF rows need pydensecrf"]
  )
  plain = tables.select_rows(
    tables.load_table(5, _CONFIGS).rows, ["ce"], "Table 5"
  )
  assert not requirements.missing(
    plain, dataclasses.replace(suite, crf="dense"), _PLACES
  )


def test_a_runner_that_is_not_there_is_told():
  suite = suites.load_suite("demo", _CONFIGS)
  row = tables.load_table(2, _CONFIGS).rows[0]
  for runner, missing in (
    ("deeplab_ssl.train", False),
    ("deeplab_ssl.nowhere", True),
    ("nowhere.at_all", True),
  ):
    rows = [dataclasses.replace(row, runner=runner)]
    faults = requirements.missing(rows, suite, plan.Places("runs", _CONFIGS))
    assert [f"needs the module {runner}" in f for f in faults] == [
      True
    ] * missing
