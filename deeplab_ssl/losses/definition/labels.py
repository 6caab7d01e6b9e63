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

from keras import ops

from deeplab_ssl.losses import encoded_labels
from deeplab_ssl.losses.definition import known_values


def encode_labels(
  labels, num_classes: int, ignore_class: int | None
) -> encoded_labels.Labels:
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
  raise ValueError(encoded_labels.not_labels(shape, num_classes))


def _encode_sparse(labels, num_classes, ignore_class):
  # int32 holds every integer that a mask can have.
  classes = ops.cast(labels, "int32")
  ignored = classes == encoded_labels.FORCE_IGNORED
  if ignore_class is not None:
    ignored = ignored | (classes == ignore_class)
  # A fraction, NaN or a number beyond int32 does not survive the cast.
  exact = ops.cast(classes, labels.dtype) == labels
  legal = exact & (ignored | ((classes >= 0) & (classes < num_classes)))
  illegal = ops.logical_not(legal)
  known_values.require_none(
    illegal,
    labels,
    encoded_labels.not_classes(num_classes, ignore_class),
  )
  dropped = illegal | ignored
  return encoded_labels.Labels(
    ops.where(dropped, encoded_labels.IGNORED, classes), illegal
  )


def _encode_one_hot(labels, ignore_class):
  labels = ops.cast(labels, "float32")
  total = ops.sum(labels, -1)
  binary = ops.all((labels == 0) | (labels == 1), -1)
  fewest = 1 if ignore_class is None else 0
  legal = binary & (total <= 1) & (total >= fewest)
  illegal = ops.logical_not(legal)
  known_values.require_none(
    illegal,
    total,
    encoded_labels.not_one_hot(ignore_class),
  )
  classes = ops.cast(ops.argmax(labels, -1), "int32")
  dropped = illegal | (total == 0)
  if ignore_class is not None:
    dropped = dropped | (classes == ignore_class)
  return encoded_labels.Labels(
    ops.where(dropped, encoded_labels.IGNORED, classes), illegal
  )
