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
"""MobileNetV3 for segmentation, large and small, and MobileNet-EdgeTPU.

Source: Howard et al. (2019), Tables 1 and 2, with the outputs of the last
stage and of the last convolution halved; `V3_LARGE_SEG`, `V3_SMALL_SEG` and
`V3_EDGETPU` of the original.
"""

from typing import NamedTuple

import tensorflow as tf

from deeplab_ssl.modeling import activations
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import normalization
from deeplab_ssl.modeling.backbones import atrous
from deeplab_ssl.modeling.backbones import backbone
from deeplab_ssl.modeling.backbones import channels
from deeplab_ssl.modeling.backbones import inverted_bottleneck

_STEM_STRIDE = 2
_NORM = normalization.NormConstants(0.997, 1e-3)
_INIT_STDDEV = 0.09
_Block = inverted_bottleneck.Block


class Network(NamedTuple):
  """The table of a network.

  Attributes:
    scope: slim scope.
    stem: channels of the 3x3 convolution in front of the blocks.
    blocks: its blocks.
    last: channels of the 1x1 convolution behind the blocks.
    activation: of these two convolutions.
    low_level: {stride: number of the block whose convolved map has it}.
  """

  scope: str
  stem: int
  blocks: tuple[inverted_bottleneck.Block, ...]
  last: int
  activation: layers.Activation
  low_level: dict[int, int]


def _swish(kernel_size, expansion, filters, stride=1, squeeze=False):
  return _Block(
    kernel_size, expansion, filters, stride, squeeze, activations.hard_swish
  )


_LARGE = Network(
  "MobilenetV3",
  16,
  (
    _Block(3, 1, 16),
    _Block(3, 4, 24, 2),
    _Block(3, 3, 24),
    _Block(5, 3, 40, 2, squeeze=True),
    *[_Block(5, 3, 40, squeeze=True)] * 2,
    _swish(3, 6, 80, 2),
    _swish(3, 2.5, 80),
    *[_swish(3, 184 / 80, 80)] * 2,
    *[_swish(3, 6, 112, squeeze=True)] * 2,
    _swish(5, 3, 80, 2, squeeze=True),
    *[_swish(5, 6, 80, squeeze=True)] * 2,
  ),
  480,
  activations.hard_swish,
  {4: 2, 8: 5, 16: 11},
)
_SMALL = Network(
  "MobilenetV3",
  16,
  (
    _Block(3, 1, 16, 2, squeeze=True),
    _Block(3, 72 / 16, 24, 2),
    _Block(3, 88 / 24, 24),
    _swish(5, 4, 40, 2, squeeze=True),
    *[_swish(5, 6, 40, squeeze=True)] * 2,
    *[_swish(5, 3, 48, squeeze=True)] * 2,
    _swish(5, 3, 48, 2, squeeze=True),
    *[_swish(5, 6, 48, squeeze=True)] * 2,
  ),
  288,
  activations.hard_swish,
  {4: 0, 8: 2, 16: 7},
)


def _stage(kernel_size, filters, stride, *, fused=False, residual=True):
  """Four blocks, of which the first has the stride and expands more."""
  first = _Block(
    kernel_size, 8, filters, stride, fused=fused, residual=residual
  )
  return first, *[_Block(kernel_size, 4, filters, fused=fused)] * 3


_EDGETPU = Network(
  "MobilenetEdgeTPU",
  32,
  (
    _Block(3, 1, 16, fused=True),
    *_stage(3, 32, 2, fused=True),
    *_stage(3, 48, 2, fused=True),
    *_stage(3, 96, 2),
    *_stage(3, 96, 1, residual=False),
    *_stage(5, 160, 2),
    _Block(3, 8, 192),
  ),
  1280,
  tf.nn.relu,
  {},
)
NETWORKS = {
  "mobilenet_v3_large_seg": _LARGE,
  "mobilenet_v3_small_seg": _SMALL,
  "mobilenet_edgetpu": _EDGETPU,
}


class MobileNetV3(backbone.Backbone):
  """An atrous MobileNetV3, or a MobileNet-EdgeTPU, which has no low-level map.

  Args:
    name: one of `NETWORKS`.
    output_stride: 8, 16 or 32.
    depth_multiplier: factor on the channels, which are rounded to multiples of
      8 in any case.
    options: what all convolutions share.
  """

  def __init__(
    self,
    name="mobilenet_v3_large_seg",
    output_stride=16,
    depth_multiplier=1.0,
    options=layers.ConvOptions(),
  ):
    super().__init__(name, output_stride)
    network = NETWORKS[name]
    options = options._replace(
      norm=_NORM, kernel_initializer=layers.truncated_normal(_INIT_STDDEV)
    )

    def scaled(base):
      return channels.round_channels(base * depth_multiplier, 8, 8)

    filters = scaled(network.stem)
    self.stem = layers.ConvBatchNorm(
      f"{network.scope}/Conv",
      filters,
      3,
      strides=_STEM_STRIDE,
      activation=network.activation,
      same_padding=True,
      options=options,
    )
    plan = atrous.schedule(
      [block.stride for block in network.blocks], _STEM_STRIDE, output_stride
    )
    self.blocks = []
    for i, (block, (stride, rate)) in enumerate(
      zip(network.blocks, plan, strict=True)
    ):
      scope = f"{network.scope}/expanded_conv" + (f"_{i}" if i else "")
      before, filters = filters, scaled(block.filters)
      self.blocks.append(
        inverted_bottleneck.InvertedBottleneck(
          scope, block, before, filters, stride, rate, options
        )
      )
    self.last = layers.ConvBatchNorm(
      f"{network.scope}/Conv_1",
      scaled(network.last),
      activation=network.activation,
      options=options,
    )
    # Strides by block: Keras makes texts of the keys of its attributes.
    self._low_level = [(i, stride) for stride, i in network.low_level.items()]

  def call(self, images, training=None, recompute=False):
    x = self.stem(images, training=training)
    convolved = []
    for block in self.blocks:
      x, before = self.apply_block(block, x, training, recompute)
      convolved.append(before)
    low_level = {stride: convolved[i] for i, stride in self._low_level}
    return backbone.Maps(self.last(x, training=training), low_level)

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return layers.slim_variables_of([self.stem, *self.blocks, self.last])
