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

"""Tests of how often labels occur."""

import numpy as np
import pytest

from deeplab_ssl.input import dataset_info
from deeplab_ssl.preparation import histogram
from tests import input_testing


def _counts(*labels):
  return np.bincount(np.array(labels), minlength=256)


def test_images_are_added_with_and_without_masks():
  found = histogram.Histogram.empty(input_testing.PETS)
  found.add(_counts(0, 0, 0, 2, 255))
  found.add(_counts(2, 2, 2, 255, 255))
  found.add(None, turned=True)

  assert found.num_images == 3
  assert found.pixels.tolist() == [3, 0, 4]
  assert found.images.tolist() == [1, 0, 2]
  assert found.void == 3
  assert found.num_turned == 1


def test_the_table_has_shares_of_all_labelled_pixels():
  found = histogram.Histogram.empty(input_testing.PETS)
  found.add(_counts(*[0] * 6, *[2] * 1, *[255] * 3))

  lines = [line.split() for line in str(found).splitlines()]
  assert lines == [
    ["label", "class", "pixels", "share", "images"],
    ["0", "background", "6", "60.0%", "1"],
    ["1", "cat", "0", "0.0%", "0"],
    ["2", "dog", "1", "10.0%", "1"],
    ["255", "(void)", "3", "30.0%"],
  ]
  assert len({len(line) for line in str(found).splitlines()[1:4]}) == 1


def test_void_that_is_a_class_is_counted_once():
  info = dataset_info.DatasetInfo("a", ("void", "cat", "dog"), ignore_label=0)
  found = histogram.Histogram.empty(info)
  found.add(_counts(*[0] * 3, *[1] * 6, 2))

  assert found.pixels.tolist() == [0, 6, 1]
  assert found.images.tolist() == [0, 1, 1]
  assert found.void == 3
  lines = [line.split() for line in str(found).splitlines()[1:]]
  assert lines == [
    ["1", "cat", "6", "60.0%", "1"],
    ["2", "dog", "1", "10.0%", "1"],
    ["0", "(void)", "3", "30.0%"],
  ]
  assert not histogram.unlearnable(info, found.pixels, found.void)
  assert "is dog, and" in histogram.unlearnable(info, [0, 6, 0], 3)


def test_nothing_has_no_shares_and_shares_no_memory():
  empty = histogram.Histogram.empty(input_testing.PETS)
  assert str(empty).count("0.0%") == 4
  empty.add(_counts(1))
  assert empty.pixels is not empty.images
  assert histogram.Histogram.empty(input_testing.PETS).pixels.sum() == 0


@pytest.mark.parametrize(
  "pixels, void, absent, hint",
  [
    ([5, 0, 3], 2, "no pixel is cat, and 20.0%", "=255:1"),
    ([5, 0, 0], 5, "no pixel is cat, dog, and 50.0%", "=255:LABEL"),
    (
      [0, 0, 0],
      5,
      "no pixel is background, cat, dog, and 100.0%",
      "=255:LABEL",
    ),
    (np.array([0, 4, 4]), np.int64(2), "background, and 20.0%", "=255:0"),
  ],
)
def test_classes_that_void_stands_in_for(pixels, void, absent, hint):
  told = histogram.unlearnable(input_testing.PETS, pixels, void)
  assert absent in told
  assert f"--label_map{hint} " in told


@pytest.mark.parametrize(
  "pixels, void", [([1, 1, 1], 9), ([5, 0, 3], 0), ([0, 0, 0], 0)]
)
def test_what_can_be_learnt(pixels, void):
  assert not histogram.unlearnable(input_testing.PETS, pixels, void)


def test_counts_must_be_of_the_classes():
  with pytest.raises(ValueError, match="shorter"):
    histogram.unlearnable(input_testing.PETS, [1, 2], 3)


@pytest.mark.parametrize(
  "split, learnt",
  [("train", True), ("trainaug", True), ("all", True), ("fold1", True)]
  + [("val", False), ("val_2", False), ("test", False)],
)
def test_which_splits_are_learnt_from(split, learnt):
  assert histogram.is_learnt_from(split) == learnt
