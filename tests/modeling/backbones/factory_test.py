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

from deeplab_ssl.modeling.backbones import factory
from deeplab_ssl.modeling.backbones import mobilenet_v2
from deeplab_ssl.modeling.backbones import mobilenet_v3
from deeplab_ssl.modeling.backbones import nas
from deeplab_ssl.modeling.backbones import resnet_v1
from deeplab_ssl.modeling.backbones import xception
from tests import models

_KINDS = {
  mobilenet_v2.MobileNetV2: ("mobilenet_v2", "mobilenet_v2_mini"),
  mobilenet_v3.MobileNetV3: (
    "mobilenet_v3_large_seg",
    "mobilenet_v3_small_seg",
    "mobilenet_edgetpu",
  ),
  nas.Nas: ("nas_pnasnet", "nas_hnasnet"),
  resnet_v1.ResNetV1: tuple(
    f"resnet_v1_{depth}{beta}"
    for depth in (18, 50, 101)
    for beta in ("", "_beta")
  ),
  xception.Xception: ("xception_41", "xception_65", "xception_71"),
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}


@pytest.mark.parametrize("name", factory.NAMES)
def test_every_name_is_a_backbone(name):
  with models.without_initial_values():
    model = factory.build_backbone(name, output_stride=8)
    maps = model(tf.zeros([1, 33, 33, 3]))
  assert isinstance(model, _KIND_OF[name])
  assert maps.features.shape[1:3] == [5, 5]
  row = factory.row_of(name)
  # Atrous networks are at stride 8 from there on; NAS ones may come back to it.
  least = 2 if name == "nas_hnasnet" else 4
  assert {k: v.shape[1] for k, v in maps.low_level.items()} == {
    stride: max(32 // stride, least) + 1 for stride in row.low_level_strides
  }
  scopes = {key.split("/")[0] for key in model.slim_variables()}
  assert scopes == {row.scope}


def test_the_names_are_those_of_the_original_and_a_small_one():
  assert set(factory.NAMES) == set(_KIND_OF)


def test_images_are_padded_with_the_mean_where_the_original_does():
  padded_with_the_mean = {
    name
    for name in factory.NAMES
    if factory.row_of(name).padding == (123.15, 115.90, 103.06)
  }
  assert padded_with_the_mean == {"resnet_v1_50", "resnet_v1_101"}
  assert factory.row_of("resnet_v1_18").padding == 127.5


@pytest.mark.parametrize(
  "arguments, expected",
  [
    (("mobilenet_v2", 16), 16),
    (("nas_pnasnet", 16), 16),
    (("nas_hnasnet", 8), 32),
    (("nas_hnasnet", 8, True), 16),
  ],
)
def test_the_step_of_sizes_is_the_output_stride_or_more(arguments, expected):
  assert factory.size_step(*arguments) == expected


@pytest.mark.parametrize(
  "name, arguments, message",
  [
    ("mobilenetv2", {}, "Did you mean 'mobilenet_v2'"),
    ("resnet_v1_50_bet", {}, "Did you mean 'resnet_v1_50_beta'"),
    ("mobilenet_v2", {"multi_grid": [1, 2, 4]}, "has no multi_grid"),
    ("xception_65", {"depth_multiplier": 0.5}, "0.5; leave it out, or at 1"),
    ("mobilenet_v3_small_seg", {"divisible_by": 8}, "has no divisible_by"),
    (
      "xception_65",
      {"nas_remove_os32_stride": True},
      "has no nas_remove_os32_stride. Received: .*=True; leave it out",
    ),
    ("nas_hnasnet", {}, "must be one of"),
    ("xception_65", {"multi_grid": [1, 2]}, "3 factors"),
    ("resnet_v1_18", {"multi_grid": [1, 2, 4]}, "2 factors"),
    ("resnet_v1_50_beta", {"output_stride": 4}, "output_stride=4"),
    ("mobilenet_v2_mini", {"output_stride": 16}, "the nearest is 8"),
  ],
)
def test_bad_argument_is_named(name, arguments, message):
  with pytest.raises(ValueError, match=message):
    factory.build_backbone(name, **arguments)
