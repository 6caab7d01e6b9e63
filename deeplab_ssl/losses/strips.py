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

"""Maps over an image strip by strip, differentiable at the memory of a strip.

The comparison losses need the neighbours of each pixel and the gradient through
them. Differentiated as a whole they would keep a dozen maps of the size of the
logits; here a strip of rows is worked on at a time and the backward pass
computes it again.
"""

from collections.abc import Callable

import tensorflow as tf

_IGNORED = -1


def strip_map(
  function: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
  logits: tf.Tensor,
  classes: tf.Tensor,
  *,
  halo: int,
  rows: int,
) -> tf.Tensor:
  """Applies a function of each pixel's neighbourhood to all strips of rows.

  What lies outside the image looks like an ignored pixel to the function.

  Args:
    function: takes `(logits, classes)` of some rows and returns a tensor
      `[batch, those rows, width, channels]`, of which each row depends on at
      most `halo` rows on either side; differentiable in the logits.
    logits: float32 `[batch, height, width, classes]`.
    classes: int32 `[batch, height, width]`, -1 where ignored.
    halo: reach of the function, in rows.
    rows: height of a strip, in rows. Memory grows with it; so does, below
      `4 * halo`, the share of the work that is done twice.

  Returns:
    `[batch, height, width, channels]`, with first derivatives only.
  """

  @tf.custom_gradient
  def mapped(logits):
    value = _forward(function, logits, classes, halo, rows)

    def backward(upstream):
      return _backward(function, logits, classes, upstream, halo, rows)

    return value, backward

  return mapped(logits)


def _forward(function, logits, classes, halo, rows):
  logits, classes = tf.stop_gradient(logits), tf.stop_gradient(classes)
  height = tf.shape(logits)[1]
  padded = _pad(logits, halo, rows), _pad(classes, halo, rows, _IGNORED)

  def strip(top):
    window = [x[:, top : top + rows + 2 * halo] for x in padded]
    return function(*window)[:, halo : halo + rows]

  return _join(strip, height, rows)


def _backward(function, logits, classes, upstream, halo, rows):
  """Gathers the gradient of each strip from the values that it reaches."""
  height = tf.shape(logits)[1]
  reach = 2 * halo
  padded = _pad(logits, reach, rows), _pad(classes, reach, rows, _IGNORED)
  upstream = _pad(upstream, halo, rows)

  def strip(top):
    x, labels = (p[:, top : top + rows + 2 * reach] for p in padded)
    with tf.GradientTape() as tape:
      tape.watch(x)
      value = function(x, labels)[:, halo : halo + rows + reach]
    weights = upstream[:, top : top + rows + reach]
    return tape.gradient(value, x, weights)[:, reach : reach + rows]

  return _join(strip, height, rows)


def _pad(tensor, halo, rows, value=0):
  """Pads rows: `halo` on both sides, and below to a whole number of strips."""
  below = -tf.shape(tensor)[1] % rows
  sides = [[0, 0]] * tensor.shape.rank
  sides[1] = [halo, halo + below]
  return tf.pad(tensor, sides, constant_values=value)


def _join(strip, height, rows):
  """Runs `strip(top)` one after the other and stacks the results' rows."""
  count = -(-height // rows)
  first = strip(0)
  parts = tf.TensorArray(first.dtype, count, element_shape=first.shape)
  parts = parts.write(0, first)
  _, parts = tf.while_loop(
    lambda i, _: i < count,
    lambda i, parts: (i + 1, parts.write(i, strip(i * rows))),
    (1, parts),
    parallel_iterations=1,
  )
  stacked = tf.transpose(parts.stack(), [1, 0, 2, 3, 4])
  shape = tf.shape(stacked)
  joined = tf.reshape(
    stacked, [shape[0], shape[1] * shape[2], shape[3], first.shape[-1]]
  )
  return joined[:, :height]
