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

"""Segmentation scores from one integer confusion matrix."""

from collections.abc import Sequence
import json

import numpy as np
import tensorflow as tf
import tf_keras


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
    """
    valid = tf.not_equal(labels, ignore_label)
    self.matrix.assign_add(
      tf.math.confusion_matrix(
        tf.boolean_mask(labels, valid),
        tf.boolean_mask(predictions, valid),
        self.num_classes,
        dtype=tf.int64,
      )
    )

  def result(self):
    """Returns int64 `[C, C]`, rows are labels."""
    return tf.identity(self.matrix)

  def reset_state(self):
    self.matrix.assign(tf.zeros_like(self.matrix))


class Scores:
  """Scores of a confusion matrix.

  A class without a labelled pixel is absent: its IoU is NaN, shown as "n/a",
  and it is left out of the means. Pixels falsely given to it still count as
  misses of their true class.

  Args:
    matrix: int `[C, C]` counts, rows are labels, columns predictions.
    class_names: C names.

  Attributes:
    iou: float64 `[C]`, intersection over union in [0, 1], NaN if absent.
    pixels: int64 `[C]`, labelled pixels.
    mean_iou: mean of `iou` over the classes that occur.
    pixel_accuracy: share of the labelled pixels that are right.
    mean_accuracy: mean recall over the classes that occur.
  """

  def __init__(self, matrix: np.ndarray, class_names: Sequence[str]):
    matrix = np.asarray(matrix, np.int64)
    if matrix.shape != (len(class_names), len(class_names)):
      raise ValueError(
        f"The confusion matrix must be [{len(class_names)}, "
        f"{len(class_names)}] for {len(class_names)} class names. Received: "
        f"{matrix.shape}"
      )
    self.matrix = matrix
    self.class_names = tuple(class_names)
    hits = np.diag(matrix).astype(np.float64)
    self.pixels = matrix.sum(1)
    present = self.pixels > 0
    union = self.pixels + matrix.sum(0) - hits
    self.iou = np.full(len(hits), np.nan)
    self.iou[present] = hits[present] / union[present]
    recall = hits[present] / self.pixels[present]
    total = self.pixels.sum()
    self.mean_iou = float(self.iou[present].mean()) if total else float("nan")
    self.mean_accuracy = float(recall.mean()) if total else float("nan")
    self.pixel_accuracy = float(hits.sum() / total) if total else float("nan")

  def as_logs(self) -> dict[str, float]:
    """Returns finite scalars by name, for TensorBoard and the log."""
    logs = {
      "mean_iou": self.mean_iou,
      "pixel_accuracy": self.pixel_accuracy,
      "mean_accuracy": self.mean_accuracy,
    }
    logs |= {
      f"iou/{name}": float(value)
      for name, value in zip(self.class_names, self.iou, strict=True)
    }
    return {k: v for k, v in logs.items() if np.isfinite(v)}

  def save(self, path: str) -> None:
    """Writes scores and pixel counts as JSON; an absent class is null."""

    def finite(value):
      return None if np.isnan(value) else value

    content = {
      "mean_iou": finite(self.mean_iou),
      "pixel_accuracy": finite(self.pixel_accuracy),
      "mean_accuracy": finite(self.mean_accuracy),
      "classes": {
        name: {"iou": finite(iou), "pixels": int(pixels)}
        for name, iou, pixels in zip(
          self.class_names, self.iou, self.pixels, strict=True
        )
      },
    }
    with tf.io.gfile.GFile(path, "w") as f:
      f.write(json.dumps(content, indent=2) + "\n")

  def __str__(self):
    """Returns a table of IoU and labelled pixels per class."""
    width = max(len(name) for name in (*self.class_names, "pixel accuracy"))
    rows = [f"{'class':<{width}}     IoU        pixels"]
    for name, iou, pixels in zip(
      self.class_names, self.iou, self.pixels, strict=True
    ):
      shown = "n/a" if np.isnan(iou) else f"{100 * iou:.2f}"
      rows.append(f"{name:<{width}}  {shown:>6}  {pixels:>12,}")
    occurring = int((self.pixels > 0).sum())
    rows.append(
      f"{'mean IoU':<{width}}  {100 * self.mean_iou:>6.2f}  over {occurring} "
      f"of {len(self.class_names)} classes that occur"
    )
    rows.append(
      f"{'pixel accuracy':<{width}}  {100 * self.pixel_accuracy:>6.2f}"
    )
    return "\n".join(rows)
