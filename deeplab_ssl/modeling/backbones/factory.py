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

from collections.abc import Callable
import functools
from typing import Any
from typing import NamedTuple

from deeplab_ssl.common import suggestions
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling.backbones import atrous
from deeplab_ssl.modeling.backbones import backbone
from deeplab_ssl.modeling.backbones import mobilenet_v2
from deeplab_ssl.modeling.backbones import mobilenet_v3
from deeplab_ssl.modeling.backbones import nas
from deeplab_ssl.modeling.backbones import resnet_v1
from deeplab_ssl.modeling.backbones import xception

# The middle of [0, 255], which most networks see as 0.
_MIDDLE = 127.5


class Row(NamedTuple):
  """A backbone.

  Attributes:
    build: makes it, given the options, `output_stride` and `options`.
    scope: first component of the names of its variables in a checkpoint.
    option_names: options that it has of those of `build_backbone`.
    low_level_strides: strides of the maps that a decoder may take.
    units: of the last block, each of which may have a factor on its rate.
    padding: what is beyond an image, in [0, 255], a number or one per channel;
      source: `mean_pixel` of the original's feature_extractor.py.
  """

  build: Callable[..., backbone.Backbone]
  scope: str
  option_names: tuple[str, ...]
  low_level_strides: tuple[int, ...] = (4, 8, 16)
  units: int = 3
  padding: float | tuple[float, float, float] = _MIDDLE


def _resnet(name, network):
  # The original pads the images of the plain ResNet-18, from which it subtracts
  # the mean as well, with the middle.
  centered = name in ("resnet_v1_50", "resnet_v1_101")
  return Row(
    functools.partial(resnet_v1.ResNetV1, name),
    network.scope,
    ("multi_grid",),
    units=network.units[-1],
    padding=backbone.MEAN_RGB if centered else _MIDDLE,
  )


_NAS_OPTIONS = (
  "nas_stem_output_num_conv_filters",
  "nas_remove_os32_stride",
  "nas_use_classification_head",
  "drop_path_keep_prob",
)
_MOBILENET_V2 = Row(
  mobilenet_v2.MobileNetV2, "MobilenetV2", ("depth_multiplier", "divisible_by")
)
_ROWS = {
  "mobilenet_v2": _MOBILENET_V2,
  "mobilenet_v2_mini": _MOBILENET_V2._replace(
    build=functools.partial(
      mobilenet_v2.MobileNetV2, blocks=mobilenet_v2.MINI_BLOCKS
    ),
    low_level_strides=(4, 8),
  ),
  **{
    name: Row(
      functools.partial(mobilenet_v3.MobileNetV3, name),
      network.scope,
      ("depth_multiplier",),
      tuple(network.low_level),
    )
    for name, network in mobilenet_v3.NETWORKS.items()
  },
  **{
    name: _resnet(name, network) for name, network in resnet_v1.NETWORKS.items()
  },
  **{
    name: Row(
      functools.partial(nas.Nas, name),
      network.scope,
      _NAS_OPTIONS,
      tuple(network.low_level),
    )
    for name, network in nas.NETWORKS.items()
  },
  **{
    scope: Row(
      functools.partial(xception.Xception, scope),
      scope,
      ("multi_grid", "use_bounded_activation"),
    )
    for scope in xception.BLOCKS
  },
}
NAMES = tuple(sorted(_ROWS))
# What the options of a backbone are where it is not asked for them.
_DEFAULTS = {
  "multi_grid": None,
  "depth_multiplier": 1.0,
  "divisible_by": None,
  "nas_stem_output_num_conv_filters": 20,
  "nas_remove_os32_stride": False,
  "nas_use_classification_head": False,
  "drop_path_keep_prob": 1.0,
}
# Options of backbones, of which the last one acts on head and decoder, too.
OPTION_NAMES = (*_DEFAULTS, "use_bounded_activation")


def row_of(name: str) -> Row:
  """Returns the row of a backbone.

  Args:
    name: one of `NAMES`.

  Raises:
    ValueError: if the name is unknown, naming the nearest.
  """
  if name not in _ROWS:
    raise ValueError(
      f"Argument `backbone` must be one of {NAMES}. Received: "
      f"backbone={name!r}.{suggestions.did_you_mean(name, NAMES)}"
    )
  return _ROWS[name]


def build_backbone(
  name: str,
  *,
  output_stride: int = 16,
  conv_options: layers.ConvOptions = layers.ConvOptions(),
  **options: Any,
) -> backbone.Backbone:
  """Builds a backbone of the original.

  Args:
    name: one of `NAMES`.
    output_stride: stride of the features: 8, 16 or 32.
    conv_options: what all convolutions share.
    **options: see `check_options`.

  Raises:
    ValueError: if the name is unknown, naming the nearest, or an argument has
      no meaning for this backbone.
  """
  check_options(name, **options)
  row = _ROWS[name]
  return row.build(
    output_stride=output_stride,
    options=conv_options,
    **{key: options[key] for key in row.option_names if key in options},
  )


def size_step(
  name: str, output_stride: int, nas_remove_os32_stride: bool = False
) -> int:
  """Returns n of the sides n * k + 1 of images that fill the features' grid.

  Args:
    name: one of `NAMES`.
    output_stride: stride of the features.
    nas_remove_os32_stride: see `modeling.build_deeplab`.
  """
  if name not in nas.NETWORKS:
    return output_stride
  return max(output_stride, nas.size_step(name, nas_remove_os32_stride))


def check_options(name: str, **options: Any) -> None:
  """Refuses options that a backbone does not have.

  Args:
    name: one of `NAMES`.
    **options: arguments of `modeling.build_deeplab`, where they are explained,
      that only some backbones have; all optional.

  Raises:
    ValueError: if the name is unknown, naming the nearest, or an argument has
      no meaning for this backbone.
  """
  row = row_of(name)
  for key, default in _DEFAULTS.items():
    value = options.get(key, default)
    if key not in row.option_names and value not in (default, []):
      raise ValueError(
        f"Backbone {name!r} has no {key}. Received: {key}={value}; leave it "
        f"out{'' if default is None else f', or at {default}'}."
      )
  if "multi_grid" in row.option_names:
    atrous.unit_rates(options.get("multi_grid"), row.units)
