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
from deeplab_ssl.modeling.backbones import inverted_bottleneck

_OPTIONS = layers.ConvOptions()


def _layer(channels_in=8, filters=8, stride=1, rate=1, **options):
  block = inverted_bottleneck.Block(
    **{"kernel_size": 3, "expansion": 4, "filters": filters} | options
  )
  return inverted_bottleneck.InvertedBottleneck(
    "a", block, channels_in, filters, stride, rate, _OPTIONS
  )


def _images(channels=8):
  rng = np.random.default_rng(0)
  return tf.constant(rng.normal(size=[2, 6, 5, channels]), tf.float32)


def _shapes(layer):
  return {
    name.removeprefix("a/"): v.shape.as_list()
    for name, v in layer.slim_variables().items()
    if "BatchNorm" not in name
  }


def test_the_variables_of_all_parts():
  layer = _layer(squeeze=True, kernel_size=5)
  layer(_images())
  assert _shapes(layer) == {
    "expand/weights": [1, 1, 8, 32],
    "depthwise/depthwise_weights": [5, 5, 32, 1],
    "squeeze_excite/Conv/weights": [1, 1, 32, 8],
    "squeeze_excite/Conv/biases": [8],
    "squeeze_excite/Conv_1/weights": [1, 1, 8, 32],
    "squeeze_excite/Conv_1/biases": [32],
    "project/weights": [1, 1, 32, 8],
  }


def test_nothing_is_expanded_to_no_more_channels():
  layer = _layer(expansion=1)
  layer(_images())
  assert set(_shapes(layer)) == {
    "depthwise/depthwise_weights",
    "project/weights",
  }


def test_a_fused_block_has_one_large_kernel_or_none():
  layer = _layer(fused=True)
  layer(_images())
  assert _shapes(layer) == {
    "expand/weights": [3, 3, 8, 32],
    "project/weights": [1, 1, 32, 8],
  }
  layer = _layer(fused=True, expansion=1)
  layer(_images())
  assert set(_shapes(layer)) == {"project/weights"}


@pytest.mark.parametrize(
  "options, added",
  [
    ({}, True),
    # A block whose stride is dropped is a residual one.
    ({"rate": 2}, True),
    ({"stride": 2}, False),
    ({"filters": 16}, False),
    ({"residual": False}, False),
  ],
)
def test_the_input_is_added_where_shapes_agree(options, added):
  layer = _layer(**options)
  images = _images()
  layer(images)
  layer.slim_variables()["a/project/BatchNorm/gamma"].assign(
    tf.zeros([layer.project.conv.filters])
  )
  output, _ = layer(images)
  expected = images if added else tf.zeros_like(output)
  np.testing.assert_allclose(output, expected, atol=1e-6)


def test_strides_are_padded_at_the_end():
  layer = _layer(stride=2)
  output, convolved = layer(tf.zeros([1, 8, 7, 8]))
  assert output.shape == [1, 4, 4, 8]
  assert convolved.shape == [1, 4, 4, 32]
  # The tap in the middle meets the second pixel of every two, not the first.
  kernel = np.zeros([3, 3, 32, 1])
  kernel[1, 1] = 1
  layer.slim_variables()["a/depthwise/depthwise_weights"].assign(kernel)
  images = _images()[:, :, :4]
  expanded = layer.convs[0](images)
  _, convolved = layer(images)
  scale = 1 / np.sqrt(1 + layers.ConvOptions().norm.epsilon)
  np.testing.assert_allclose(
    convolved, expanded[:, 1::2, 1::2] * scale, rtol=1e-4, atol=1e-6
  )


def test_squeeze_and_excitation_weighs_whole_channels():
  layer = inverted_bottleneck.SqueezeExcite("a", 16, _OPTIONS)
  maps = _images(16)
  layer(maps)
  rng = np.random.default_rng(2)
  variables = layer.slim_variables()
  for variable in variables.values():
    variable.assign(rng.normal(size=variable.shape))
  values = {k: v.numpy() for k, v in variables.items()}
  mean = maps.numpy().mean((1, 2))
  squeezed = np.maximum(
    mean @ values["a/Conv/weights"][0, 0] + values["a/Conv/biases"], 0
  )
  logits = squeezed @ values["a/Conv_1/weights"][0, 0]
  gate = np.clip(logits + values["a/Conv_1/biases"] + 3, 0, 6) * 0.16667
  np.testing.assert_allclose(
    layer(maps), maps * gate[:, None, None], rtol=1e-4, atol=1e-5
  )
