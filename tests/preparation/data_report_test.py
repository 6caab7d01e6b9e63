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

"""Tests of the report on a data set."""

import json

import numpy as np
import pytest

from deeplab_ssl.preparation import data_report
from deeplab_ssl.preparation import histogram
from tests import input_testing


def _split(*images):
  """The report on images given by ((height, width), labels or None)."""
  split = data_report.SplitReport(histogram.Histogram.empty(input_testing.PETS))
  for size, labels in images:
    split.sizes[size] += 1
    if labels is None:
      split.without_mask += 1
      split.labels.add(None)
    else:
      split.labels.add(np.bincount(labels, minlength=256))
  return split


def test_the_void_share_is_that_of_the_labelled_pixels():
  split = _split(((1, 4), [0, 255, 2, 255]), ((2, 2), [1, 1, 1, 1]))
  assert split.void_share == 0.25
  assert _split(((2, 2), None)).void_share == 0.0


def test_sizes_and_bad_files_are_summed_up():
  split = _split(
    ((20, 30), [0, 1]), ((20, 30), [0, 1]), ((10, 40), [2]), ((9, 9), None)
  )
  split.bad.append("a.png: is no image")
  first, sizes, head, *_ = str(split).splitlines()
  assert first == "4 images, 1 bad, 1 without a mask"
  assert sizes == (
    "sizes (width x height): 3, most often 30x20 (2); width 9 to 40, height 9 "
    "to 20"
  )
  assert head.split()[0] == "label"


def test_a_split_without_masks_has_no_table():
  assert str(_split(((9, 9), None))).splitlines()[1:] == [
    "sizes (width x height): 1, most often 9x9 (1); width 9 to 9, height 9 to 9"
  ]


def test_json_holds_the_numbers():
  report = data_report.Report(
    input_testing.PETS, {"train": _split(((1, 4), [0, 0, 2, 255]))}
  )
  found = json.loads(json.dumps(report.as_dict()))
  assert found["ready"] is True
  assert found["num_classes"] == 3
  train = found["splits"]["train"]
  assert train["void_pixels"] == 1
  assert train["sizes"] == [{"height": 1, "width": 4, "images": 1}]
  assert train["classes"][2] == {
    "label": 2,
    "name": "dog",
    "pixels": 1,
    "images": 1,
  }


@pytest.mark.parametrize("number", [1, 100, 103])
def test_problems_forbid_the_training_and_long_lists_are_cut(number):
  problems = [f"p{i}" for i in range(number)]
  report = data_report.Report(
    input_testing.PETS, problems=problems, warnings=["look at it"]
  )
  assert not report.ready
  lines = str(report).splitlines()
  assert lines[:2] == ["Warnings (1):", "  look at it"]
  assert f"Problems ({number}):" in lines
  assert ("  p99" in lines) == (number > 99)
  assert ("  and 3 more" in lines) == (number == 103)
  assert "  p100" not in lines
  assert lines[-1] == "Training must not start."


def test_warnings_allow_it():
  report = data_report.Report(input_testing.PETS, warnings=["look at it"])
  assert report.ready
  assert str(report).endswith("Training may start.")


def test_a_folder_in_another_encoding_can_be_printed():
  report = data_report.Report(input_testing.PETS)
  report.problems.append("d\udce9/a.png: is no image")
  assert r"  d\udce9/a.png: is no image" in str(report)
  str(report).encode("utf-8")
