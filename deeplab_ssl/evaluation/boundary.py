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

"""Scores of the structure: Boundary IoU and trimaps, counted over a data set.

Both look at labels L, classes and void, and at a prediction P. Void is
first copied from L into P, so that the prediction there counts for nothing and
the rim of void lies alike in both. Distances are chessboard distances, in
pixels: 1 to each of the eight neighbours.

Boundary IoU. The mask of a class is the pixels of that class. Its boundary is
the pixels of the mask within d pixels of one that is not in it, be that one of
another class, void or outside of the image. The score of a class is the
intersection over union of its boundaries in L and in P, summed over the images
before the division. d is 2 % of the diagonal of the image, rounded, at least 1.
Source: Cheng et al., "Boundary IoU: Improving Object-Centric Image Segmentation
Evaluation", CVPR 2021, and the authors' code, which erodes a mask d times by
3 x 3 pixels after framing it with zeros. They score instances, one by one;
void and the sum over images are this module's extension to semantic classes.

Trimap. The confusion matrix of the valid pixels within w pixels of one with
another label in L, void included; the border of the image is no boundary. VOC
draws void along every object, so these are the bands around void of Chen et
al., "Semantic Image Segmentation with Deep Convolutional Nets and Fully
Connected CRFs", ICLR 2015, after Kohli et al., "Robust Higher Order
Potentials for Enforcing Label Consistency", IJCV 2009, and Kraehenbuehl and
Koltun, NIPS 2011. Elsewhere they are the bands around where two classes meet.

A pixel is within d pixels of another label if and only if the square of 2 d + 1
pixels around it holds two labels. That takes the classes all at once and needs
no erosion of single masks: time and memory do not depend on their number, and
hardly on d.
"""

from collections.abc import Sequence
import dataclasses
import numbers

import tensorflow as tf

from deeplab_ssl.common import arguments
from deeplab_ssl.evaluation import metrics

# Not a label: what lies outside of an image.
_OUTSIDE = -1


@dataclasses.dataclass(frozen=True)
class Settings:
  """How wide the boundaries are.

  Attributes:
    ratio: width of the boundaries of Boundary IoU as a share of the diagonal
      of the image, in (0, 1].
    trimap_widths: half widths of the trimaps in pixels, at least 1; may be
      empty.

  Raises:
    ValueError: if an attribute is wrong.
  """

  ratio: float = 0.02
  trimap_widths: Sequence[int] = (1, 2, 4, 8, 16)

  def __post_init__(self):
    arguments.require_numbers(self, "ratio")
    if not 0 < self.ratio <= 1:
      raise ValueError(
        f"Attribute `ratio` must be in (0, 1]. Received: ratio={self.ratio}"
      )
    widths = self.trimap_widths
    whole = all(isinstance(w, numbers.Integral) for w in widths)
    if (
      not whole or any(w < 1 for w in widths) or len(set(widths)) < len(widths)
    ):
      raise ValueError(
        "Attribute `trimap_widths` must be different positive integers. "
        f"Received: trimap_widths={widths}"
      )


def boundary_width(
  height: tf.Tensor | int, width: tf.Tensor | int, ratio: float
) -> tf.Tensor:
  """Computes the width d of the boundaries in an image.

  Args:
    height: height in pixels.
    width: width in pixels.
    ratio: share of the diagonal.

  Returns:
    int32 scalar, at least 1.
  """
  sides = [tf.cast(side, tf.float64) for side in (height, width)]
  diagonal = tf.sqrt(sides[0] ** 2 + sides[1] ** 2)
  return tf.maximum(1, tf.cast(tf.round(ratio * diagonal), tf.int32))


def _over_squares(combine, values):
  """Combines 3 x 3 values; `[batch, h, w]` to `[batch, h - 2, w - 2]`."""
  rows = combine(combine(values[:, :-2], values[:, 1:-1]), values[:, 2:])
  return combine(combine(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:])


# The pixels from `start` to before `end`, of columns and of rows.
_CUTS = (
  lambda x, start, end: x[:, start:end],
  lambda x, start, end: x[:, :, start:end],
)


def _dilate(mask, radius):
  """Dilates bool `[batch, h, w]` by a square of 2 radius + 1 pixels.

  What is seen through a window is joined with what one beside it sees, so that
  each turn doubles the length of the window.
  """
  wanted, shape = 2 * radius + 1, mask.shape
  for axis, cut in enumerate(_CUTS, start=1):

    def grow(seen, length, cut=cut):
      step = tf.minimum(length, wanted - length)
      return cut(seen, 0, -step) | cut(seen, step, None), length + step

    frame = [[radius * int(i == axis)] * 2 for i in range(3)]
    mask, _ = tf.while_loop(
      lambda _, length: length < wanted,
      grow,
      [tf.pad(mask, frame), 1],
      shape_invariants=[tf.TensorShape([None] * 3), tf.TensorShape([])],
    )
  return tf.ensure_shape(mask, shape)


def near_another_label(
  labels: tf.Tensor, distance: tf.Tensor | int, *, border: bool
) -> tf.Tensor:
  """Finds the pixels within a distance of one with another label.

  Args:
    labels: int32 `[batch, height, width]`, not negative.
    distance: chessboard distance in pixels, at least 1.
    border: whether the outside of the image counts as another label.

  Returns:
    bool `[batch, height, width]`.
  """
  # The last pixel on the shortest way to another label is next to it: to find
  # such pixels and to dilate them is enough.
  return _dilate(_beside_another_label(labels, border), distance - 1)


def _beside_another_label(labels, border):
  """As `near_another_label` with distance 1."""
  frame = [[0, 0], [1, 1], [1, 1]]
  if border:
    framed = tf.pad(labels, frame, constant_values=_OUTSIDE)
  else:
    framed = tf.pad(labels, frame, "SYMMETRIC")
  return _over_squares(tf.maximum, framed) > _over_squares(tf.minimum, framed)


class BoundaryMatrices:
  """Counts Boundary IoU and trimaps over a data set, summed over replicas.

  Create it under the scope of the strategy that updates it.

  Args:
    num_classes: number of classes C.
    settings: how wide the boundaries are.
  """

  def __init__(self, num_classes: int, settings: Settings):
    self._num_classes = num_classes
    self._settings = settings
    self._bands = metrics.ConfusionMatrix(num_classes + 1, "boundary")
    self._trimaps = {
      w: metrics.ConfusionMatrix(num_classes, f"trimap_{w}")
      for w in settings.trimap_widths
    }

  def update_state(self, labels, predictions, ignore_label=255):
    """Adds a batch of images of one size.

    Args:
      labels: int32 `[batch, height, width]`.
      predictions: int32 class indices of the same shape.
      ignore_label: the label of void.
    """
    labels = tf.cast(labels, tf.int32)
    void = tf.equal(labels, ignore_label)
    predictions = tf.where(void, labels, tf.cast(predictions, tf.int32))
    shape = tf.shape(labels)
    width = boundary_width(shape[1], shape[2], self._settings.ratio)
    bands = []
    for classes in (labels, predictions):
      near = near_another_label(classes, width, border=True)
      bands.append(tf.where(near & ~void, classes, self._num_classes))
    self._bands.update_state(*bands, ignore_label=_OUTSIDE)
    beside = _beside_another_label(labels, border=False)
    for width, matrix in self._trimaps.items():
      near = _dilate(beside, width - 1)
      matrix.update_state(
        tf.where(near, labels, ignore_label), predictions, ignore_label
      )

  def result(self) -> metrics.BoundaryCounts:
    """Returns the counts so far."""
    return metrics.BoundaryCounts(
      self._settings.ratio,
      self._bands.result().numpy(),
      {w: matrix.result().numpy() for w, matrix in self._trimaps.items()},
    )

  def reset_state(self):
    for matrix in (self._bands, *self._trimaps.values()):
      matrix.reset_state()
