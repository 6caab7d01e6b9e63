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

"""Convolutions with batch norm that know their name in a TF1 slim checkpoint.

The name is more than a convenience of the importer: research/deeplab decides by
variable name which kernels decay and which gradients are multiplied.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import normalization


class ConvOptions(NamedTuple):
  """What the convolutions of a model, or of a part of it, share.

  Attributes:
    kernel_regularizer: regularizer of full kernels; the original never decays
      depthwise kernels.
    batch_norm_decay: momentum of the moving statistics; None is the original's
      value for that part of the network.
    norm: the original's constants of that part.
    kernel_initializer: name or configuration of an initializer; no instance,
      which would give all kernels of one shape the same values.
  """

  kernel_regularizer: tf_keras.regularizers.Regularizer | None = None
  batch_norm_decay: float | None = None
  norm: normalization.NormConstants = normalization.HEAD_NORM
  kernel_initializer: str | dict = "glorot_uniform"

  @property
  def norm_momentum(self) -> float:
    """Momentum of the moving statistics."""
    return self.batch_norm_decay or self.norm.momentum


# What a layer applies to its output; None is nothing.
Activation = Callable[[tf.Tensor], tf.Tensor] | None


def truncated_normal(stddev: float) -> dict:
  """Returns the configuration of a truncated normal initializer."""
  return {"class_name": "TruncatedNormal", "config": {"stddev": stddev}}


class ConvBatchNorm(tf_keras.layers.Layer):
  """Convolution, batch norm and activation.

  A strided kernel larger than one pixel is padded alike on both sides, as the
  original's `conv2d_same` does: with SAME, maps of even size would shift.

  Args:
    scope: slim scope, e.g. "aspp0"; variables are `scope/weights` (or
      `scope/depthwise_weights`) and those of the batch norm.
    filters: output channels; None for a depthwise convolution.
    kernel_size: side of the kernel in pixels, odd.
    strides: stride in pixels; above 1 only without an atrous rate.
    rate: atrous rate, of height and width if they differ.
    activation: what follows the batch norm; None for nothing.
    same_padding: whether a strided kernel is padded as TensorFlow's SAME does,
      more at the end, all the same.
    norm_scope: slim scope of the batch norm; None is `scope/BatchNorm`.
    options: what the convolutions of this part of the model share.
  """

  def __init__(
    self,
    scope,
    filters,
    kernel_size=1,
    *,
    strides=1,
    rate=1,
    activation: Activation = tf.nn.relu,
    same_padding=False,
    norm_scope=None,
    options=ConvOptions(),
  ):
    super().__init__(name=scope.replace("/", "_"))
    self.scope = scope
    self.norm_scope = norm_scope or f"{scope}/BatchNorm"
    self.activation = activation
    alike = strides > 1 and not same_padding
    self.padding = kernel_size // 2 if alike else 0
    common = {
      "strides": strides,
      "padding": "valid" if alike else "same",
      "dilation_rate": rate,
      "use_bias": False,
    }
    if filters is None:
      self.conv = tf_keras.layers.DepthwiseConv2D(
        kernel_size, depthwise_initializer=options.kernel_initializer, **common
      )
    else:
      self.conv = tf_keras.layers.Conv2D(
        filters,
        kernel_size,
        kernel_initializer=options.kernel_initializer,
        kernel_regularizer=options.kernel_regularizer,
        **common,
      )
    self.norm = tf_keras.layers.BatchNormalization(
      momentum=options.norm_momentum, epsilon=options.norm.epsilon
    )

  def call(self, inputs, training=None):
    if self.padding:
      sides = [self.padding, self.padding]
      inputs = tf.pad(inputs, [[0, 0], sides, sides, [0, 0]])
    x = normalization.conv_norm(self.conv, self.norm, inputs, training)
    return x if self.activation is None else self.activation(x)

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    if isinstance(self.conv, tf_keras.layers.DepthwiseConv2D):
      kernel = {f"{self.scope}/depthwise_weights": self.conv.depthwise_kernel}
    else:
      kernel = {f"{self.scope}/weights": self.conv.kernel}
    return kernel | normalization.norm_variables(self.norm_scope, self.norm)


class ConvBias(tf_keras.layers.Layer):
  """Convolution with bias and activation, without batch norm.

  Args:
    scope: slim scope; variables are `scope/weights` and `scope/biases`.
    filters: output channels.
    kernel_size: side of the kernel in pixels, odd.
    activation: what follows; None for nothing.
    options: what the convolutions of this part of the model share.
  """

  def __init__(
    self,
    scope,
    filters,
    kernel_size=1,
    *,
    activation: Activation = None,
    options=ConvOptions(),
  ):
    super().__init__(name=scope.replace("/", "_"))
    self.scope = scope
    self.conv = tf_keras.layers.Conv2D(
      filters,
      kernel_size,
      padding="same",
      activation=activation,
      kernel_initializer=options.kernel_initializer,
      kernel_regularizer=options.kernel_regularizer,
    )

  def call(self, inputs):
    return self.conv(inputs)

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return {
      f"{self.scope}/weights": self.conv.kernel,
      f"{self.scope}/biases": self.conv.bias,
    }


class SeparableConvBatchNorm(tf_keras.layers.Layer):
  """Depthwise and pointwise convolution, each with batch norm and activation.

  Source: `split_separable_conv2d` of research/deeplab/core/utils.py and
  `separable_conv2d_same` of core/xception.py.

  Args:
    scope: slim scope; the parts are `scope_depthwise` and `scope_pointwise`.
    filters: output channels.
    kernel_size: side of the depthwise kernel in pixels, odd.
    strides: stride in pixels of the depthwise part.
    rate: atrous rate of the depthwise part, of height and width if they differ.
    activation: what follows each batch norm; None for nothing.
    same_padding: see `ConvBatchNorm`, of the depthwise part.
    init_stddevs: standard deviations of the initial kernels of both parts.
    options: what the convolutions of this part of the model share.
  """

  def __init__(
    self,
    scope,
    filters,
    kernel_size=3,
    *,
    strides=1,
    rate=1,
    activation: Activation = tf.nn.relu,
    same_padding=False,
    init_stddevs=(0.33, 0.06),
    options=ConvOptions(),
  ):
    super().__init__(name=scope.replace("/", "_"))
    depthwise_options, pointwise_options = (
      options._replace(kernel_initializer=truncated_normal(stddev))
      for stddev in init_stddevs
    )
    self.depthwise = ConvBatchNorm(
      f"{scope}_depthwise",
      None,
      kernel_size,
      strides=strides,
      rate=rate,
      activation=activation,
      same_padding=same_padding,
      options=depthwise_options,
    )
    self.pointwise = ConvBatchNorm(
      f"{scope}_pointwise",
      filters,
      activation=activation,
      options=pointwise_options,
    )

  def call(self, inputs, training=None):
    return self.pointwise(
      self.depthwise(inputs, training=training), training=training
    )

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return slim_variables_of([self.depthwise, self.pointwise])


def slim_variables_of(parts) -> dict[str, tf.Variable]:
  """Returns the slim names and variables of several layers in one dict."""
  return {k: v for part in parts for k, v in part.slim_variables().items()}
