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

import functools
from typing import NamedTuple

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import convolution


class NormConstants(NamedTuple):
  """Momentum and epsilon of a batch norm."""

  momentum: float
  epsilon: float


# Set in the original's code for every layer of head and decoder, whatever the
# backbone (research/deeplab/model.py, core/utils.py).
HEAD_NORM = NormConstants(0.9997, 1e-5)


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
  norm: NormConstants = HEAD_NORM
  kernel_initializer: str | dict = "glorot_uniform"

  @property
  def norm_momentum(self) -> float:
    """Momentum of the moving statistics."""
    return self.batch_norm_decay or self.norm.momentum


def truncated_normal(stddev: float) -> dict:
  """Returns the configuration of a truncated normal initializer."""
  return {"class_name": "TruncatedNormal", "config": {"stddev": stddev}}


def norm_variables(
  scope: str, norm: tf_keras.layers.BatchNormalization
) -> dict[str, tf.Variable]:
  """Returns slim names and variables of a batch norm in `scope`."""
  return {
    f"{scope}/BatchNorm/gamma": norm.gamma,
    f"{scope}/BatchNorm/beta": norm.beta,
    f"{scope}/BatchNorm/moving_mean": norm.moving_mean,
    f"{scope}/BatchNorm/moving_variance": norm.moving_variance,
  }


def conv_norm(
  conv: tf_keras.layers.Conv2D,
  norm: tf_keras.layers.BatchNormalization,
  inputs: tf.Tensor,
  training: bool | None,
) -> tf.Tensor:
  """Applies a convolution and its batch norm.

  A frozen batch norm is a factor and a summand for each channel. The factor
  goes into the kernel, and the map is read and written once less, forward and
  backward: most of the time that a training step spends beside convolutions.

  Args:
    conv: a convolution, depthwise or not, without bias and activation.
    norm: the batch norm behind it.
    inputs: `[batch, height, width, channels]`.
    training: whether the statistics of the batch are used and collected.

  Returns:
    `[batch, h, w, filters]`.
  """
  if not norm.built:
    norm(conv(inputs))  # Makes the variables of both.
  depthwise = isinstance(conv, tf_keras.layers.DepthwiseConv2D)
  kernel = conv.depthwise_kernel if depthwise else conv.kernel
  convolve = functools.partial(
    convolution.convolve_depthwise if depthwise else convolution.convolve,
    strides=conv.strides,
    padding=conv.padding.upper(),
    rate=conv.dilation_rate[0],
  )
  if training:
    kernel = tf.cast(_full(kernel), inputs.dtype)
    return norm(convolve(inputs, kernel), training=True)
  gamma, beta, mean, variance = map(
    _full, (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)
  )
  factor = gamma * tf.math.rsqrt(variance + norm.epsilon)
  kernel = _full(kernel) * (factor[:, None] if depthwise else factor)
  outputs = convolve(inputs, tf.cast(kernel, inputs.dtype))
  return tf.nn.bias_add(outputs, tf.cast(beta - mean * factor, inputs.dtype))


def _full(variable):
  """Returns a variable in float32, which a mixed policy would round."""
  return tf.convert_to_tensor(getattr(variable, "_variable", variable))


class ConvBatchNorm(tf_keras.layers.Layer):
  """Convolution, batch norm and, unless it is linear, ReLU.

  A strided kernel larger than one pixel is padded alike on both sides, as the
  original's `conv2d_same` does: with SAME, maps of even size would shift.

  Args:
    scope: slim scope, e.g. "aspp0"; variables are `scope/weights` (or
      `scope/depthwise_weights`) and `scope/BatchNorm/...`.
    filters: output channels; None for a depthwise convolution.
    kernel_size: side of the kernel in pixels, odd.
    strides: stride in pixels; above 1 only without an atrous rate.
    rate: atrous rate.
    linear: whether the ReLU is left out.
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
    linear=False,
    options=ConvOptions(),
  ):
    super().__init__(name=scope.replace("/", "_"))
    self.scope = scope
    self.linear = linear
    self.padding = kernel_size // 2 if strides > 1 else 0
    common = {
      "strides": strides,
      "padding": "valid" if strides > 1 else "same",
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
    x = conv_norm(self.conv, self.norm, inputs, training)
    return x if self.linear else tf.nn.relu(x)

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    if isinstance(self.conv, tf_keras.layers.DepthwiseConv2D):
      kernel = {f"{self.scope}/depthwise_weights": self.conv.depthwise_kernel}
    else:
      kernel = {f"{self.scope}/weights": self.conv.kernel}
    return kernel | norm_variables(self.scope, self.norm)


class SeparableConvBatchNorm(tf_keras.layers.Layer):
  """Depthwise 3x3 and pointwise convolution, each with batch norm and ReLU.

  Source: `split_separable_conv2d` of research/deeplab/core/utils.py and
  `separable_conv2d_same` of core/xception.py.

  Args:
    scope: slim scope; the parts are `scope_depthwise` and `scope_pointwise`.
    filters: output channels.
    strides: stride in pixels of the depthwise part.
    rate: atrous rate of the depthwise part.
    linear: whether both ReLUs are left out.
    init_stddevs: standard deviations of the initial kernels of both parts.
    options: what the convolutions of this part of the model share.
  """

  def __init__(
    self,
    scope,
    filters,
    *,
    strides=1,
    rate=1,
    linear=False,
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
      3,
      strides=strides,
      rate=rate,
      linear=linear,
      options=depthwise_options,
    )
    self.pointwise = ConvBatchNorm(
      f"{scope}_pointwise", filters, linear=linear, options=pointwise_options
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


def resize_align_corners(images: tf.Tensor, size) -> tf.Tensor:
  """Resizes bilinearly with the corner pixels of both grids aligned.

  TF2's own resize aligns the borders of the corner pixels instead, which shifts
  every map of an imported checkpoint.

  Args:
    images: floating `[batch, height, width, channels]`.
    size: `(height, width)` of the result, numbers or scalar tensors.

  Returns:
    `[batch, size[0], size[1], channels]` with the dtype of `images`.
  """
  # The public compat.v1 function does just this, with a deprecation warning.
  # Its result is float32, and not every device takes narrower types.
  resized = tf.raw_ops.ResizeBilinear(
    images=tf.cast(images, tf.float32),
    size=tf.stack(size),
    align_corners=True,
  )
  return tf.cast(resized, images.dtype)


def scaled_size(size, stride: int):
  """Size of a map at `stride` for an image side: int((d - 1) / stride + 1)."""
  return (size - 1) // stride + 1
