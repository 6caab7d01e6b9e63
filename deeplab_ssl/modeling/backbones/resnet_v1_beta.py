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

"""ResNet-v1 "beta": a stem of three 3x3 convolutions, strides at the end.

Source: research/deeplab/core/resnet_v1_beta.py. Unlike in Model Garden's
dilated ResNet, the last unit of a block is the strided one.
"""

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling.backbones import atrous
from deeplab_ssl.modeling.backbones import backbone

# (output channels, stride of the last unit) of the four blocks.
_BLOCKS = ((256, 2), (512, 2), (1024, 2), (2048, 1))
# Units of each block.
UNITS = {"resnet_v1_50": (3, 4, 6, 3), "resnet_v1_101": (3, 4, 23, 3)}
_STEM_CHANNELS = (64, 64, 128)
_STEM_STRIDE = 4
_NORM = layers.NormConstants(0.95, 1e-5)


class _Bottleneck(tf_keras.layers.Layer):
  """1x1, 3x3 and 1x1 convolution, added to their input or its projection."""

  def __init__(self, scope, depth, has_projection, stride, rate, options):
    super().__init__(name=scope.replace("/", "_"))
    self.scope = scope
    self.stride = stride
    self.shortcut = None
    if has_projection:
      self.shortcut = layers.ConvBatchNorm(
        f"{scope}/shortcut", depth, strides=stride, linear=True, options=options
      )
    inner = depth // 4
    self.convs = [
      layers.ConvBatchNorm(f"{scope}/conv1", inner, options=options),
      layers.ConvBatchNorm(
        f"{scope}/conv2", inner, 3, strides=stride, rate=rate, options=options
      ),
      layers.ConvBatchNorm(
        f"{scope}/conv3", depth, linear=True, options=options
      ),
    ]

  def call(self, inputs, training=None):
    """Returns the sum and the residual that went into it."""
    residual = inputs
    for conv in self.convs:
      residual = conv(residual, training=training)
    if self.shortcut is not None:
      shortcut = self.shortcut(inputs, training=training)
    else:
      shortcut = inputs[:, :: self.stride, :: self.stride]
    return tf.nn.relu(shortcut + residual), residual

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    shortcut = [self.shortcut] if self.shortcut is not None else []
    return layers.slim_variables_of([*self.convs, *shortcut])


class ResNetV1Beta(backbone.Backbone):
  """Atrous ResNet-v1 with bottleneck units.

  The low-level map has 256 channels and is taken before the shortcut is added;
  the features have 2048 channels.

  Args:
    scope: "resnet_v1_50" or "resnet_v1_101", also the slim scope.
    output_stride: 8, 16 or 32.
    multi_grid: factors on the atrous rates of the three units of the last
      block; None is (1, 1, 1). The released checkpoints want (1, 2, 4).
    options: what all convolutions share.

  Raises:
    ValueError: if `multi_grid` has not three entries.
  """

  def __init__(
    self,
    scope="resnet_v1_50",
    output_stride=16,
    multi_grid=None,
    options=layers.ConvOptions(),
  ):
    super().__init__(scope, output_stride)
    options = options._replace(norm=_NORM, kernel_initializer="he_normal")
    multi_grid = atrous.unit_rates(multi_grid)
    self.stem = [
      layers.ConvBatchNorm(
        f"{scope}/conv1_{i}",
        channels,
        3,
        strides=2 if i == 1 else 1,
        options=options,
      )
      for i, channels in enumerate(_STEM_CHANNELS, start=1)
    ]
    self.pool = tf_keras.layers.MaxPool2D(3, strides=2, padding="same")
    rows = [
      (block, unit, depth, stride if unit == count else 1)
      for block, ((depth, stride), count) in enumerate(
        zip(_BLOCKS, UNITS[scope], strict=True), start=1
      )
      for unit in range(1, count + 1)
    ]
    plan = atrous.schedule(
      [row[-1] for row in rows], _STEM_STRIDE, output_stride
    )
    self.units = [
      _Bottleneck(
        f"{scope}/block{block}/unit_{unit}/bottleneck_v1",
        depth,
        unit == 1,
        stride,
        rate * multi_grid[unit - 1] if block == len(_BLOCKS) else rate,
        options,
      )
      for (block, unit, depth, _), (stride, rate) in zip(
        rows, plan, strict=True
      )
    ]
    # The unit in front of the one that leaves stride 4.
    self.low_level_unit = UNITS[scope][0] - 2

  def call(self, images, training=None, recompute=False):
    x = images
    for conv in self.stem:
      x = conv(x, training=training)
    x = self.pool(x)
    for i, unit in enumerate(self.units):
      x, residual = self.apply_block(unit, x, training, recompute)
      if i == self.low_level_unit:
        low_level = residual
    return {backbone.LOW_LEVEL: low_level, self.feature_level: x}

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return layers.slim_variables_of([*self.stem, *self.units])
