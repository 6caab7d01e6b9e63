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

from typing import NamedTuple

import tensorflow as tf
import tf_keras

# Set in the original's code for every layer of head and decoder, whatever the
# backbone (research/deeplab/model.py, core/utils.py).
_HEAD_NORM_MOMENTUM = 0.9997
_HEAD_NORM_EPSILON = 1e-5


class ConvOptions(NamedTuple):
  """What all convolutions of a model share.

  Attributes:
    kernel_regularizer: regularizer of full kernels; the original never decays
      depthwise kernels.
    batch_norm_decay: momentum of the moving statistics; None is the original's
      value for that part of the network.
  """

  kernel_regularizer: tf_keras.regularizers.Regularizer | None = None
  batch_norm_decay: float | None = None


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


class ConvBatchNorm(tf_keras.layers.Layer):
  """Convolution, batch norm and ReLU of the original's head and decoder.

  Args:
    scope: slim scope, e.g. "aspp0"; variables are `scope/weights` (or
      `scope/depthwise_weights`) and `scope/BatchNorm/...`.
    filters: output channels; None for a depthwise convolution.
    kernel_size: side of the kernel in pixels.
    rate: atrous rate.
    options: what all convolutions share.
    kernel_initializer: initializer of the kernel.
  """

  def __init__(
    self,
    scope,
    filters,
    kernel_size=1,
    rate=1,
    options=ConvOptions(),
    kernel_initializer="glorot_uniform",
  ):
    super().__init__(name=scope.replace("/", "_"))
    self.scope = scope
    common = {"padding": "same", "dilation_rate": rate, "use_bias": False}
    if filters is None:
      self.conv = tf_keras.layers.DepthwiseConv2D(
        kernel_size, depthwise_initializer=kernel_initializer, **common
      )
    else:
      self.conv = tf_keras.layers.Conv2D(
        filters,
        kernel_size,
        kernel_initializer=kernel_initializer,
        kernel_regularizer=options.kernel_regularizer,
        **common,
      )
    self.norm = tf_keras.layers.BatchNormalization(
      momentum=options.batch_norm_decay or _HEAD_NORM_MOMENTUM,
      epsilon=_HEAD_NORM_EPSILON,
    )

  def call(self, inputs, training=None):
    return tf.nn.relu(self.norm(self.conv(inputs), training=training))

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    if isinstance(self.conv, tf_keras.layers.DepthwiseConv2D):
      kernel = {f"{self.scope}/depthwise_weights": self.conv.depthwise_kernel}
    else:
      kernel = {f"{self.scope}/weights": self.conv.kernel}
    return kernel | norm_variables(self.scope, self.norm)


class SeparableConvBatchNorm(tf_keras.layers.Layer):
  """Depthwise and pointwise convolution, each with batch norm and ReLU.

  Source: `split_separable_conv2d` of research/deeplab/core/utils.py.

  Args:
    scope: slim scope; the parts are `scope_depthwise` and `scope_pointwise`.
    filters: output channels.
    rate: atrous rate of the 3x3 depthwise part.
    options: what all convolutions share.
  """

  def __init__(self, scope, filters, rate=1, options=ConvOptions()):
    super().__init__(name=scope.replace("/", "_"))
    self.depthwise = ConvBatchNorm(
      f"{scope}_depthwise",
      None,
      3,
      rate,
      options,
      kernel_initializer=tf_keras.initializers.TruncatedNormal(stddev=0.33),
    )
    self.pointwise = ConvBatchNorm(
      f"{scope}_pointwise",
      filters,
      options=options,
      kernel_initializer=tf_keras.initializers.TruncatedNormal(stddev=0.06),
    )

  def call(self, inputs, training=None):
    return self.pointwise(
      self.depthwise(inputs, training=training), training=training
    )

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return self.depthwise.slim_variables() | self.pointwise.slim_variables()


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
  resized = tf.raw_ops.ResizeBilinear(
    images=images, size=tf.stack(size), align_corners=True
  )
  return tf.cast(resized, images.dtype)


def scaled_size(size, stride: int):
  """Size of a map at `stride` for an image side: int((d - 1) / stride + 1)."""
  return (size - 1) // stride + 1
