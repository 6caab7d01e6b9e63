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

from deeplab_ssl.modeling import image_pooling
from deeplab_ssl.modeling import layers


def _features(*shape):
  rng = np.random.default_rng(0)
  return tf.constant(rng.normal(size=shape), tf.float32)


def _pooling(**options):
  return image_pooling.Pooling(**options)


def test_without_a_crop_it_is_the_mean_of_the_map():
  features = _features(2, 5, 4, 3)
  means = image_pooling.pool(features, _pooling())
  np.testing.assert_allclose(
    means, np.mean(features, (1, 2), keepdims=True), rtol=1e-5
  )


@pytest.mark.parametrize(
  "crop, output_stride, scale, window",
  [
    ((65, 97), 16, 1.0, (5, 7)),
    ((65, 97), 32, 1.0, (3, 4)),
    ((64, 96), 16, 1.0, (4, 6)),
    ((65, 97), 16, 0.5, (3, 4)),
    ((65, 97), 16, 1.25, (6, 8)),
  ],
)
@pytest.mark.parametrize("strides", [(1, 1), (2, 3)])
def test_windows_cover_a_part_of_the_image(
  crop, output_stride, scale, window, strides
):
  features = _features(1, 9, 11, 2)
  pooling = _pooling(
    crop_size=crop, strides=strides, output_stride=output_stride
  )
  means = image_pooling.pool(features, pooling, scale).numpy()
  rows = range(0, 9 - window[0] + 1, strides[0])
  columns = range(0, 11 - window[1] + 1, strides[1])
  assert means.shape == (1, len(rows), len(columns), 2)
  for i, row in enumerate(rows):
    for j, column in enumerate(columns):
      part = features[0, row : row + window[0], column : column + window[1]]
      np.testing.assert_allclose(
        means[0, i, j], np.mean(part, (0, 1)), rtol=1e-4, atol=1e-6
      )


def test_a_window_larger_than_the_map_is_refused():
  message = r"crop_size=\[65, 97\], of which the window is 5 x 7, .* 5 x 6"
  with pytest.raises(ValueError, match=message):
    image_pooling.pool(_features(1, 5, 6, 1), _pooling(crop_size=(65, 97)))


def test_the_mean_of_a_narrow_type_is_that_of_a_wide_one():
  features = tf.fill([1, 64, 64, 1], 1.0) + _features(1, 64, 64, 1) / 8
  narrow = tf.cast(features, tf.bfloat16)
  mean = image_pooling.pool(narrow, _pooling())
  assert mean.dtype == tf.bfloat16
  expected = tf.reduce_mean(tf.cast(narrow, tf.float32))
  np.testing.assert_allclose(float(mean[0, 0, 0, 0]), expected, rtol=4e-3)


@pytest.mark.parametrize(
  "gate, kind, highest",
  [
    ("", layers.ConvBatchNorm, np.inf),
    ("sigmoid", layers.ConvBias, 1.0),
    ("quantized_sigmoid", layers.ConvBias, 1.00002),
  ],
)
def test_a_gate_has_a_bias_and_no_norm(gate, kind, highest):
  conv = image_pooling.make_conv(4, _pooling(gate=gate), layers.ConvOptions())
  assert isinstance(conv, kind)
  outputs = conv(100 * _features(1, 3, 3, 2)).numpy()
  assert outputs.min() >= 0
  assert outputs.max() == pytest.approx(highest) or not gate
  names = {name.split("/", 1)[1] for name in conv.slim_variables()}
  assert ("biases" in names) == bool(gate)
