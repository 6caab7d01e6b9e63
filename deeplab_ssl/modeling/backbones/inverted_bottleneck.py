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
"""The blocks of MobileNetV3 and of MobileNet-EdgeTPU.

Source: research/slim/nets/mobilenet/conv_blocks.py and the papers.
"""

from typing import NamedTuple

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import activations
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling.backbones import channels


class Block(NamedTuple):
  """A row of the table of a network.

  Attributes:
    kernel_size: side of the larger kernel in pixels.
    expansion: factor on the input channels.
    filters: output channels at depth multiplier 1.
    stride: stride in pixels.
    squeeze: whether it has a squeeze and excitation.
    activation: of the expanded maps.
    fused: whether one convolution of the larger kernel takes the place of the
      1x1 expansion and the depthwise convolution.
    residual: whether the input is added, where shapes allow it.
  """

  kernel_size: int
  expansion: float
  filters: int
  stride: int = 1
  squeeze: bool = False
  activation: layers.Activation = tf.nn.relu
  fused: bool = False
  residual: bool = True


class SqueezeExcite(tf_keras.layers.Layer):
  """Weighs channels by what the whole map shows. Source: Hu et al. (2018).

  Args:
    scope: slim scope.
    channels: of the map.
    options: what the convolutions of the network share.
  """

  def __init__(self, scope, channels_in, options):
    super().__init__(name=scope.replace("/", "_"))
    squeezed = channels.round_channels(channels_in / 4, 8, 8)
    self.squeeze = layers.ConvBias(
      f"{scope}/Conv", squeezed, activation=tf.nn.relu, options=options
    )
    self.excite = layers.ConvBias(
      f"{scope}/Conv_1",
      channels_in,
      activation=activations.quantized_sigmoid,
      options=options,
    )

  def call(self, inputs):
    # A mean of 16 bits would lose what the last of many pixels add.
    mean = tf.reduce_mean(tf.cast(inputs, tf.float32), [1, 2], keepdims=True)
    return inputs * self.excite(self.squeeze(tf.cast(mean, inputs.dtype)))

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return layers.slim_variables_of([self.squeeze, self.excite])


class InvertedBottleneck(tf_keras.layers.Layer):
  """Expands the channels, convolves them and projects them to a few.

  Args:
    scope: slim scope.
    block: its row of the table.
    channels_in: channels of the input.
    filters: output channels.
    stride: stride in pixels, 1 where the output stride is reached.
    rate: atrous rate of the depthwise convolution.
    options: what the convolutions of the network share.
  """

  def __init__(self, scope, block, channels_in, filters, stride, rate, options):
    super().__init__(name=scope.replace("/", "_"))
    self.scope = scope
    expanded = channels.round_channels(channels_in * block.expansion, 8, 8)
    common = {
      "activation": block.activation,
      "same_padding": True,
      "options": options,
    }
    self.convs = []
    if expanded > channels_in:
      self.convs.append(
        layers.ConvBatchNorm(
          f"{scope}/expand",
          expanded,
          block.kernel_size if block.fused else 1,
          strides=stride if block.fused else 1,
          **common,
        )
      )
    if not block.fused:
      self.convs.append(
        layers.ConvBatchNorm(
          f"{scope}/depthwise",
          None,
          block.kernel_size,
          strides=stride,
          rate=rate,
          **common,
        )
      )
    self.squeeze_excite = None
    if block.squeeze:
      self.squeeze_excite = SqueezeExcite(
        f"{scope}/squeeze_excite", expanded, options
      )
    self.project = layers.ConvBatchNorm(
      f"{scope}/project", filters, activation=None, options=options
    )
    self.residual = block.residual and stride == 1 and channels_in == filters

  def call(self, inputs, training=None):
    """Returns the output and the convolved map, before it is weighed."""
    x = inputs
    for conv in self.convs:
      x = conv(x, training=training)
    convolved = x
    if self.squeeze_excite is not None:
      x = self.squeeze_excite(x)
    x = self.project(x, training=training)
    return (x + inputs if self.residual else x), convolved

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    weigh = [] if self.squeeze_excite is None else [self.squeeze_excite]
    return layers.slim_variables_of([*self.convs, *weigh, self.project])
