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

"""Tests of losses/shapes.py."""

import numpy as np
import pytest

from deeplab_ssl.losses import shapes


def test_a_format_is_one_of_two():
  assert shapes.is_channels_first("channels_first")
  assert not shapes.is_channels_first("channels_last")
  with pytest.raises(ValueError, match="`data_format` must be .*'NCHW'"):
    shapes.is_channels_first("NCHW")


@pytest.mark.parametrize(
  ("labels", "expected"),
  [([2, 5, 6], (2, 5, 6)), ([2, 1, 5, 6], (2, 5, 6, 1)), ([2, 3, 5, 6],) * 2],
)
def test_the_classes_are_moved_to_the_end(labels, expected):
  labels, predictions = shapes.channels_last(
    np.zeros(labels), np.zeros([2, 3, 5, 6]), np.transpose
  )
  assert predictions.shape == (2, 5, 6, 3)
  if len(expected) == 4 and expected[1] == 3:
    expected = (2, 5, 6, 3)
  assert labels.shape == tuple(expected)


@pytest.mark.parametrize(
  ("first", "second", "fit"),
  [
    ((2, 3), (2, 3), True),
    ((None, 3), (2, 3), True),
    ((2, 3), (2, None), True),
    ((2, 3), (3, 3), False),
    ((2, 3), (2, 3, 1), False),
  ],
)
def test_an_unknown_size_agrees_with_any(first, second, fit):
  assert shapes.agree(first, second) == fit


def test_what_is_said_names_the_shapes_and_the_remedy():
  assert "(2, 4)" in shapes.not_a_map((2, 4))
  assert "before argmax" in shapes.not_floating("int32")
  text = shapes.not_the_same((1, 2, 2), (1, 4, 4, 3))
  assert "(1, 2, 2)" in text and "upsample the logits" in text
