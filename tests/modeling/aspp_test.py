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

from deeplab_ssl.modeling import aspp
from deeplab_ssl.modeling import image_pooling


def _features(seed=0):
  rng = np.random.default_rng(seed)
  return tf.constant(rng.normal(size=[2, 7, 6, 3]), tf.float32)


@pytest.mark.parametrize(
  "arguments, scopes",
  [
    (
      {"atrous_rates": [2, 3]},
      ["image_pooling", "aspp0", "aspp1", "aspp2", "concat_projection"],
    ),
    ({"atrous_rates": None}, ["image_pooling", "aspp0", "concat_projection"]),
    (
      {"atrous_rates": [], "add_image_level_feature": False},
      ["aspp0", "concat_projection"],
    ),
    (
      {"atrous_rates": [2], "separable": True, "concat_projection": False},
      ["image_pooling", "aspp0", "aspp1_depthwise", "aspp1_pointwise"],
    ),
  ],
)
def test_the_branches_are_those_asked_for(arguments, scopes):
  layer = aspp.Aspp(filters=4, **arguments)
  outputs = layer(_features())
  assert {name.split("/")[0] for name in layer.slim_variables()} == set(scopes)
  channels = 4
  if not arguments.get("concat_projection", True):
    channels = 4 * 3
  assert outputs.shape == [2, 7, 6, channels]


def test_the_order_of_the_branches_is_the_originals():
  layer = aspp.Aspp([2, 3], 4, concat_projection=False)
  features = _features()
  outputs = tf.split(layer(features), 4, axis=-1)
  for output, branch in zip(outputs[1:], layer.branches, strict=True):
    np.testing.assert_array_equal(output, branch(features))
  rates = [branch.conv.dilation_rate[0] for branch in layer.branches]
  assert rates == [1, 2, 3]
  # Every pixel has the pooled image.
  mean = tf.reduce_mean(features, [1, 2], keepdims=True)
  expected = np.broadcast_to(layer.image_pooling(mean), [2, 7, 6, 4])
  np.testing.assert_allclose(outputs[0], expected, rtol=1e-5)


def test_dropout_is_apart_from_batch_norm():
  layer = aspp.Aspp(None, 64)
  features = _features()
  plain = layer(features).numpy()
  dropped = layer(features, training=False, dropout=True).numpy()
  kept = dropped != 0
  np.testing.assert_allclose(dropped[kept], plain[kept] / 0.9, rtol=1e-5)
  share = np.mean(dropped[plain > 0] == 0)
  assert 0.05 < share < 0.15
  # The statistics have not moved.
  np.testing.assert_array_equal(layer(features), plain)


@pytest.mark.parametrize("gate", ["sigmoid", "quantized_sigmoid"])
def test_a_gate_weighs_what_the_others_give(gate):
  pooling = image_pooling.Pooling(gate=gate)
  layer = aspp.Aspp([2], 4, pooling=pooling)
  features = _features()
  outputs = layer(features)
  branches = [branch(features) for branch in layer.branches]
  expected = layer.projection(tf.concat(branches, -1))
  mean = tf.reduce_mean(features, [1, 2], keepdims=True)
  np.testing.assert_allclose(
    outputs, expected * layer.image_pooling(mean), rtol=1e-4, atol=1e-6
  )
  assert "image_pooling/biases" in layer.slim_variables()


def test_activations_are_bounded_but_for_image_pooling():
  layer = aspp.Aspp([2], 4, concat_projection=False, activation=tf.nn.relu6)
  outputs = np.asarray(layer(1e4 * _features()))
  assert outputs[..., 4:].max() == 6
  assert outputs[..., :4].max() > 6
