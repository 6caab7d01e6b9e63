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

"""Layouts that labels and predictions may have, and what is said of others."""

from typing import Literal

from deeplab_ssl.common import arguments

DataFormat = Literal["channels_last", "channels_first"]
_FORMATS = ("channels_last", "channels_first")


def is_channels_first(data_format: str) -> bool:
  """Returns whether the classes come before height and width.

  Args:
    data_format: "channels_last" or "channels_first".

  Raises:
    ValueError: if it is neither.
  """
  arguments.require(
    data_format in _FORMATS, "data_format", f"one of {_FORMATS}", data_format
  )
  return data_format == "channels_first"


def channels_last(y_true, y_pred, transpose):
  """Moves the classes of predictions, and of one-hot labels, to the end.

  Args:
    y_true: `[batch, height, width]`, `[batch, 1, height, width]` or one-hot
      `[batch, classes, height, width]`.
    y_pred: `[batch, classes, height, width]`.
    transpose: function of a tensor and axes.

  Returns:
    Both, channels last.
  """
  order = (0, 2, 3, 1)
  if len(y_pred.shape) == 4:
    y_pred = transpose(y_pred, order)
  if len(y_true.shape) == 4:
    y_true = transpose(y_true, order)
  return y_true, y_pred


def agree(first, second) -> bool:
  """Returns whether two shapes can be the same; None fits any size."""
  return len(first) == len(second) and all(
    None in (a, b) or a == b for a, b in zip(first, second, strict=True)
  )


def not_floating(dtype) -> str:
  """Says that predictions of this dtype are no logits."""
  return (
    "Predictions must be floating-point logits or probabilities. Received "
    f"dtype {dtype}: pass the model's output before argmax."
  )


def not_a_map(shape) -> str:
  """Says that predictions of this shape are no map."""
  return (
    "Predictions must be [batch, height, width, classes], or [batch, classes, "
    'height, width] with data_format="channels_first", with a known number of '
    f"classes. Received shape {tuple(shape)}."
  )


def not_the_same(labels, predictions) -> str:
  """Says that labels and predictions have different sizes."""
  return (
    "Labels and predictions must have the same batch, height and width. "
    f"Received labels {tuple(labels)} and predictions {tuple(predictions)}: "
    "upsample the logits to the size of the labels, never the labels to the "
    "size of the logits."
  )
