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

from deeplab_ssl.modeling import convolution


def _reference(inputs, kernel, rates, depthwise):
  """Sums over the taps in float64, pixel by pixel."""
  inputs, kernel = np.asarray(inputs, np.float64), np.asarray(kernel)
  batch, height, width, channels = inputs.shape
  side = kernel.shape[0]
  filters = channels if depthwise else kernel.shape[-1]
  outputs = np.zeros([batch, height, width, filters])
  for y, x, i, j in np.ndindex(height, width, side, side):
    row, column = (
      place + rate * (tap - side // 2)
      for place, rate, tap in zip((y, x), rates, (i, j), strict=True)
    )
    if 0 <= row < height and 0 <= column < width:
      pixel, tap = inputs[:, row, column], kernel[i, j].astype(np.float64)
      outputs[:, y, x] += pixel * tap[:, 0] if depthwise else pixel @ tap
  return outputs


def _make(shape, depthwise, side=3):
  rng = np.random.default_rng(0)
  kernel = [side, side, shape[-1], 1 if depthwise else 5]
  return (
    tf.constant(rng.normal(size=shape), tf.float32),
    tf.constant(rng.normal(size=kernel), tf.float32),
  )


def _convolve(depthwise):
  if depthwise:
    return convolution.convolve_depthwise
  return convolution.convolve


@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(
  "shape, rates",
  [
    ([2, 9, 7, 3], (1, 1)),
    ([2, 9, 7, 3], (2, 2)),
    ([2, 9, 7, 3], (4, 4)),
    ([2, 9, 7, 3], (1, 6)),
    ([2, 9, 7, 3], (9, 3)),
    ([1, 9, 7, 3], (8, 8)),
    ([1, 9, 7, 3], (9, 9)),
    ([1, 6, 21, 2], (12, 12)),
    ([1, 6, 21, 2], (6, 15)),
    ([1, 1, 1, 2], (6, 6)),
  ],
)
def test_equals_the_sum_over_the_taps(shape, rates, known, depthwise):
  inputs, kernel = _make(shape, depthwise)
  spec = tf.TensorSpec(
    shape if known else [None, None, None, shape[-1]], tf.float32
  )

  @tf.function(input_signature=[spec])
  def run(inputs):
    return _convolve(depthwise)(inputs, kernel, (1, 1), "SAME", rates)

  expected = _reference(inputs, kernel, rates, depthwise)
  np.testing.assert_allclose(run(inputs), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.parametrize("rate", [4, 6, 12])
@pytest.mark.parametrize("known", [False, True])
def test_the_gradient_is_that_of_one_convolution(rate, known, depthwise):
  inputs, kernel = _make([2, 11, 8, 3], depthwise)
  spec = tf.TensorSpec(inputs.shape if known else [None] * 3 + [3], tf.float32)

  def gradients(function):
    @tf.function(input_signature=[spec])
    def run(inputs):
      with tf.GradientTape() as tape:
        tape.watch([inputs, kernel])
        loss = tf.reduce_sum(function(inputs) ** 2)
      return tape.gradient(loss, [inputs, kernel])

    return run(inputs)

  def plain(inputs):
    options = {"padding": "SAME", "dilations": [rate, rate]}
    if depthwise:
      return tf.nn.depthwise_conv2d(inputs, kernel, [1, 1, 1, 1], **options)
    return tf.nn.convolution(inputs, kernel, **options)

  found = gradients(
    lambda x: _convolve(depthwise)(x, kernel, (1, 1), "SAME", (rate, rate))
  )
  for a, b in zip(found, gradients(plain), strict=True):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.parametrize("padding, size", [("SAME", 4), ("VALID", 3)])
def test_strides_are_those_of_tensorflow(padding, size, depthwise):
  inputs, kernel = _make([1, 8, 8, 3], depthwise)
  found = _convolve(depthwise)(inputs, kernel, (2, 2), padding, (1, 1))
  assert found.shape[1:3] == [size, size]


def test_taps_beside_the_map_are_left_out():
  inputs, kernel = _make([1, 17, 17, 2], depthwise=False)
  graph = tf.function(
    lambda x: convolution.convolve(x, kernel, (1, 1), "SAME", (18, 18))
  ).get_concrete_function(inputs)
  types = [op.type for op in graph.graph.get_operations()]
  assert types.count("MatMul") == 1
