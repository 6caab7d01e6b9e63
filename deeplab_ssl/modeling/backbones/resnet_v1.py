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
"""ResNet-v1, plain and "beta", of which the stem is of three 3x3 convolutions.

Source: research/deeplab/core/resnet_v1_beta.py. Unlike in Model Garden's
dilated ResNet, the last unit of a block is the strided one.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import normalization
from deeplab_ssl.modeling.backbones import atrous
from deeplab_ssl.modeling.backbones import backbone


class Conv(NamedTuple):
  """A convolution of a stem or of a unit.

  Attributes:
    scope: slim scope, within that of its network or unit.
    filters: output channels.
    kernel_size: side of the kernel in pixels.
    strided: whether it has the stride.
  """

  scope: str
  filters: int
  kernel_size: int = 3
  strided: bool = False


def bottleneck(depth: int) -> tuple[Conv, ...]:
  """Returns the convolutions of a unit of the deep networks."""
  return (
    Conv("conv1", depth // 4, 1),
    Conv("conv2", depth // 4, strided=True),
    Conv("conv3", depth, 1),
  )


def lite_bottleneck(depth: int) -> tuple[Conv, ...]:
  """Returns the convolutions of a unit of ResNet-18."""
  return Conv("conv1", depth), Conv("conv2", depth, strided=True)


class Network(NamedTuple):
  """The table of a network.

  Attributes:
    scope: slim scope.
    unit: the scope of its units.
    convs: gives the convolutions of a unit of a depth.
    depths: output channels of the four blocks.
    units: number of units of each.
    stem: the convolutions in front, of which the first has stride 2.
    pixels: how it wants the pixels of an image.
  """

  scope: str
  unit: str
  convs: Callable[[int], tuple[Conv, ...]]
  depths: tuple[int, int, int, int]
  units: tuple[int, int, int, int]
  stem: tuple[Conv, ...] = (Conv("conv1", 64, 7, strided=True),)
  pixels: backbone.Pixels = backbone.CENTERED

  def beta(self, *filters: int) -> "Network":
    """Returns the network with three convolutions as its stem."""
    stem = tuple(
      Conv(f"conv1_{i}", count, strided=i == 1)
      for i, count in enumerate(filters, start=1)
    )
    return self._replace(stem=stem, pixels=backbone.SCALED)


_LITE = ("lite_bottleneck_v1", lite_bottleneck, (64, 128, 256, 512))
_DEEP = ("bottleneck_v1", bottleneck, (256, 512, 1024, 2048))
_18 = Network("resnet_v1_18", *_LITE, (2, 2, 2, 2))
_50 = Network("resnet_v1_50", *_DEEP, (3, 4, 6, 3))
_101 = Network("resnet_v1_101", *_DEEP, (3, 4, 23, 3))
NETWORKS = {
  "resnet_v1_18": _18,
  "resnet_v1_18_beta": _18.beta(16, 16, 32),
  "resnet_v1_50": _50,
  "resnet_v1_50_beta": _50.beta(64, 64, 128),
  "resnet_v1_101": _101,
  "resnet_v1_101_beta": _101.beta(64, 64, 128),
}
# Strides of the last units of the blocks.
_STRIDES = (2, 2, 2, 1)
_STEM_STRIDE = 4
_NORM = normalization.NormConstants(0.95, 1e-5)


class _Unit(tf_keras.layers.Layer):
  """Convolutions, added to their input or its projection."""

  def __init__(self, scope, convs, has_projection, stride, rate, options):
    super().__init__(name=scope.replace("/", "_"))
    self.scope = scope
    self.stride = stride
    self.shortcut = None
    if has_projection:
      self.shortcut = layers.ConvBatchNorm(
        f"{scope}/shortcut",
        convs[-1].filters,
        strides=stride,
        activation=None,
        options=options,
      )
    self.convs = [
      layers.ConvBatchNorm(
        f"{scope}/{conv.scope}",
        conv.filters,
        conv.kernel_size,
        strides=stride if conv.strided else 1,
        rate=rate if conv.kernel_size > 1 else 1,
        activation=None if conv is convs[-1] else tf.nn.relu,
        options=options,
      )
      for conv in convs
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


class ResNetV1(backbone.Backbone):
  """Atrous ResNet-v1.

  The low-level maps are taken before the shortcut is added.

  Args:
    name: one of `NETWORKS`.
    output_stride: 8, 16 or 32.
    multi_grid: factors on the atrous rates of the units of the last block; None
      is 1 for each. The released checkpoints (beta) want (1, 2, 4).
    options: what all convolutions share.

  Raises:
    ValueError: if `multi_grid` has another number of entries than the last
      block has units.
  """

  def __init__(
    self,
    name="resnet_v1_50_beta",
    output_stride=16,
    multi_grid=None,
    options=layers.ConvOptions(),
  ):
    network = NETWORKS[name]
    scope = network.scope
    super().__init__(scope, output_stride, network.pixels)
    options = options._replace(norm=_NORM, kernel_initializer="he_normal")
    multi_grid = atrous.unit_rates(multi_grid, network.units[-1])
    self.stem = [
      layers.ConvBatchNorm(
        f"{scope}/{conv.scope}",
        conv.filters,
        conv.kernel_size,
        strides=2 if conv.strided else 1,
        options=options,
      )
      for conv in network.stem
    ]
    self.pool = tf_keras.layers.MaxPool2D(3, strides=2, padding="same")
    rows = [
      (block, unit, depth, stride if unit == count else 1)
      for block, (depth, stride, count) in enumerate(
        zip(network.depths, _STRIDES, network.units, strict=True), start=1
      )
      for unit in range(1, count + 1)
    ]
    plan = atrous.schedule(
      [row[-1] for row in rows], _STEM_STRIDE, output_stride
    )
    filters = network.stem[-1].filters
    self.units = []
    # Of each strided block, the unit in front of the one with the stride.
    self._low_level = []
    for (block, unit, depth, _), (stride, rate) in zip(rows, plan, strict=True):
      if block == len(network.depths):
        rate *= multi_grid[unit - 1]
      elif unit == network.units[block - 1] - 1:
        self._low_level.append((len(self.units), 2 ** (block + 1)))
      unit_scope = f"{scope}/block{block}/unit_{unit}/{network.unit}"
      self.units.append(
        _Unit(
          unit_scope,
          network.convs(depth),
          filters != depth,
          stride,
          rate,
          options,
        )
      )
      filters = depth

  def call(self, images, training=None, recompute=False):
    x = images
    for conv in self.stem:
      x = conv(x, training=training)
    x = self.pool(x)
    residuals = []
    for unit in self.units:
      x, residual = self.apply_block(unit, x, training, recompute)
      residuals.append(residual)
    low_level = {stride: residuals[i] for i, stride in self._low_level}
    return backbone.Maps(x, low_level)

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return layers.slim_variables_of([*self.stem, *self.units])
