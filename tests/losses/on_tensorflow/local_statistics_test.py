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

from deeplab_ssl.losses import window_profile
from deeplab_ssl.losses.on_tensorflow import local_statistics
from tests.losses import inputs
from tests.losses import reference


def _statistics(p, valid, region_size, sigma=1.5):
  return local_statistics.local_statistics(
    tf.constant(p * valid),
    tf.constant(valid, tf.float32),
    window_profile.gaussian_profile(region_size, sigma),
  )


@pytest.mark.parametrize("region_size", [1, 3, 7])
def test_equals_the_statistics_of_each_window(region_size):
  labels = inputs.blocks([2, 6, 5], 3)
  valid = labels != inputs.VOID
  p = np.random.default_rng(0).random([*labels.shape, 3])
  found = _statistics(p, valid[..., None], region_size)
  weight = found.weight.numpy()
  mean = found.scaled_mean / weight
  variance = found.scaled_variance / weight**2
  window = reference.window(region_size, 1.5)
  for at in zip(*np.nonzero(valid), strict=True):
    moments = reference.statistics(p[at[0]], valid[at[0]], *at[1:], window)
    np.testing.assert_allclose(mean[at], moments[0], rtol=1e-12)
    np.testing.assert_allclose(variance[at], moments[1], rtol=0, atol=1e-13)


@pytest.mark.parametrize("value", [1e-6, 0.3, 1 - 1e-6])
def test_a_flat_image_has_no_variance(value):
  valid = inputs.blocks([1, 9, 8], 2)[..., None] != inputs.VOID
  found = _statistics(np.full([1, 9, 8, 2], value), valid, 5)
  np.testing.assert_array_equal(
    found.scaled_variance, np.zeros(found.scaled_variance.shape)
  )


def test_the_weight_is_the_share_of_the_window_that_is_valid():
  valid = np.ones([1, 7, 7, 1], bool)
  valid[0, 0, 0] = False
  weight = _statistics(np.zeros([1, 7, 7, 1]), valid, 3).weight[0, ..., 0]
  window = np.reshape(list(reference.window(3, 1.5).values()), [3, 3])
  np.testing.assert_allclose(weight[3, 3], 1.0, rtol=1e-12)
  np.testing.assert_allclose(weight[1, 1], 1 - window[0, 0], rtol=1e-12)
  np.testing.assert_allclose(
    weight[0, 0], window[1:, 1:].sum() - window[1, 1], rtol=1e-12
  )


def test_the_statistics_have_a_gradient():
  valid = np.ones([1, 3, 4, 1], bool)
  p = np.random.default_rng(1).random([1, 3, 4, 1])
  profile = window_profile.gaussian_profile(3, 1.5)

  def variance(p):
    return local_statistics.local_statistics(
      tf.convert_to_tensor(p), tf.ones(valid.shape), profile
    ).scaled_variance

  with tf.GradientTape() as tape:
    variable = tf.Variable(p)
    value = tf.reduce_sum(variance(variable))
  inputs.assert_close(
    tape.gradient(value, variable),
    reference.numerical_gradient(lambda x: variance(x).numpy(), p),
    1e-6,
  )
