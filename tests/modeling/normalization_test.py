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
import tf_keras

from deeplab_ssl.modeling import normalization


def _layers(depthwise):
  options = {"padding": "same", "use_bias": False, "dilation_rate": (2, 1)}
  if depthwise:
    conv = tf_keras.layers.DepthwiseConv2D(3, **options)
  else:
    conv = tf_keras.layers.Conv2D(4, 3, **options)
  return conv, tf_keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-3)


def _images():
  rng = np.random.default_rng(0)
  return tf.constant(rng.normal(size=[2, 6, 5, 3]), tf.float32)


def _set(norm):
  rng = np.random.default_rng(1)
  for name, variable in normalization.norm_variables("a", norm).items():
    low = 0.5 if name in ("a/gamma", "a/moving_variance") else -1.0
    variable.assign(rng.uniform(low, 1.0, variable.shape))


@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_both_are_one_after_the_other(depthwise, training):
  conv, norm = _layers(depthwise)
  # It makes the variables of both at its first call.
  normalization.conv_norm(conv, norm, _images(), False)
  _set(norm)
  found = normalization.conv_norm(conv, norm, _images(), training)
  _set(norm)  # Training has moved the statistics.
  expected = norm(conv(_images()), training=training)
  np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_a_frozen_norm_trains_gamma_and_beta():
  conv, norm = _layers(depthwise=False)
  normalization.conv_norm(conv, norm, _images(), False)
  _set(norm)

  def gradients(function):
    with tf.GradientTape() as tape:
      loss = tf.reduce_sum(function() ** 2)
    return tape.gradient(loss, [conv.kernel, norm.gamma, norm.beta])

  found = gradients(
    lambda: normalization.conv_norm(conv, norm, _images(), False)
  )
  expected = gradients(lambda: norm(conv(_images()), training=False))
  for a, b in zip(found, expected, strict=True):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_the_names_are_those_of_the_scope():
  _, norm = _layers(depthwise=False)
  norm.build([None, 4])
  assert set(normalization.norm_variables("a/b", norm)) == {
    "a/b/gamma",
    "a/b/beta",
    "a/b/moving_mean",
    "a/b/moving_variance",
  }
