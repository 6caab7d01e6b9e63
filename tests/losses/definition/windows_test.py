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

"""Sums and moments of windows against float64, pixel by pixel."""

from keras import ops
import numpy as np
import pytest

from deeplab_ssl.losses import window_profile
from deeplab_ssl.losses.definition import windows
from tests.losses import inputs
from tests.losses import reference


@pytest.mark.parametrize("of", [(3, 7, 6), (5, 2, 9), (11, 4, 3)])
def test_a_window_sum_treats_the_outside_as_zero(of):
  size, height, width = of
  fields = np.random.default_rng(0).normal(size=[2, height, width, 4])
  expected = np.zeros_like(fields)
  for b, r, c in np.ndindex(2, height, width):
    for (i, j), weight in reference.window(size, 1.5).items():
      if 0 <= r + i < height and 0 <= c + j < width:
        expected[b, r, c] += weight * fields[b, r + i, c + j]
  found = windows.window_sum(
    ops.convert_to_tensor(np.float32(fields)),
    window_profile.gaussian_profile(size, 1.5),
  )
  inputs.assert_close(ops.convert_to_numpy(found), expected, 1e-6)


@pytest.mark.parametrize("offset", [(0, 0), (1, 0), (-2, 1), (0, -3)])
def test_each_pixel_sees_its_neighbour(offset):
  field = np.arange(30.0, dtype=np.float32).reshape(1, 5, 6, 1)
  found = ops.convert_to_numpy(
    windows.shifted(ops.convert_to_tensor(field), offset, outside=-1.0)
  )
  for r, c in np.ndindex(5, 6):
    i, j = r + offset[0], c + offset[1]
    inside = 0 <= i < 5 and 0 <= j < 6
    assert found[0, r, c, 0] == (field[0, i, j, 0] if inside else -1)


@pytest.mark.parametrize("size", [3, 7])
@pytest.mark.parametrize("spread", [1.0, 1e-4])
def test_moments_are_those_of_the_valid_pixels(size, spread):
  rng = np.random.default_rng(1)
  fields = [np.float32(0.7 + spread * rng.normal(size=[1, 8, 7, 2]))]
  fields.append(np.float32(rng.normal(size=[1, 8, 7, 2])))
  valid = rng.random([1, 8, 7, 1]) > 0.3
  found = windows.window_moments(
    [ops.convert_to_tensor(field) for field in fields],
    [(0, 0), (0, 1)],
    ops.convert_to_tensor(np.float32(valid)),
    window_profile.gaussian_profile(size, 1.5),
  )
  weights = reference.window(size, 1.5)
  first, second = (np.float64(field[0]) for field in fields)
  variance, covariance, mean = np.zeros([3, 8, 7, 2])
  for at in zip(*np.nonzero(valid[0, ..., 0]), strict=True):
    mask = valid[0, ..., 0]
    mean[at], variance[at] = reference.statistics(first, mask, *at, weights)
    _, other = reference.statistics(second, mask, *at, weights)
    # A sum of fields of one size, so that float64 does not cancel.
    scaled = first / spread
    _, of_scaled = reference.statistics(scaled, mask, *at, weights)
    _, both = reference.statistics(scaled + second, mask, *at, weights)
    covariance[at] = spread * (both - of_scaled - other) / 2
  inside = valid[0]
  # Of a spread of 1e-4 about 0.7, the last digit of a value is 6e-4.
  tolerance = 1e-5 if spread == 1.0 else 1e-3
  for value, expected in (
    (found.means[0], mean),
    (found.covariances[0], variance),
    (found.covariances[1], covariance),
  ):
    inputs.assert_close(
      ops.convert_to_numpy(value)[0] * inside, expected, tolerance
    )


def test_nothing_is_left_of_a_flat_window():
  field = ops.full([1, 9, 9, 3], 0.3)
  found = windows.window_moments(
    [field],
    [(0, 0)],
    ops.ones([1, 9, 9, 1]),
    window_profile.gaussian_profile(5, 1.5),
  )
  assert not ops.convert_to_numpy(found.covariances[0]).any()
  np.testing.assert_array_equal(ops.convert_to_numpy(found.means[0]), field)


def test_moments_are_finite_where_nothing_is_valid():
  found = windows.window_moments(
    [ops.ones([1, 5, 5, 1])],
    [(0, 0)],
    ops.zeros([1, 5, 5, 1]),
    window_profile.gaussian_profile(3, 1.5),
  )
  for field in (*found.means, *found.covariances):
    assert np.isfinite(ops.convert_to_numpy(field)).all()
