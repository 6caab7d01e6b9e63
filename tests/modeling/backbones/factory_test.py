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

from deeplab_ssl.modeling.backbones import factory
from deeplab_ssl.modeling.backbones import mobilenet_v2
from deeplab_ssl.modeling.backbones import resnet_v1_beta
from deeplab_ssl.modeling.backbones import xception


def _kind(name):
  if name.startswith("mobilenet"):
    return mobilenet_v2.MobileNetV2
  return (
    xception.Xception
    if name.startswith("xception")
    else resnet_v1_beta.ResNetV1Beta
  )


@pytest.mark.parametrize("name", factory.NAMES)
def test_every_name_is_a_backbone(name):
  model = factory.build_backbone(name, output_stride=8)
  assert isinstance(model, _kind(name))
  assert model.feature_level == "3"


def test_the_names_are_those_of_the_original_and_a_small_one():
  assert set(factory.NAMES) == {
    *("mobilenet_v2", "mobilenet_v2_mini"),
    *("resnet_v1_50_beta", "resnet_v1_101_beta"),
    *("xception_41", "xception_65", "xception_71"),
  }


@pytest.mark.parametrize(
  "name, arguments, message",
  [
    ("mobilenetv2", {}, "Did you mean 'mobilenet_v2'"),
    ("resnet_v1_50", {}, "Received: backbone='resnet_v1_50'"),
    ("mobilenet_v2", {"multi_grid": [1, 2, 4]}, "has no multi_grid"),
    ("xception_65", {"depth_multiplier": 0.5}, "depth_multiplier=0.5; leave"),
    ("xception_65", {"multi_grid": [1, 2]}, "three factors"),
    ("resnet_v1_50_beta", {"output_stride": 4}, "output_stride=4"),
    ("mobilenet_v2_mini", {"output_stride": 16}, "the nearest is 8"),
  ],
)
def test_bad_argument_is_named(name, arguments, message):
  with pytest.raises(ValueError, match=message):
    factory.build_backbone(name, **arguments)
