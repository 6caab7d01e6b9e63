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

"""Batch norm behind a convolution; where it is frozen, within its kernel."""

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


def norm_variables(
  scope: str, norm: tf_keras.layers.BatchNormalization
) -> dict[str, tf.Variable]:
  """Returns slim names and variables of a batch norm whose own scope it is."""
  return {
    f"{scope}/gamma": norm.gamma,
    f"{scope}/beta": norm.beta,
    f"{scope}/moving_mean": norm.moving_mean,
    f"{scope}/moving_variance": norm.moving_variance,
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
    rates=conv.dilation_rate,
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
