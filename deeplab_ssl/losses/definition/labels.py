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

"""Labels as the losses want them: class indices, -1 for ignored."""

from typing import Any
from typing import NamedTuple

from keras import ops

from deeplab_ssl.losses import label_codes
from deeplab_ssl.losses import shapes
from deeplab_ssl.losses.definition import known_values


class Labels(NamedTuple):
  """Checked labels of one batch.

  Attributes:
    classes: int32 `[batch, height, width]`, class index or -1 where ignored.
    illegal: bool `[batch, height, width]`, true where the given label is
      neither a class nor the ignore class; ignored in `classes`. Only compiled
      code sees a true value; elsewhere an error was raised.
  """

  classes: Any
  illegal: Any

  @property
  def valid(self):
    """bool `[batch, height, width]`: the mask m of the paper's sums."""
    return self.classes >= 0


def encode_labels(labels, num_classes: int, ignore_class: int | None) -> Labels:
  """Checks labels in any accepted layout and encodes them.

  Args:
    labels: class indices `[batch, height, width]` or `[batch, height, width,
      1]` of any integer or floating dtype, or one-hot `[batch, height, width,
      num_classes]` where a row of zeros is an ignored pixel.
    num_classes: number of classes C, the last dimension of the logits.
    ignore_class: label of ignored pixels; None says that no pixel is ignored,
      so that a row of zeros is no label either.

  Returns:
    The encoded `Labels`.

  Raises:
    ValueError: if the rank or the last dimension fits none of the layouts, or a
      label is neither a class nor `ignore_class` (not in compiled code).
  """
  labels = ops.convert_to_tensor(labels)
  shape = tuple(labels.shape)
  if len(shape) == 3 or (len(shape) == 4 and shape[-1] == 1):
    return _encode_sparse(
      labels if len(shape) == 3 else labels[..., 0], num_classes, ignore_class
    )
  if len(shape) == 4 and shape[-1] == num_classes:
    return _encode_one_hot(labels, ignore_class)
  raise ValueError(
    "Labels must be class indices [batch, height, width] or [batch, height, "
    f"width, 1], or one-hot [batch, height, width, {num_classes}] to match "
    f"logits of {num_classes} classes. Received labels of shape {shape}: "
    "squeeze or encode them, or give the model's head one channel per class."
  )


def _encode_sparse(labels, num_classes, ignore_class):
  # int32 holds every integer that a mask can have.
  classes = ops.cast(labels, "int32")
  ignored = classes == label_codes.FORCE_IGNORED
  if ignore_class is not None:
    ignored = ignored | (classes == ignore_class)
  # A fraction, NaN or a number beyond int32 does not survive the cast.
  exact = ops.cast(classes, labels.dtype) == labels
  legal = exact & (ignored | ((classes >= 0) & (classes < num_classes)))
  illegal = ops.logical_not(legal)
  known_values.require_none(
    illegal,
    labels,
    f"Labels must be integers in [0, {num_classes}) or the ignore class "
    f"({ignore_class}); set `ignore_class` or `num_classes`, or convert the "
    f"masks{shapes.one_channel(num_classes)}. Received, smallest and largest "
    "offender:",
  )
  dropped = illegal | ignored
  return Labels(ops.where(dropped, label_codes.IGNORED, classes), illegal)


def _encode_one_hot(labels, ignore_class):
  labels = ops.cast(labels, "float32")
  total = ops.sum(labels, -1)
  binary = ops.all((labels == 0) | (labels == 1), -1)
  fewest = 1 if ignore_class is None else 0
  legal = binary & (total <= 1) & (total >= fewest)
  illegal = ops.logical_not(legal)
  zeros = (
    "; rows of 0, for ignored pixels, may be there with an `ignore_class`, "
    "such as 255"
    if fewest
    else ", or only 0 where the pixel is ignored"
  )
  known_values.require_none(
    illegal,
    total,
    f"One-hot labels must hold a single 1 per pixel{zeros}; soft labels are "
    "not supported. Received rows whose sums range between:",
  )
  classes = ops.cast(ops.argmax(labels, -1), "int32")
  dropped = illegal | (total == 0)
  if ignore_class is not None:
    dropped = dropped | (classes == ignore_class)
  return Labels(ops.where(dropped, label_codes.IGNORED, classes), illegal)
