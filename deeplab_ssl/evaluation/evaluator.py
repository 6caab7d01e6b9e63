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

"""All counts of an evaluation, from labels to scores."""

from typing import Any

import tensorflow as tf

from deeplab_ssl.evaluation import boundary as boundary_lib
from deeplab_ssl.evaluation import metrics
from deeplab_ssl.input import dataset_info


class Evaluator:
  """Counts over a data set; create it under the scope of the strategy.

  It has what Model Garden's trainer asks of a metric: a name, `reset_states`
  before and `result` after each pass over the data.

  Args:
    info: the data set.
    boundary: also counts along boundaries, if given.
  """

  name = "mean_iou"

  def __init__(
    self,
    info: dataset_info.DatasetInfo,
    boundary: boundary_lib.Settings | None = None,
  ):
    self._info = info
    self._confusion = metrics.ConfusionMatrix(info.num_classes)
    self._boundary: boundary_lib.BoundaryMatrices | None = None
    if boundary:
      self._boundary = boundary_lib.BoundaryMatrices(info.num_classes, boundary)

  @property
  def _counts(self) -> list[Any]:
    return [c for c in (self._confusion, self._boundary) if c is not None]

  def update_state(self, labels: tf.Tensor, predictions: tf.Tensor) -> None:
    """Adds a batch of images of one size.

    Args:
      labels: int32 `[batch, height, width]`, classes and void.
      predictions: int32 class indices of the same shape.
    """
    for counts in self._counts:
      counts.update_state(labels, predictions, self._info.ignore_label)

  def reset_states(self) -> None:
    """Starts anew."""
    for counts in self._counts:
      counts.reset_state()

  def scores(self) -> metrics.Scores:
    """Returns the scores of what was added."""
    return metrics.Scores(
      self._confusion.result().numpy(),
      self._info.class_names,
      self._boundary.result() if self._boundary else None,
      self._info.ignore_label,
    )

  def result(self) -> float:
    """Returns the mean IoU of what was added."""
    return self.scores().mean_iou
