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

"""Segmentation labels as the losses want them: class indices, -1 for ignored.

One convention for everything downstream: `tf.one_hot` of -1 is a row of zeros,
which is just what the paper's y is at an ignored pixel.
"""

import tensorflow as tf

from deeplab_ssl.losses import encoded_labels


def encode_labels(
  labels: tf.Tensor, num_classes: int, ignore_class: int | None
) -> encoded_labels.Labels:
  """Checks labels in any accepted layout and encodes them.

  Args:
    labels: class indices `[batch, height, width]` or `[batch, height, width,
      1]` of any integer or floating dtype (Keras 3 hands labels over as
      floats), or one-hot `[batch, height, width, num_classes]` where a row of
      zeros is an ignored pixel, as `tf.one_hot` makes it of 255.
    num_classes: number of classes C, the last dimension of the logits.
    ignore_class: label of ignored pixels; None says that no pixel is ignored,
      so that a row of zeros is no label either.

  Returns:
    The encoded `Labels`.

  Raises:
    ValueError: if the rank or the last dimension fits none of the layouts.
    tf.errors.InvalidArgumentError: if a label is neither in
      `[0, num_classes)` nor `ignore_class`, or a row has no class or several
      (not under `jit_compile=True`).
  """
  labels = tf.convert_to_tensor(labels)
  rank = labels.shape.rank
  last = labels.shape[-1] if rank else None
  if rank == 3 or (rank == 4 and last == 1):
    return _encode_sparse(
      labels if rank == 3 else labels[..., 0], num_classes, ignore_class
    )
  if rank == 4 and last == num_classes:
    return _encode_one_hot(labels, ignore_class)
  raise ValueError(encoded_labels.not_labels(labels.shape, num_classes))


def _encode_sparse(labels, num_classes, ignore_class):
  classes = tf.cast(labels, tf.int32)
  ignored = tf.equal(classes, encoded_labels.FORCE_IGNORED)
  if ignore_class is not None:
    ignored |= tf.equal(classes, ignore_class)
  # A fraction, NaN or a number beyond int32 does not survive the cast.
  exact = tf.equal(tf.cast(classes, labels.dtype), labels)
  illegal = ~(exact & (ignored | (classes >= 0) & (classes < num_classes)))
  _assert_none(
    illegal,
    labels,
    encoded_labels.not_classes(num_classes, ignore_class),
  )
  return encoded_labels.Labels(
    tf.where(illegal | ignored, encoded_labels.IGNORED, classes), illegal
  )


def _encode_one_hot(labels, ignore_class):
  labels = tf.cast(labels, tf.float32)
  total = tf.reduce_sum(labels, -1)
  binary = tf.reduce_all((labels == 0) | (labels == 1), -1)
  fewest = 1 if ignore_class is None else 0
  illegal = ~(binary & (total <= 1) & (total >= fewest))
  _assert_none(
    illegal,
    total,
    encoded_labels.not_one_hot(ignore_class),
  )
  classes = tf.argmax(labels, -1, output_type=tf.int32)
  dropped = illegal | (total == 0)
  if ignore_class is not None:
    dropped |= tf.equal(classes, ignore_class)
  return encoded_labels.Labels(
    tf.where(dropped, encoded_labels.IGNORED, classes), illegal
  )


def _assert_none(illegal, values, message):
  """Raises `InvalidArgumentError` naming the extremes of illegal values."""
  values = tf.cast(values, tf.float32)
  smallest = tf.reduce_min(tf.where(illegal, values, values.dtype.max))
  largest = tf.reduce_max(tf.where(illegal, values, values.dtype.min))
  found = tf.reduce_any(illegal)
  if not tf.executing_eagerly():
    tf.debugging.Assert(~found, [message, smallest, largest])
  elif found:
    raise tf.errors.InvalidArgumentError(
      None, None, f"{message} {smallest.numpy():g} and {largest.numpy():g}"
    )
