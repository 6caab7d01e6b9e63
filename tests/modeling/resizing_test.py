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

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.modeling import resizing


def _images(*shape, seed=0):
  return np.float32(np.random.default_rng(seed).normal(size=shape))


@pytest.mark.parametrize("size", [(9, 7), (3, 13), (1, 1), (5, 4)])
def test_resizing_aligns_the_corners(size):
  images = _images(2, 5, 4, 3)
  expected = np.zeros([2, *size, 3])
  for row, column in np.ndindex(*size):
    y, x = (
      at * (old - 1) / max(new - 1, 1)
      for at, old, new in zip((row, column), (5, 4), size, strict=True)
    )
    for i, j in np.ndindex(5, 4):
      share = max(1 - abs(y - i), 0) * max(1 - abs(x - j), 0)
      expected[:, row, column] += share * images[:, i, j]
  actual = resizing.resize_align_corners(tf.constant(images), size)
  np.testing.assert_allclose(actual, expected, atol=1e-5)


def test_resizing_keeps_the_precision():
  images = tf.cast(_images(1, 3, 3, 1), tf.bfloat16)
  assert resizing.resize_align_corners(images, (5, 5)).dtype == tf.bfloat16


@pytest.mark.parametrize("size", [1, 32, 33, 40, 513])
@pytest.mark.parametrize("stride", [4, 16])
def test_scaled_size_is_that_of_a_map(size, stride):
  assert resizing.scaled_size(size, stride) == int((size - 1) / stride + 1)


@pytest.mark.parametrize("side", [1, 32, 33, 150, 513])
@pytest.mark.parametrize("scale", [0.5, 0.75, 1.0, 1.25, 1.75 / 16])
def test_a_scaled_side_is_the_same_known_or_not(side, scale):
  expected = int((side - 1) * scale + 1)
  assert resizing.scale_side(side, scale) == expected
  assert resizing.scale_side(tf.constant(side), scale) == expected


def test_sides_are_numbers_where_they_are_known():
  assert resizing.sides(tf.zeros([1, 3, 4, 2])) == [3, 4]

  @tf.function(input_signature=[tf.TensorSpec([None, 3, None, 1])])
  def sides(images):
    height, width = resizing.sides(images)
    assert height == 3
    return width

  assert sides(tf.zeros([2, 3, 5, 1])) == 5
