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

import pytest
import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling.backbones import mobilenet_v3
from tests import models


def _build(name, *arguments):
  with models.without_initial_values():
    model = mobilenet_v3.MobileNetV3(name, *arguments)
    return model, model(tf.zeros([1, 33, 49, 3]))


@pytest.mark.parametrize(
  "name, features, low_level",
  [
    ("mobilenet_v3_large_seg", 480, {4: 72, 8: 120, 16: 672}),
    ("mobilenet_v3_small_seg", 288, {4: 16, 8: 88, 16: 144}),
    ("mobilenet_edgetpu", 1280, {}),
  ],
)
def test_maps_and_channels(name, features, low_level):
  _, maps = _build(name)
  assert maps.features.shape == [1, 3, 4, features]
  sizes = {4: (9, 13), 8: (5, 7), 16: (3, 4)}
  assert {k: v.shape for k, v in maps.low_level.items()} == {
    k: [1, *sizes[k], channels] for k, channels in low_level.items()
  }


def test_channels_stay_multiples_of_eight():
  model, maps = _build("mobilenet_edgetpu", 32, 0.75)
  shapes = {k: v.shape.as_list() for k, v in model.slim_variables().items()}
  assert shapes["MobilenetEdgeTPU/Conv/weights"] == [3, 3, 3, 24]
  # 12 is rounded up.
  name = "MobilenetEdgeTPU/expanded_conv/project/weights"
  assert shapes[name] == [1, 1, 24, 16]
  assert maps.features.shape == [1, 2, 2, 960]


@pytest.mark.parametrize(
  "output_stride, strides, rates",
  [
    (32, [2, 1, 1, 1], [1, 1, 1, 1]),
    (16, [1, 1, 1, 1], [1, 2, 2, 2]),
    (8, [1, 1, 1, 1], [2, 4, 4, 4]),
  ],
)
def test_the_block_that_loses_its_stride_keeps_its_rate(
  output_stride, strides, rates
):
  model, _ = _build("mobilenet_v3_small_seg", output_stride)
  convs = [block.convs[-1].conv for block in model.blocks[8:]]
  assert [conv.strides[0] for conv in convs] == strides[: len(convs)]
  assert [conv.dilation_rate[0] for conv in convs] == rates[: len(convs)]


def test_a_block_of_edgetpu_is_not_residual_though_shapes_agree():
  model, _ = _build("mobilenet_edgetpu")
  residual = [block.residual for block in model.blocks]
  assert not residual[13]
  assert residual[14:17] == [True] * 3


def test_weight_decay_is_left_to_full_kernels():
  options = layers.ConvOptions(tf_keras.regularizers.L2(1.0))
  with models.without_initial_values():
    model = mobilenet_v3.MobileNetV3(options=options)
    model(tf.zeros([1, 33, 33, 3]))
  kernels = [k for k in model.slim_variables() if k.endswith("/weights")]
  assert len(model.losses) == len(kernels)
