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

"""Segmentation scores from integer confusion matrices."""

from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses

import numpy as np
import tensorflow as tf
import tf_keras

from deeplab_ssl.common import atomic_files

# The scores of a validation that are one number for the data set.
VALIDATION_SCORES = (
  "mean_iou",
  "pixel_accuracy",
  "mean_accuracy",
  "frequency_weighted_iou",
)


def _is_class(values, num_classes):
  return (values >= 0) & (values < num_classes)


class ConfusionMatrix(tf_keras.metrics.Metric):
  """Counts (label, prediction) pairs over a data set, summed over replicas.

  Args:
    num_classes: number of classes C.
    name: name of the metric.
  """

  def __init__(self, num_classes: int, name: str = "confusion_matrix"):
    super().__init__(name=name, dtype=tf.int64)
    self.num_classes = num_classes
    self.matrix = self.add_weight(
      "matrix", [num_classes, num_classes], initializer="zeros", dtype=tf.int64
    )

  def update_state(self, labels, predictions, ignore_label=255):
    """Adds the valid pixels of a batch.

    Args:
      labels: int32 `[batch, height, width]`.
      predictions: int32 class indices of the same shape.
      ignore_label: label that is not counted.

    Raises:
      tf.errors.InvalidArgumentError: if a valid pixel has a label or a
        prediction that is no class.
    """
    labels = tf.cast(labels, tf.int32)
    predictions = tf.cast(predictions, tf.int32)
    classes, valid = self.num_classes, tf.not_equal(labels, ignore_label)
    illegal = valid & ~(
      _is_class(labels, classes) & _is_class(predictions, classes)
    )
    legal = tf.debugging.assert_equal(
      tf.reduce_any(illegal),
      False,
      f"A label or a prediction is not in 0..{classes - 1}.",
    )
    with tf.control_dependencies([legal] if legal is not None else []):
      # A number for each pair, and one for void.
      pairs = tf.where(valid, classes * labels + predictions, classes**2)
    # TensorFlow counts integers on GPUs, too, but not in a deterministic mode.
    with tf.device("CPU"):
      counts = tf.math.bincount(
        pairs,
        minlength=classes**2 + 1,
        maxlength=classes**2 + 1,
        dtype=tf.int64,
      )
    self.matrix.assign_add(tf.reshape(counts[:-1], [classes, classes]))

  def result(self):
    """Returns int64 `[C, C]`, rows are labels."""
    return tf.identity(self.matrix)

  def reset_state(self):
    self.matrix.assign(tf.zeros_like(self.matrix))


@dataclasses.dataclass(frozen=True)
class BoundaryCounts:
  """What `evaluation.boundary` counts over a data set of C classes.

  Attributes:
    ratio: width of the boundaries as a share of the diagonal of an image.
    bands: int64 `[C + 1, C + 1]`, rows are labels, columns predictions: pixels
      on the boundary of a class; index C is none.
    trimaps: {half width in pixels: confusion matrix within it, `[C, C]`}.
  """

  ratio: float
  bands: np.ndarray
  trimaps: Mapping[int, np.ndarray]


def _class_scores(matrix):
  """Returns IoU and recall per class, NaN where a class is not labelled."""
  hits = np.diag(matrix).astype(np.float64)
  labelled = matrix.sum(1)
  present = labelled > 0
  iou, recall = np.full([2, len(hits)], np.nan)
  union = labelled + matrix.sum(0) - hits
  iou[present] = hits[present] / union[present]
  recall[present] = hits[present] / labelled[present]
  return iou, recall


def _mean(values):
  """Mean over what is not NaN; NaN if there is nothing."""
  known = values[~np.isnan(values)]
  return float(known.mean()) if known.size else float("nan")


def _percent(value):
  return "n/a" if np.isnan(value) else f"{100 * value:.2f}"


def _json_value(value):
  return None if np.isnan(value) else float(value)


class Scores:
  """Scores of a confusion matrix, and of boundaries if they were counted.

  A class without a labelled pixel is absent: its scores are NaN, shown as
  "n/a", and it is left out of the means. Pixels falsely given to it still count
  as misses of their true class. So do those that are given to void, where that
  has a channel of its own; it is not among the C classes that are scored.

  Args:
    matrix: int `[C, C]` counts, rows are labels, columns predictions.
    class_names: C names.
    boundary: counts along the boundaries, see `evaluation.boundary`.
    ignore_label: the label of void. Where it is an index of the matrix, the
      matrix and `class_names` are of one class more than the scores.

  Attributes:
    matrix: int64, as it is given.
    class_names: C names.
    iou: float64 `[C]`, intersection over union in [0, 1].
    accuracy: float64 `[C]`, share of the labelled pixels that are right (the
      recall of the class).
    pixels: int64 `[C]`, labelled pixels.
    mean_iou: mean of `iou` over the classes that occur.
    pixel_accuracy: share of all labelled pixels that are right.
    mean_accuracy: mean of `accuracy` over the classes that occur.
    frequency_weighted_iou: mean of `iou` weighted by `pixels`.
    boundary_iou: float64 `[C]`, or None if it was not counted.
    mean_boundary_iou: its mean over the classes that occur, or None.
    trimap_mean_iou: {half width in pixels: mean IoU within it}.
  """

  def __init__(
    self,
    matrix: np.ndarray,
    class_names: Sequence[str],
    boundary: BoundaryCounts | None = None,
    ignore_label: int = 255,
  ):
    matrix = np.asarray(matrix, np.int64)
    if matrix.shape != (len(class_names), len(class_names)):
      raise ValueError(
        f"The confusion matrix must be [{len(class_names)}, "
        f"{len(class_names)}] for {len(class_names)} class names. Received: "
        f"{matrix.shape}"
      )
    self.matrix = matrix
    scored = [i for i in range(len(class_names)) if i != ignore_label]
    self.class_names = tuple(class_names[i] for i in scored)
    self.pixels = matrix.sum(1)[scored]
    self.iou, self.accuracy = (s[scored] for s in _class_scores(matrix))
    self.mean_iou = _mean(self.iou)
    self.mean_accuracy = _mean(self.accuracy)
    total = self.pixels.sum()
    self.pixel_accuracy = self.frequency_weighted_iou = float("nan")
    if total:
      self.pixel_accuracy = float(np.trace(matrix) / total)
      self.frequency_weighted_iou = float(
        np.nansum(self.iou * self.pixels) / total
      )
    self.boundary = boundary
    self.boundary_iou = self.mean_boundary_iou = None
    self.trimap_mean_iou = {}
    if boundary:
      self.boundary_iou = _class_scores(boundary.bands)[0][scored]
      self.mean_boundary_iou = _mean(self.boundary_iou)
      self.trimap_mean_iou = {
        width: _mean(_class_scores(counts)[0])
        for width, counts in boundary.trimaps.items()
      }

  def _means(self):
    """Returns {name: value} of what is one number for the data set."""
    means = {name: getattr(self, name) for name in VALIDATION_SCORES}
    if self.boundary:
      means["mean_boundary_iou"] = self.mean_boundary_iou
    return means

  def as_logs(self) -> dict[str, float]:
    """Returns finite scalars by name, for TensorBoard and the log."""
    logs = self._means()
    logs |= {
      f"iou/{name}": float(value)
      for name, value in zip(self.class_names, self.iou, strict=True)
    }
    return {k: v for k, v in logs.items() if np.isfinite(v)}

  def as_dict(self) -> dict:
    """Returns all scores and pixel counts for JSON; an absent class is None."""
    columns = {"iou": self.iou, "accuracy": self.accuracy}
    if self.boundary:
      columns["boundary_iou"] = self.boundary_iou
    content = {k: _json_value(v) for k, v in self._means().items()}
    if self.boundary:
      content["boundary_ratio"] = self.boundary.ratio
      content["trimap_mean_iou"] = {
        str(width): _json_value(v) for width, v in self.trimap_mean_iou.items()
      }
    content["classes"] = {
      name: {k: _json_value(v[i]) for k, v in columns.items()}
      | {"pixels": int(self.pixels[i])}
      for i, name in enumerate(self.class_names)
    }
    return content

  def save(self, path: str) -> None:
    """Writes `as_dict` as JSON, and the folders above it."""
    atomic_files.write_json(path, self.as_dict())

  def __str__(self):
    """Returns a table, in percent, of the classes and of the means."""
    columns = {"IoU": self.iou, "accuracy": self.accuracy}
    if self.boundary:
      columns["boundary IoU"] = self.boundary_iou
    means = {
      "mean IoU": self.mean_iou,
      "pixel accuracy": self.pixel_accuracy,
      "mean accuracy": self.mean_accuracy,
      "frequency-weighted IoU": self.frequency_weighted_iou,
    }
    if self.boundary:
      means["mean boundary IoU"] = self.mean_boundary_iou
    for width, value in self.trimap_mean_iou.items():
      means[f"mean IoU within {width} px"] = value
    width = max(map(len, (*self.class_names, *means)))
    head = "".join(f"  {name:>8}" for name in columns)
    rows = [f"{'class':<{width}}{head}        pixels"]
    for i, name in enumerate(self.class_names):
      cells = "".join(
        f"  {_percent(values[i]):>{max(8, len(column))}}"
        for column, values in columns.items()
      )
      rows.append(f"{name:<{width}}{cells}  {self.pixels[i]:>12,}")
    rows += [f"{k:<{width}}  {_percent(v):>8}" for k, v in means.items()]
    rows[1 + len(self.class_names)] += (
      f"  over {int((self.pixels > 0).sum())} of {len(self.class_names)} "
      "classes that occur"
    )
    return "\n".join(rows)
