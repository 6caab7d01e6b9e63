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

"""Work on an image in strips of rows, so that memory is that of one strip.

A loss that looks at the neighbours of each pixel would keep a dozen maps of the
size of the logits, taken over the image as a whole. There are two ways through
the strips, because the losses need two kinds of gradient:

  `strip_map` differentiates through the neighbourhoods (SSIM, affinity field).
  The backward pass computes each strip once more.
  `constant_strips` treats the logits as constants. The structural similarity
  loss knows its gradient in the forward pass, and pays for no second one.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

_IGNORED = -1
# Most strips of `constant_strips`: with the float64 moments of one strip at a
# time, the memory of the structural similarity loss stays near that of BCE.
_MOST_STRIPS = 8
# Where the height is known, no more strips than give each so many rows: each
# strip is a part of the graph of its own, which takes time to trace.
_LEAST_ROWS = 64


def constant_strips(
  function: Callable[[tf.Tensor, tf.Tensor, slice], Any],
  classes: tf.Tensor,
  logits: tf.Tensor,
  *,
  halo: int,
) -> list:
  """Applies a function to strips of constant logits, one after the other.

  Args:
    function: takes `(classes, logits, core)`: the rows of a strip and up to
      `halo` rows on either side, and the slice of these rows that is the strip.
      Returns tensors of the strip.
    classes: int32 `[batch, height, width]`, -1 where ignored.
    logits: float32 `[batch, height, width, classes]`; no gradient comes back.
    halo: how many rows beyond its own the function looks, within the image.

  Returns:
    The results of `function`, from top to bottom.
  """
  known = logits.shape[1]
  count = _MOST_STRIPS
  if known is not None:
    count = min(max(known // _LEAST_ROWS, 1), _MOST_STRIPS)
  height = tf.shape(logits)[1] if known is None else known
  smaller, larger = (tf.minimum, tf.maximum) if known is None else (min, max)
  logits = tf.stop_gradient(logits)
  results: list[Any] = []
  for i in range(count):
    top, bottom = height * i // count, height * (i + 1) // count
    first, last = larger(top - halo, 0), smaller(bottom + halo, height)
    # One strip after the other, or their temporaries would live together.
    with tf.control_dependencies(tf.nest.flatten(results[-1:])):
      strip_classes = classes[:, first:last]
      strip_logits = logits[:, first:last]
    core = slice(top - first, bottom - first)
    results.append(function(strip_classes, strip_logits, core))
  return results


def strip_map(
  function: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
  logits: tf.Tensor,
  classes: tf.Tensor,
  *,
  halo: int,
  rows: int = 100,
) -> tf.Tensor:
  """Applies a function of each pixel's neighbourhood to all strips of rows.

  What lies outside the image looks like an ignored pixel to the function. An
  image that is known to be no higher than a strip is not computed again.

  Args:
    function: takes `(logits, classes)` of some rows and returns a tensor
      `[batch, those rows, width, channels]`, of which each row depends on at
      most `halo` rows on either side; differentiable in the logits.
    logits: float32 `[batch, height, width, classes]`.
    classes: int32 `[batch, height, width]`, -1 where ignored.
    halo: reach of the function, in rows.
    rows: greatest height of a strip, in rows. Memory grows with it, and with
      1 / rows the share of the work that is done twice.

  Returns:
    `[batch, height, width, channels]`, with first derivatives only.
  """

  height = logits.shape[1] or tf.shape(logits)[1]
  if logits.shape[1] and height <= rows:
    return function(logits, classes)
  # Strips of one height, with as little below the image as can be.
  count = -(-height // rows)
  rows = -(-height // count)

  @tf.custom_gradient
  def mapped(logits):
    value = _forward(function, logits, classes, halo, rows, count)

    def backward(upstream):
      return _backward(function, logits, classes, upstream, halo, rows, count)

    return value, backward

  return mapped(logits)


def _forward(function, logits, classes, halo, rows, count):
  logits, classes = tf.stop_gradient(logits), tf.stop_gradient(classes)
  below = rows * count - tf.shape(logits)[1]
  padded = _pad(logits, halo, below), _pad(classes, halo, below, _IGNORED)

  def strip(top):
    window = [_rows(x, top, rows + 2 * halo) for x in padded]
    return _rows(function(*window), halo, rows)

  return _join(strip, rows, count)[:, : tf.shape(logits)[1]]


def _backward(function, logits, classes, upstream, halo, rows, count):
  """Gathers the gradient of each strip from the values that it reaches."""
  reach = 2 * halo
  below = rows * count - tf.shape(logits)[1]
  padded = _pad(logits, reach, below), _pad(classes, reach, below, _IGNORED)
  upstream = _pad(upstream, halo, below)

  def strip(top):
    x, labels = (_rows(p, top, rows + 2 * reach) for p in padded)
    with tf.GradientTape() as tape:
      tape.watch(x)
      value = _rows(function(x, labels), halo, rows + reach)
    weights = _rows(upstream, top, rows + reach)
    return _rows(tape.gradient(value, x, weights), reach, rows)

  return _join(strip, rows, count)[:, : tf.shape(logits)[1]]


def _pad(tensor, halo, below, value=0):
  """Pads `halo` rows on both sides, and `below` more below."""
  sides = [[0, 0]] * tensor.shape.rank
  sides[1] = [halo, halo + below]
  return tf.pad(tensor, sides, constant_values=value)


def _rows(tensor, top, count):
  """Cuts out rows; XLA wants the size of a slice known, not its end."""
  size = [-1] * tensor.shape.rank
  size[1] = count
  begin = [0] * tensor.shape.rank
  begin[1] = top
  return tf.slice(tensor, begin, size)


def _join(strip, rows, count):
  """Runs `strip(top)` one after the other and stacks the results' rows."""
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
  shape = tf.shape(first)
  return tf.reshape(
    stacked, [shape[0], count * rows, shape[2], first.shape[-1]]
  )
