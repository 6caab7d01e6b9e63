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

import types

import pytest
import tensorflow as tf

from deeplab_ssl.training import gradient_multipliers


@pytest.mark.parametrize(
  "name, expected, logits_only",
  [
    ("MobilenetV2/Conv/weights", 1, 1),
    ("resnet_v1_50/conv1_1/BatchNorm/beta", 1, 1),
    ("resnet_v1_50/conv1/biases", 2, 2),
    ("logits/semantic/weights", 10, 10),
    ("logits/semantic/biases", 20, 20),
    ("logits/semantic_1/biases", 20, 20),
    ("aspp1_depthwise/depthwise_weights", 10, 1),
    ("image_pooling/BatchNorm/gamma", 10, 1),
    ("concat_projection/weights", 10, 1),
    ("decoder/decoder_conv0_pointwise/weights", 10, 1),
  ],
)
def test_the_head_is_multiplied_and_a_bias_twice(name, expected, logits_only):
  multiplier = gradient_multipliers.gradient_multiplier
  assert multiplier(name, 10.0) == expected
  found = multiplier(name, 10.0, last_layers_contain_logits_only=True)
  assert found == logits_only
  assert multiplier(name) == (2 if "biases" in name else 1)


def test_variables_are_told_by_their_names_in_a_checkpoint():
  kernel, bias, other = (tf.Variable(0.0) for _ in range(3))
  model = types.SimpleNamespace(
    slim_variables=lambda: {"logits/weights": kernel, "logits/biases": bias}
  )
  found = gradient_multipliers.multipliers_of(
    model, [other, bias, kernel], last_layer_gradient_multiplier=10.0
  )
  assert found == [1.0, 20.0, 10.0]


def test_a_model_without_such_names_has_no_multipliers():
  variables = [tf.Variable(0.0), tf.Variable(1.0)]
  found = gradient_multipliers.multipliers_of(
    tf.Module(), variables, last_layer_gradient_multiplier=10.0
  )
  assert found == [1.0, 1.0]
