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

"""Gaussian-weighted sums over local windows (Eq. 14 of the paper).

This is the only place that knows how a local statistic is gathered; the losses
see `window_sum` and divide by the window sum of the valid mask themselves.
"""

from typing import Literal

import numpy as np
import tensorflow as tf
from tensorflow.python.ops import control_flow_util

Form = Literal["depthwise", "shifted"]


def window_sum(
  fields: tf.Tensor, profile: np.ndarray, form: Form | None = None
) -> tf.Tensor:
  """Sums `fields` over a separable, symmetric window around every pixel.

  What lies outside the image counts as zero, so a mean over the pixels inside
  is the window sum of the field divided by the window sum of a mask of ones.

  Args:
    fields: floating `[batch, height, width, channels]`.
    profile: one-dimensional window weights `[region_size]`, symmetric.
    form: "depthwise" is a depthwise convolution, "shifted" a sum of shifted
      maps; None takes the faster one.

  Returns:
    Tensor with the shape and dtype of `fields`.
  """
  gather = (
    _shifted if (form or _faster_form(fields)) == "shifted" else _convolve
  )

  @tf.custom_gradient
  def summed(fields):
    # A symmetric window is its own adjoint. TensorFlow's gradient of the
    # convolution computes the same thing, many times slower.
    return gather(fields, profile), lambda up: window_sum(up, profile, form)

  return summed(fields)


def _faster_form(fields) -> Form:
  """Returns the form that is faster, by benchmarks/loss_benchmark.py.

  A depthwise convolution takes for one channel the time of twenty, and XLA
  makes of it on a CPU a loop that is many times slower than its sums are.
  """
  if fields.shape[-1] == 1 or _is_compiled():
    return "shifted"
  return "depthwise"


def _is_compiled():
  return not tf.executing_eagerly() and (
    control_flow_util.GraphOrParentsInXlaContext(
      tf.compat.v1.get_default_graph()
    )
  )


def _convolve(fields, profile):
  channels = tf.shape(fields)[-1]
  weights = tf.constant(profile, fields.dtype)
  for column in (weights[:, None, None, None], weights[None, :, None, None]):
    fields = tf.nn.depthwise_conv2d(
      fields,
      tf.tile(column, [1, 1, channels, 1]),
      strides=[1, 1, 1, 1],
      padding="SAME",
    )
  return fields


def _shifted(fields, profile):
  reach = len(profile) // 2
  for axis in (1, 2):
    size = fields.shape[axis] or tf.shape(fields)[axis]
    margins = [[0, 0], [0, 0], [0, 0], [0, 0]]
    margins[axis] = [reach, reach]
    padded = tf.pad(fields, margins)
    rows = (slice(None),) * axis
    fields = sum(
      padded[(*rows, slice(i, i + size))] * tf.constant(weight, fields.dtype)
      for i, weight in enumerate(profile)
    )
  return fields
