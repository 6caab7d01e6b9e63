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

from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import normalization


def _images(*shape, seed=0):
  return np.float32(np.random.default_rng(seed).normal(size=shape))


def _set(layer, seed=1):
  """Gives a layer's variables values of which none is a default."""
  rng = np.random.default_rng(seed)
  for name, variable in layer.slim_variables().items():
    low = 0.5 if "variance" in name or "gamma" in name else -1.0
    variable.assign(rng.uniform(low, 1.0, variable.shape))
  return {k.rsplit("/", 1)[-1]: v for k, v in layer.slim_variables().items()}


def _convolve(images, kernel, stride, rate, before):
  """Correlates pixel by pixel; `before` rows and columns of 0 come first."""
  size = kernel.shape[0]
  padded = np.pad(images, [(0, 0), (before, 99), (before, 99), (0, 0)])
  height, width = (-(-side // stride) for side in images.shape[1:3])
  result = np.zeros([images.shape[0], height, width, kernel.shape[-1]])
  for row, column in np.ndindex(height, width):
    for i, j in np.ndindex(size, size):
      pixel = padded[:, row * stride + i * rate, column * stride + j * rate]
      result[:, row, column] += pixel @ kernel[i, j]
  return result


def _normalise(x, variables, epsilon):
  scale = variables["gamma"] / np.sqrt(variables["moving_variance"] + epsilon)
  return (x - variables["moving_mean"]) * scale + variables["beta"]


@pytest.mark.parametrize(
  "size, stride, rate, before",
  [(1, 1, 1, 0), (1, 2, 1, 0), (3, 1, 1, 1), (3, 1, 2, 2), (3, 2, 1, 1)],
)
@pytest.mark.parametrize("activation", [None, tf.nn.relu])
def test_a_convolution_is_padded_alike_on_both_sides(
  size, stride, rate, before, activation
):
  layer = layers.ConvBatchNorm(
    "a/b", 3, size, strides=stride, rate=rate, activation=activation
  )
  images = _images(2, 8, 6, 2)  # SAME would shift a strided one.
  layer(images)
  variables = {k: v.numpy() for k, v in _set(layer).items()}
  expected = _normalise(
    _convolve(images, variables["weights"], stride, rate, before),
    variables,
    normalization.HEAD_NORM.epsilon,
  )
  if activation:
    expected = np.maximum(expected, 0)
  np.testing.assert_allclose(layer(images), expected, rtol=1e-4, atol=1e-5)


def test_a_strided_convolution_may_be_padded_at_the_end():
  layer = layers.ConvBatchNorm("a", 3, 3, strides=2, same_padding=True)
  images = _images(2, 8, 6, 2)
  layer(images)
  variables = {k: v.numpy() for k, v in _set(layer).items()}
  expected = _normalise(
    _convolve(images, variables["weights"], 2, 1, 0),
    variables,
    normalization.HEAD_NORM.epsilon,
  )
  np.testing.assert_allclose(
    layer(images), np.maximum(expected, 0), rtol=1e-4, atol=1e-5
  )


def test_a_batch_norm_may_have_a_scope_of_its_own():
  layer = layers.ConvBatchNorm("a/conv", 3, norm_scope="a/norm")
  layer(_images(1, 2, 2, 1))
  assert set(layer.slim_variables()) == {
    "a/conv/weights",
    "a/norm/gamma",
    "a/norm/beta",
    "a/norm/moving_mean",
    "a/norm/moving_variance",
  }


def test_a_convolution_with_a_bias_has_no_norm():
  layer = layers.ConvBias("a", 4, 3, activation=tf.nn.relu)
  images = _images(1, 5, 4, 2)
  layer(images)
  variables = {k: v.numpy() for k, v in _set(layer).items()}
  assert set(variables) == {"weights", "biases"}
  expected = _convolve(images, variables["weights"], 1, 1, 1)
  np.testing.assert_allclose(
    layer(images),
    np.maximum(expected + variables["biases"], 0),
    rtol=1e-4,
    atol=1e-5,
  )


def test_a_depthwise_convolution_keeps_the_channels_apart():
  layer = layers.ConvBatchNorm("a", None, 3, activation=None)
  images = _images(1, 5, 4, 3)
  layer(images)
  variables = {k: v.numpy() for k, v in _set(layer).items()}
  kernel = variables["depthwise_weights"][..., 0][..., None] * np.eye(3)
  expected = _normalise(
    _convolve(images, kernel, 1, 1, 1),
    variables,
    normalization.HEAD_NORM.epsilon,
  )
  np.testing.assert_allclose(layer(images), expected, rtol=1e-4, atol=1e-5)


def test_a_separable_convolution_is_one_after_the_other():
  layer = layers.SeparableConvBatchNorm("a", 4, rate=2)
  images = _images(1, 6, 5, 3)
  layer(images)
  _set(layer)
  np.testing.assert_array_equal(
    layer(images), layer.pointwise(layer.depthwise(images))
  )
  assert layer.depthwise.conv.dilation_rate == (2, 2)
  assert set(layer.slim_variables()) == {
    f"a_{part}/{variable}"
    for part, kernel in (
      ("depthwise", "depthwise_weights"),
      ("pointwise", "weights"),
    )
    for variable in (
      kernel,
      *(
        f"BatchNorm/{name}"
        for name in ("gamma", "beta", "moving_mean", "moving_variance")
      ),
    )
  }


def test_initial_kernels_differ_and_have_their_deviations():
  layer = layers.SeparableConvBatchNorm("a", 400, init_stddevs=(0.5, 0.1))
  layer(_images(1, 3, 3, 400))
  for part, kernel, stddev in (
    (layer.depthwise, layer.depthwise.conv.depthwise_kernel, 0.5),
    (layer.pointwise, layer.pointwise.conv.kernel, 0.1),
  ):
    # Cut off at two deviations, a normal distribution has 0.88 of one.
    np.testing.assert_allclose(np.std(kernel), 0.88 * stddev, rtol=0.1)
    assert np.abs(kernel).max() <= 2 * stddev
    assert part.conv.bias is None


def test_the_momentum_is_that_of_the_part_unless_told():
  assert layers.ConvOptions().norm_momentum == 0.9997
  assert layers.ConvOptions(batch_norm_decay=0.9).norm_momentum == 0.9
