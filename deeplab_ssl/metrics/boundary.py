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

"""Scores of the structure, along the boundaries of classes.

`evaluation.boundary` says what they are and where they come from.
"""

import keras
from keras import ops

from deeplab_ssl.common import arguments
from deeplab_ssl.metrics import mean_iou

# Not a label: what lies outside of an image.
_OUTSIDE = -2
_VOID = -1


def near_another_label(labels, distance: int, *, border: bool):
  """Finds the pixels within a distance of one with another label.

  Args:
    labels: int32 `[batch, height, width]`, at least -1.
    distance: chessboard distance in pixels, at least 1.
    border: whether the outside of the image counts as another label.

  Returns:
    bool `[batch, height, width]`.
  """
  values = ops.cast(labels, "float32")[..., None]
  if border:
    frame = ((0, 0), (1, 1), (1, 1), (0, 0))
    values = ops.pad(values, frame, constant_values=float(_OUTSIDE))
  unlike = _largest(values, distance) > -_largest(-values, distance)
  unlike = unlike[..., 0]
  return unlike[:, 1:-1, 1:-1] if border else unlike


def _largest(values, distance):
  """Returns the largest value in the square around each pixel."""
  side = 2 * distance + 1
  for window in ((side, 1), (1, side)):
    values = ops.max_pool(
      values, window, strides=1, padding="same", data_format="channels_last"
    )
  return values


@keras.saving.register_keras_serializable(package="deeplab_ssl")
class BoundaryIoU(mean_iou.ConfusionMetric):
  """Mean Boundary IoU: intersection over union of the classes' boundaries.

  A pixel of a class is on its boundary within 2 % of the diagonal of the image
  of a pixel that is not of the class. Images must be of a size that is known
  when the graph is built.

  Args:
    num_classes: number of classes C.
    ratio: width of the boundaries as a share of the diagonal, in (0, 1].
    ignore_class: label of void; None says that there is none.
    name: name of the metric.
    data_format: as in `MeanIoU`.

  Raises:
    ValueError: if an argument is out of its range.

  Example:

  The boundaries of a square of 3x3 pixels and of one that is a row lower share
  4 of 12 pixels; those of what is around them, with the border of the image,
  40 of 56.

  >>> import numpy as np
  >>> from deeplab_ssl import metrics
  >>> metric = metrics.BoundaryIoU(num_classes=2)
  >>> labels = np.zeros([1, 9, 9], int)
  >>> labels[:, 3:6, 3:6] = 1
  >>> metric.update_state(labels, np.roll(labels, 1, axis=1))
  >>> round(float(metric.result()), 4)
  0.5238
  """

  _extra = 1  # A pixel that is on no boundary.

  def __init__(
    self,
    num_classes,
    ratio=0.02,
    ignore_class=255,
    name="boundary_iou",
    data_format=None,
  ):
    super().__init__(num_classes, ignore_class, name, data_format)
    self.ratio = ratio
    arguments.require_numbers(self, "ratio")
    arguments.require(0 < ratio <= 1, "ratio", "in (0, 1]", ratio)

  def _width(self, shape):
    """Returns the width of the boundaries in pixels, at least 1."""
    height, width = shape
    if height is None or width is None:
      raise ValueError(
        "BoundaryIoU needs images of a known size. Received predictions of "
        f"height {height} and width {width}: give the model's input a shape, "
        "or score with `python -m deeplab_ssl.evaluate`."
      )
    diagonal = (height**2 + width**2) ** 0.5
    return max(1, round(self.ratio * diagonal))

  def _count(self, classes, predictions):
    width = self._width(predictions.shape[1:])
    valid = classes >= 0
    # Void is copied, so that its rim lies alike in both.
    predictions = ops.where(valid, predictions, _VOID)
    bands = [
      ops.where(
        near_another_label(found, width, border=True), found, self.num_classes
      )
      for found in (classes, predictions)
    ]
    self._add_pairs(*bands, valid)

  def get_config(self):
    """Returns every constructor argument."""
    return {**super().get_config(), "ratio": self.ratio}


@keras.saving.register_keras_serializable(package="deeplab_ssl")
class TrimapIoU(mean_iou.ConfusionMetric):
  """Mean IoU of the pixels within some pixels of one with another label.

  Void is another label; the border of the image is none.

  Args:
    num_classes: number of classes C.
    width: half width of the band in pixels, a positive integer.
    ignore_class: label of void; None says that there is none.
    name: name of the metric; None is "trimap_iou_" and the width.
    data_format: as in `MeanIoU`.

  Raises:
    ValueError: if an argument is out of its range.

  Example:

  Only the two columns beside the edge of the classes count.

  >>> import numpy as np
  >>> from deeplab_ssl import metrics
  >>> metric = metrics.TrimapIoU(num_classes=2, width=1)
  >>> labels = np.repeat([[[0, 0, 0, 1, 1, 1]]], 4, axis=1)
  >>> metric.update_state(labels, np.repeat([[[1, 0, 0, 1, 1, 0]]], 4, axis=1))
  >>> float(metric.result())
  1.0
  """

  def __init__(
    self, num_classes, width=4, ignore_class=255, name=None, data_format=None
  ):
    arguments.require(
      isinstance(width, int) and width > 0 and width is not True,
      "width",
      "a positive number of pixels",
      width,
    )
    super().__init__(
      num_classes, ignore_class, name or f"trimap_iou_{width}", data_format
    )
    self.width = width

  def _count(self, classes, predictions):
    near = near_another_label(classes, self.width, border=False)
    self._add_pairs(classes, predictions, near & (classes >= 0))

  def get_config(self):
    """Returns every constructor argument."""
    return {**super().get_config(), "width": self.width}
