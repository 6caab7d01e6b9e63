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

"""Mean intersection over union."""

import numbers

import keras
from keras import ops

from deeplab_ssl.common import arguments
from deeplab_ssl.losses import functional
from deeplab_ssl.losses import shapes
from deeplab_ssl.losses.definition import known_values
from deeplab_ssl.metrics import counts


class ConfusionMetric(keras.metrics.Metric):
  """Base of what is computed from a confusion matrix.

  A class without a labelled pixel is absent: it has no IoU and is left out of
  the mean. Pixels falsely given to it still count as misses of their class.

  Args:
    num_classes: number of classes C.
    ignore_class: label of void; None says that there is none.
    name: name of the metric.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`; None is Keras' own
      `image_data_format`.

  Raises:
    ValueError: if an argument is out of its range.
  """

  # Rows and columns beside those of the classes.
  _extra = 0

  def __init__(self, num_classes, ignore_class, name, data_format):
    super().__init__(name=name, dtype="float32")
    arguments.require(
      isinstance(num_classes, numbers.Integral)
      and not isinstance(num_classes, bool)
      and num_classes > 0,
      "num_classes",
      "a positive integer",
      num_classes,
    )
    self.num_classes = int(num_classes)
    self.ignore_class = ignore_class
    self.data_format = data_format or keras.config.image_data_format()
    self._first = shapes.is_channels_first(self.data_format)
    self._size = num_classes + self._extra
    self._matrix = counts.Counts(self, (self._size, self._size), "matrix")
    self._illegal = counts.Counts(self, (), "illegal")

  def update_state(self, y_true, y_pred, sample_weight=None):
    """Adds the valid pixels of a batch.

    Args:
      y_true: labels in any layout that the losses take.
      y_pred: logits or probabilities `[batch, height, width, classes]`, of
        which the largest counts, or class indices `[batch, height, width]` of
        an integer dtype.
      sample_weight: not taken: a count has no weight.

    Raises:
      ValueError: if a shape does not fit, a weight is given, a label is neither
        a class nor `ignore_class`, or a prediction is no class. Compiled code
        cannot raise; there the result is NaN from then on.
    """
    if sample_weight is not None:
      raise ValueError(
        f"{type(self).__name__} counts pixels and takes no sample_weight: give "
        "it as one of `metrics`, not of `weighted_metrics`."
      )
    y_true, y_pred = (ops.convert_to_tensor(x) for x in (y_true, y_pred))
    if self._first:
      y_true, y_pred = shapes.channels_last(y_true, y_pred, ops.transpose)
    predictions = self._classes_of(y_pred)
    encoded = functional.encode_labels(
      y_true, self.num_classes, self.ignore_class
    )
    if not shapes.agree(encoded.classes.shape, predictions.shape):
      raise ValueError(
        shapes.not_the_same(encoded.classes.shape, predictions.shape)
      )
    nowhere = (predictions < 0) | (predictions >= self.num_classes)
    nowhere = nowhere & encoded.valid
    known_values.require_none(
      nowhere,
      predictions,
      f"Predictions must be classes in [0, {self.num_classes}). Received, "
      "smallest and largest offender:",
    )
    illegal = ops.cast(encoded.illegal | nowhere, "int32")
    self._illegal.add(ops.sum(illegal))
    self._count(encoded.classes, predictions)

  def _classes_of(self, y_pred):
    """Returns int32 class indices, `[batch, height, width]`."""
    shape = tuple(y_pred.shape)
    dtype = keras.backend.standardize_dtype(y_pred.dtype)
    if len(shape) == 3 and "int" in dtype:
      return ops.cast(y_pred, "int32")
    if len(shape) == 4 and shape[-1] == self.num_classes:
      return ops.cast(ops.argmax(y_pred, -1), "int32")
    raise ValueError(
      f"Predictions must be [batch, height, width, {self.num_classes}], or "
      "class indices [batch, height, width] of an integer dtype. Received "
      f"shape {shape} and dtype {dtype}; `num_classes` is {self.num_classes}."
    )

  def _count(self, classes, predictions):
    """Adds pixels to the matrix; `classes` is -1 where a label is void."""
    self._add_pairs(classes, predictions, classes >= 0)

  def _add_pairs(self, rows, columns, counted):
    """Adds pairs where `counted` is true; a column out of range is nowhere."""
    cells = self._size**2
    known = counted & (columns >= 0) & (columns < self._size)
    pair = ops.reshape(
      ops.where(known, rows * self._size + columns, cells), (-1,)
    )
    found = ops.segment_sum(ops.ones_like(pair), pair, cells + 1)
    self._matrix.add(ops.reshape(found[:cells], (self._size, self._size)))

  def per_class(self):
    """Returns the IoU of each class in [0, 1], NaN for an absent one."""
    matrix = self._matrix.value()
    hits = ops.diagonal(matrix)
    labelled = ops.sum(matrix, 1)
    union = labelled + ops.sum(matrix, 0) - hits
    present = labelled > 0
    iou = ops.where(
      present, hits / ops.where(present, union, 1.0), float("nan")
    )
    return iou[: self.num_classes]

  def result(self):
    """Returns the mean IoU of the classes that occur, NaN if none does."""
    iou = self.per_class()
    known = iou == iou
    total = ops.sum(ops.where(known, iou, 0.0))
    present = ops.sum(ops.cast(known, "float32"))
    return ops.where(
      (present > 0) & (self._illegal.value() == 0),
      total / ops.where(present > 0, present, 1.0),
      float("nan"),
    )

  def get_config(self):
    """Returns every constructor argument."""
    return {
      "num_classes": self.num_classes,
      "ignore_class": self.ignore_class,
      "name": self.name,
      "data_format": self.data_format,
    }


@keras.saving.register_keras_serializable(package="deeplab_ssl")
class MeanIoU(ConfusionMetric):
  """Mean intersection over union over the classes that occur.

  Args:
    num_classes: number of classes C.
    ignore_class: label of void; None says that there is none.
    name: name of the metric.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`; None is Keras' own
      `image_data_format`.

  Raises:
    ValueError: if an argument is out of its range.

  Example:

  Of class 0 one of two pixels is found, of class 1 its only one, beside a false
  one; class 2 does not occur, and one pixel is void.

  >>> import numpy as np
  >>> from deeplab_ssl import metrics
  >>> metric = metrics.MeanIoU(num_classes=3)
  >>> metric.update_state(
  ...   np.array([[[0, 0], [1, 255]]]), np.array([[[0, 1], [1, 2]]])
  ... )
  >>> float(metric.result())
  0.5
  """

  def __init__(
    self, num_classes, ignore_class=255, name="mean_iou", data_format=None
  ):
    super().__init__(num_classes, ignore_class, name, data_format)
