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

"""MobileNetV2 from Model Garden's blocks, laid out as in research/deeplab.

Model Garden's own `MobileNet` gives the block whose stride is dropped the new
atrous rate; the original, whose checkpoints are loaded here, applies that rate
only from the next block on.
"""

from official.vision.modeling.backbones import mobilenet
from official.vision.modeling.layers import nn_blocks
import tensorflow as tf

from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import normalization
from deeplab_ssl.modeling.backbones import atrous
from deeplab_ssl.modeling.backbones import backbone
from deeplab_ssl.modeling.backbones import channels as channels_lib

# (channels, stride, repeats) of the inverted bottlenecks behind the stem; all
# but the first expand their input sixfold. Source: MobileNetV2, Table 2.
BLOCKS = (
  (16, 1, 1),
  (24, 2, 2),
  (32, 2, 3),
  (64, 2, 4),
  (96, 1, 3),
  (160, 2, 3),
  (320, 1, 1),
)
# Ours: the first third of the network, for demos and tests. From random weights
# it learns in minutes on a CPU.
MINI_BLOCKS = ((16, 1, 1), (24, 2, 2), (48, 2, 1), (64, 1, 2))
# Number of the block, from 0, whose expanded map has a stride; source:
# `networks_to_feature_maps` of core/feature_extractor.py.
_LOW_LEVEL = {4: 2, 8: 5, 16: 12}
_STEM_CHANNELS = 32
_STEM_STRIDE = 2
_NORM = normalization.NormConstants(0.997, 1e-3)


def scaled_channels(
  channels: int, depth_multiplier: float, divisible_by: int | None = None
) -> int:
  """Returns the channel count the original derives from a depth multiplier.

  Args:
    channels: the count at multiplier 1.
    depth_multiplier: factor on it.
    divisible_by: what the count is a multiple of; None is 8 at multiplier 1,
      where there is nothing to round, and 1 elsewhere.
  """
  whole = depth_multiplier == 1
  return channels_lib.round_channels(
    channels * depth_multiplier,
    divisible_by or (8 if whole else 1),
    least=8 if whole else 1,
  )


class _Stem(mobilenet.Conv2DBNBlock):
  """Model Garden's block, whose frozen batch norm goes into the kernel."""

  def call(self, inputs, training=None):
    x = normalization.conv_norm(self._conv0, self._norm0, inputs, training)
    return self._activation_layer(x)


class _Bottleneck(nn_blocks.InvertedBottleneckBlock):
  """Model Garden's block, whose frozen batch norms go into the kernels."""

  def call(self, inputs, training=None):
    """Returns the output and `{"depthwise": map}`, the expanded one."""
    x = inputs
    if self._expand_ratio > 1:
      x = normalization.conv_norm(self._conv0, self._norm0, x, training)
      x = self._activation_layer(x)
    x = normalization.conv_norm(self._conv1, self._norm1, x, training)
    depthwise = self._depthwise_activation_layer(x)
    x = normalization.conv_norm(self._conv2, self._norm2, depthwise, training)
    residual = self._use_residual and self._strides == 1
    if residual and self._in_filters == self._out_filters:
      x += inputs
    return x, {"depthwise": depthwise}


class MobileNetV2(backbone.Backbone):
  """Atrous MobileNetV2 up to `layer_18`, the 320-channel linear bottleneck.

  The low-level maps are the expanded ones of `layer_4`, `layer_7` and
  `layer_14`; the features have `320 * depth_multiplier` channels.

  Args:
    output_stride: 8, 16 or 32, and no more than the blocks have.
    depth_multiplier: factor on all channels.
    divisible_by: see `scaled_channels`.
    options: what all convolutions share.
    blocks: table of (channels, stride, repeats).

  Raises:
    ValueError: if the blocks do not reach the output stride.
  """

  def __init__(
    self,
    output_stride=16,
    depth_multiplier=1.0,
    divisible_by=None,
    options=layers.ConvOptions(),
    blocks=BLOCKS,
  ):
    super().__init__("mobilenet_v2", output_stride)
    options = options._replace(norm=_NORM)
    common = {
      "activation": "relu6",
      "kernel_regularizer": options.kernel_regularizer,
      "norm_momentum": options.norm_momentum,
      "norm_epsilon": options.norm.epsilon,
    }

    def scaled(base):
      return scaled_channels(base, depth_multiplier, divisible_by)

    channels = scaled(_STEM_CHANNELS)
    self.stem = _Stem(channels, strides=_STEM_STRIDE, **common)
    rows = [
      (scaled(base), stride if i == 0 else 1)
      for base, stride, repeats in blocks
      for i in range(repeats)
    ]
    plan = atrous.schedule(
      [stride for _, stride in rows], _STEM_STRIDE, output_stride
    )
    self.blocks = []
    for (filters, _), (stride, rate) in zip(rows, plan, strict=True):
      self.blocks.append(
        _Bottleneck(
          channels,
          filters,
          expand_ratio=6 if self.blocks else 1,
          strides=stride,
          dilation_rate=rate,
          divisible_by=8,
          output_intermediate_endpoints=True,
          **common,
        )
      )
      channels = filters

  def call(self, images, training=None, recompute=False):
    x = self.stem(images, training=training)
    expanded = []
    for block in self.blocks:
      x, endpoints = self.apply_block(block, x, training, recompute)
      expanded.append(endpoints["depthwise"])
    low_level = {
      stride: expanded[i]
      for stride, i in _LOW_LEVEL.items()
      if i < len(expanded)
    }
    return backbone.Maps(x, low_level)

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    scope = "MobilenetV2/Conv"
    variables = {f"{scope}/weights": self.stem._conv0.kernel}
    variables |= normalization.norm_variables(
      f"{scope}/BatchNorm", self.stem._norm0
    )
    for i, block in enumerate(self.blocks):
      scope = "MobilenetV2/expanded_conv" + (f"_{i}" if i else "")
      variables[f"{scope}/depthwise/depthwise_weights"] = (
        block._conv1.depthwise_kernel
      )
      variables |= normalization.norm_variables(
        f"{scope}/depthwise/BatchNorm", block._norm1
      )
      variables[f"{scope}/project/weights"] = block._conv2.kernel
      variables |= normalization.norm_variables(
        f"{scope}/project/BatchNorm", block._norm2
      )
      if i:
        variables[f"{scope}/expand/weights"] = block._conv0.kernel
        variables |= normalization.norm_variables(
          f"{scope}/expand/BatchNorm", block._norm0
        )
    return variables
