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

from deeplab_ssl.modeling.backbones import mobilenet_v2
from tests import models


@pytest.mark.parametrize(
  "channels, multiplier, expected",
  [
    (32, 1.0, 32),
    (24, 0.5, 12),
    (24, 0.35, 8),  # 8.4
    (32, 0.28, 9),  # 8.96
    (16, 1.4, 22),  # 22.4
    (5, 0.3, 2),  # 1.5 is rounded up.
    (10, 0.01, 1),
    (11, 0.13, 2),  # 1.43 would lose more than a tenth as 1.
  ],
)
def test_channels_are_rounded_as_the_original_does(
  channels, multiplier, expected
):
  assert mobilenet_v2.scaled_channels(channels, multiplier) == expected


@pytest.mark.parametrize(
  "channels, multiplier, divisible_by, expected",
  [(24, 0.5, 16, 16), (24, 0.35, 8, 8), (96, 0.35, 8, 32), (24, 1.0, 4, 24)],
)
def test_channels_are_multiples_of_what_is_asked_for(
  channels, multiplier, divisible_by, expected
):
  assert expected == mobilenet_v2.scaled_channels(
    channels, multiplier, divisible_by
  )


def test_depth_multiplier_halves_the_channels_of_the_zoo_checkpoint():
  with models.without_initial_values():
    model = mobilenet_v2.MobileNetV2(depth_multiplier=0.5)
    outputs = model(tf.zeros([1, 33, 33, 3]))
  shapes = {k: v.shape.as_list() for k, v in model.slim_variables().items()}
  assert shapes["MobilenetV2/Conv/weights"] == [3, 3, 3, 16]
  name = "MobilenetV2/expanded_conv_16/project/weights"
  assert shapes[name] == [1, 1, 480, 160]
  # The low-level maps are expanded, six times the channels before them.
  assert outputs.features.shape == [1, 3, 3, 160]
  assert {k: v.shape for k, v in outputs.low_level.items()} == {
    4: [1, 9, 9, 72],
    8: [1, 5, 5, 96],
    16: [1, 3, 3, 288],
  }


def test_the_mini_one_is_the_first_third():
  with models.without_initial_values():
    model = mobilenet_v2.MobileNetV2(8, blocks=mobilenet_v2.MINI_BLOCKS)
    outputs = model(tf.zeros([1, 33, 41, 3]))
  assert outputs.features.shape == [1, 5, 6, 64]
  assert {k: v.shape for k, v in outputs.low_level.items()} == {
    4: [1, 9, 11, 144],
    8: [1, 5, 6, 384],
  }
  blocks = {name.split("/")[1] for name in model.slim_variables()}
  assert blocks == {
    *("Conv", "expanded_conv"),
    *(f"expanded_conv_{i}" for i in range(1, 6)),
  }


def test_the_block_that_loses_its_stride_keeps_its_rate():
  model = mobilenet_v2.MobileNetV2(16)
  # Blocks 13 to 15 have 160 channels, of which 13 had a stride of 2.
  assert [b._strides for b in model.blocks[12:]] == [1] * 5
  assert [b._dilation_rate for b in model.blocks[12:]] == [1, 1, 2, 2, 2]
