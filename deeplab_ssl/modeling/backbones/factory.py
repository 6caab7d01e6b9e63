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

"""The backbones by name."""

import functools

from deeplab_ssl.common import suggestions
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling.backbones import backbone
from deeplab_ssl.modeling.backbones import mobilenet_v2
from deeplab_ssl.modeling.backbones import resnet_v1_beta
from deeplab_ssl.modeling.backbones import xception

_BUILDERS = {
  "mobilenet_v2": mobilenet_v2.MobileNetV2,
  "mobilenet_v2_mini": functools.partial(
    mobilenet_v2.MobileNetV2, blocks=mobilenet_v2.MINI_BLOCKS
  ),
  **{
    f"{scope}_beta": functools.partial(resnet_v1_beta.ResNetV1Beta, scope)
    for scope in resnet_v1_beta.UNITS
  },
  **{
    scope: functools.partial(xception.Xception, scope)
    for scope in xception.BLOCKS
  },
}
NAMES = tuple(sorted(_BUILDERS))


def build_backbone(
  name: str,
  *,
  output_stride: int = 16,
  multi_grid=None,
  depth_multiplier: float = 1.0,
  options: layers.ConvOptions = layers.ConvOptions(),
) -> backbone.Backbone:
  """Builds a backbone of the original.

  Args:
    name: one of `NAMES`.
    output_stride: stride of the features: 8, 16 or 32.
    multi_grid: factors on the atrous rates of the last three convolutions of a
      ResNet or an Xception; None is (1, 1, 1).
    depth_multiplier: factor on the channels of a MobileNet.
    options: what all convolutions share.

  Raises:
    ValueError: if the name is unknown, naming the nearest, or an argument has
      no meaning for this backbone.
  """
  check_options(name, multi_grid=multi_grid, depth_multiplier=depth_multiplier)
  arguments = {"output_stride": output_stride, "options": options}
  if _is_mobilenet(name):
    arguments["depth_multiplier"] = depth_multiplier
  else:
    arguments["multi_grid"] = multi_grid
  return _BUILDERS[name](**arguments)


def _is_mobilenet(name):
  return name.startswith("mobilenet")


def check_options(name: str, *, multi_grid, depth_multiplier: float) -> None:
  """Refuses options that a backbone does not have.

  Args:
    name: one of `NAMES`.
    multi_grid: see `build_backbone`.
    depth_multiplier: see `build_backbone`.

  Raises:
    ValueError: if the name is unknown, naming the nearest, or an argument has
      no meaning for this backbone.
  """
  if name not in _BUILDERS:
    raise ValueError(
      f"Argument `backbone` must be one of {NAMES}. Received: "
      f"backbone={name!r}.{suggestions.did_you_mean(name, NAMES)}"
    )
  if _is_mobilenet(name) and multi_grid:
    raise ValueError(
      f"Backbone {name!r} has no multi_grid. Received: "
      f"multi_grid={multi_grid}; leave it out."
    )
  if not _is_mobilenet(name) and depth_multiplier != 1:
    raise ValueError(
      f"Backbone {name!r} has no depth multiplier. Received: "
      f"depth_multiplier={depth_multiplier}; leave it at 1."
    )
