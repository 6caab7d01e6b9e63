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
"""The dense prediction cell, a head that was found by search.

Source: Chen et al. (2018), "Searching for efficient multi-scale architectures
for dense image prediction", and core/dense_prediction_cell.py of the original,
whose JSON files describe cells in the same way.
"""

from collections.abc import Mapping
from collections.abc import Sequence
import json
from typing import Any

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import dropout as dropout_lib
from deeplab_ssl.modeling import image_pooling
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import resizing

_SCOPE = "meta_architecture"
_FILTERS = 256
_DROPOUT_RATE = 0.1
# The stride that the rates of a cell are meant for.
_RATE_STRIDE = 16
# Keys of a branch, by its operation.
_KEYS = {
  "conv": {"op", "kernel", "rate", "input"},
  "pyramid_pooling": {"op", "grid_size", "input"},
}
Branch = Mapping[str, Any]


def _separable(number, height, width):
  return {"op": "conv", "kernel": 3, "rate": [height, width], "input": number}


# Published cells, under the names of their files in the original.
CELLS = {
  "dense_prediction_cell_branch5_top1_cityscapes": (
    _separable(-1, 1, 6),
    _separable(0, 18, 15),
    _separable(1, 6, 3),
    _separable(0, 1, 1),
    _separable(0, 6, 21),
  )
}


def read(cell: str | Sequence[Branch]) -> tuple[Branch, ...]:
  """Returns the branches of a cell.

  Args:
    cell: the name of one of `CELLS`, the path of a JSON file of the original's
      form, its text, which begins with "[", or the branches themselves; "" and
      an empty sequence stand for no cell.

  Raises:
    ValueError: if it is none of these.
  """
  if not isinstance(cell, str):
    branches = cell
  elif not cell:
    return ()
  elif cell in CELLS:
    return CELLS[cell]
  else:
    branches = _parse(cell)
  check_branches(branches)
  return tuple(branches)


def _parse(cell):
  """Reads the JSON text of a cell, or the file of it."""
  is_text = cell.lstrip().startswith("[")
  try:
    text = cell if is_text else tf.io.gfile.GFile(cell).read()
    branches = json.loads(text)
  except tf.errors.OpError as error:
    raise ValueError(
      "Argument `dense_prediction_cell` must be the name of a cell "
      f"({', '.join(CELLS)}), or a JSON file that is there, or its text. "
      f"Received: dense_prediction_cell={cell!r}"
    ) from error
  except ValueError as error:
    raise ValueError(
      f"The text of `dense_prediction_cell` is no JSON: {error}. Received: "
      f"{cell!r}"
    ) from error
  if not isinstance(branches, list):
    raise ValueError(
      "The JSON of `dense_prediction_cell` must be a list of branches. "
      f"Received: {cell!r}"
    )
  return branches


def as_text(cell: str) -> str:
  """Returns a cell that needs no file: its name, or the text of its JSON.

  Args:
    cell: see `read`.
  """
  if not cell or cell in CELLS:
    return cell
  return json.dumps(list(read(cell)))


def check_branches(branches: Sequence[Branch]) -> None:
  """Refuses a description that is none of a cell.

  Args:
    branches: see `DensePredictionCell`.

  Raises:
    ValueError: naming the branch, what is wrong with it and what it may be.
  """
  for i, branch in enumerate(branches):
    problem = _problem(i, branch)
    if problem:
      raise ValueError(
        f"Branch {i} of `dense_prediction_cell` {problem}. Received: "
        f"{dict(branch) if isinstance(branch, Mapping) else branch}"
      )


def check_output_stride(output_stride: int) -> None:
  """Raises ValueError if the rates of a cell would be fractions of pixels.

  Args:
    output_stride: stride of the features.
  """
  if output_stride > _RATE_STRIDE:
    raise ValueError(
      "Argument `output_stride` must be 8 or 16 with a dense_prediction_cell, "
      "whose rates would be fractions of pixels. Received: "
      f"output_stride={output_stride}"
    )


def _problem(i, branch):
  """Returns what is wrong with branch i, or ""."""
  if not isinstance(branch, Mapping) or branch.get("op") not in _KEYS:
    return f"must be a mapping whose op is one of {sorted(_KEYS)}"
  operation = branch["op"]
  pointwise = branch.get("kernel") in (1, [1, 1])
  keys = _KEYS[operation] - ({"rate"} if pointwise else set())
  if not keys <= branch.keys() <= _KEYS[operation]:
    return f"must have the keys {sorted(keys)}"
  number = branch["input"]
  if type(number) is not int or not -1 <= number < i:
    return f"must have an input from -1, the backbone, to {i - 1}"
  if operation == "pyramid_pooling":
    return "" if _is_pair(branch["grid_size"]) else "needs a grid_size [h, w]"
  if pointwise:
    return ""
  if branch["kernel"] not in (3, [3, 3]):
    return "must have the kernel 1 or 3"
  return "" if _is_pair(branch["rate"]) else "needs a rate [height, width]"


def _is_pair(value):
  return (
    isinstance(value, Sequence)
    and len(value) == 2
    and all(type(number) is int and number > 0 for number in value)
  )


class _PyramidPooling(tf_keras.layers.Layer):
  """Averages windows of which a grid covers the image, at every pixel."""

  def __init__(self, scope, grid_size, pooling, options):
    super().__init__(name=scope.replace("/", "_"))
    self.grid_size = grid_size
    self.pooling = pooling
    self.conv = layers.ConvBatchNorm(scope, _FILTERS, options=options)

  def call(self, features, training=None, image_size=None):
    size = tf.shape(features)[1:3]
    means = _window_means(
      tf.cast(features, tf.float32),
      [
        resizing.scaled_size(side, self.pooling.output_stride * parts)
        for side, parts in zip(
          self.pooling.crop_size or image_size, self.grid_size, strict=True
        )
      ],
    )
    x = self.conv(tf.cast(means, features.dtype), training=training)
    return resizing.resize_align_corners(x, size)

  def slim_variables(self):
    return self.conv.slim_variables()


def _window_means(x, window):
  """Returns the means of windows at all places within a map.

  The sizes of the windows may be tensors, which TensorFlow's pooling cannot
  take: the sums are differences of cumulative ones.
  """
  for axis, side in zip((1, 2), window, strict=True):
    x = tf.pad(x, [[int(i == axis), 0] for i in range(4)])
    sums = tf.cumsum(x, axis)
    count = tf.shape(sums)[axis] - side
    places = tf.range(count)
    x = tf.gather(sums, places + side, axis=axis) - tf.gather(
      sums, places, axis=axis
    )
    x /= tf.cast(side, x.dtype)
  return x


class DensePredictionCell(tf_keras.layers.Layer):
  """Branches that may stand on each other, concatenated and projected.

  Args:
    branches: what each branch is: `{op: conv, kernel: 3, rate: [height, width],
      input: i}`, a separable convolution whose rates are those of output stride
      16; `{op: conv, kernel: 1, input: i}`; or `{op: pyramid_pooling,
      grid_size: [height, width], input: i}`. Input -1 is the backbone, another
      one the branch of that number.
    pooling: the windows of a pyramid pooling.
    options: what all convolutions share.
    number: of the cell, where a model has several.

  Raises:
    ValueError: if a branch is none, or the output stride is above 16.
  """

  def __init__(
    self,
    branches,
    pooling=image_pooling.Pooling(),
    options=layers.ConvOptions(),
    number=0,
  ):
    super().__init__(name=f"dense_prediction_cell_{number}")
    check_branches(branches)
    check_output_stride(pooling.output_stride)
    scope = _SCOPE + (f"_{number}" if number else "")
    multiplier = _RATE_STRIDE // pooling.output_stride
    self.branches = [
      _make_branch(f"{scope}/branch{i}", branch, multiplier, pooling, options)
      for i, branch in enumerate(branches)
    ]
    self._inputs = [branch["input"] for branch in branches]
    self.dropout = dropout_lib.Dropout(_DROPOUT_RATE)
    self.projection = layers.ConvBatchNorm(
      f"{scope}/concat_projection", _FILTERS, options=options
    )

  def call(self, features, training=None, dropout=None, image_size=None):
    """Returns `[batch, h, w, 256]`.

    Args:
      features: `[batch, h, w, channels]`.
      training: whether batch norm uses the statistics of the batch.
      dropout: whether features are dropped out.
      image_size: (height, width) of the images in pixels.
    """
    outputs = []
    for branch, number in zip(self.branches, self._inputs, strict=True):
      x = features if number < 0 else outputs[number]
      if isinstance(branch, _PyramidPooling):
        x = branch(x, training=training, image_size=image_size)
      else:
        x = branch(x, training=training)
      outputs.append(x)
    # Unlike in the ASPP, what is dropped out is projected.
    x = self.dropout(tf.concat(outputs, -1), training=dropout)
    return self.projection(x, training=training)

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return layers.slim_variables_of([*self.branches, self.projection])


def _make_branch(scope, branch, multiplier, pooling, options):
  if branch["op"] == "pyramid_pooling":
    return _PyramidPooling(scope, branch["grid_size"], pooling, options)
  if branch["kernel"] in (1, [1, 1]):
    return layers.ConvBatchNorm(scope, _FILTERS, options=options)
  rates = tuple(rate * multiplier for rate in branch["rate"])
  return layers.SeparableConvBatchNorm(
    scope, _FILTERS, rate=rates, options=options
  )
