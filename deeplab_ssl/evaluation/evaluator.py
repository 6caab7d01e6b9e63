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

"""All counts of an evaluation, from label maps to scores."""

from deeplab_ssl.evaluation import boundary as boundary_lib
from deeplab_ssl.evaluation import metrics
from deeplab_ssl.input import dataset_info


class Evaluator:
  """Counts over a data set; create it under the scope of the strategy.

  Args:
    info: the data set.
    boundary: also counts along boundaries, if given.
  """

  def __init__(
    self,
    info: dataset_info.DatasetInfo,
    boundary: boundary_lib.Settings | None = None,
  ):
    self._info = info
    self._confusion = metrics.ConfusionMatrix(info.num_classes)
    self._boundary = None
    if boundary is not None:
      self._boundary = boundary_lib.BoundaryMatrices(info.num_classes, boundary)

  def update_state(self, labels, predictions):
    """Adds a batch of images of one size.

    Args:
      labels: int32 `[batch, height, width]`, classes and void.
      predictions: int32 class indices of the same shape.
    """
    self._confusion.update_state(labels, predictions, self._info.ignore_label)
    if self._boundary is not None:
      self._boundary.update_state(labels, predictions, self._info.ignore_label)

  def scores(self) -> metrics.Scores:
    """Returns the scores of what was added, and starts anew."""
    scores = metrics.Scores(
      self._confusion.result().numpy(),
      self._info.class_names,
      None if self._boundary is None else self._boundary.result(),
    )
    self._confusion.reset_state()
    if self._boundary is not None:
      self._boundary.reset_state()
    return scores
