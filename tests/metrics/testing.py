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

"""Batches and metrics for the tests, and what the metrics should find."""

import numpy as np
import pytest

from deeplab_ssl import metrics
from tests.losses import inputs

CLASSES = 4


def batches(seed=0, sizes=(1, 3, 2)):
  """Labels and predictions; class 3 is predicted and never labelled."""
  rng = np.random.default_rng(seed)
  for size in sizes:
    labels = inputs.blocks([size, 20, 17], CLASSES - 1, seed=rng.integers(99))
    yield labels, rng.integers(0, CLASSES, labels.shape).astype(np.int32)


def matrix_of(pairs, classes):
  matrix = np.zeros([classes, classes], np.int64)
  for rows, columns in pairs:
    np.add.at(matrix, (rows, columns), 1)
  return matrix


def _mean_iou(matrix):
  hits = np.diag(matrix).astype(float)
  labelled = matrix.sum(1)
  present = labelled > 0
  union = labelled + matrix.sum(0) - hits
  return np.mean(hits[present] / union[present])


def far(labels, distance, outside):
  """Whether a pixel has another label within a distance, one by one."""
  batch, height, width = labels.shape
  found = np.zeros(labels.shape, bool)
  for b, r, c in np.ndindex(labels.shape):
    for i in range(r - distance, r + distance + 1):
      for j in range(c - distance, c + distance + 1):
        if 0 <= i < height and 0 <= j < width:
          found[b, r, c] |= labels[b, i, j] != labels[b, r, c]
        else:
          found[b, r, c] |= outside
  return found


def expected(name, distance):
  pairs = []
  for labels, predictions in batches():
    void = labels == inputs.VOID
    if name == "mean":
      pairs.append((labels[~void], predictions[~void]))
    elif name == "trimap":
      near = far(labels, distance, False) & ~void
      pairs.append((labels[near], predictions[near]))
    else:
      predictions = np.where(void, labels, predictions)
      bands = [
        np.where(far(x, distance, True), x, CLASSES)[~void]
        for x in (labels, predictions)
      ]
      pairs.append(bands)
  if name != "boundary":
    return _mean_iou(matrix_of(pairs, CLASSES))
  matrix = matrix_of(pairs, CLASSES + 1)
  hits, labelled = np.diag(matrix).astype(float), matrix.sum(1)
  iou = hits / np.maximum(labelled + matrix.sum(0) - hits, 1)
  return iou[:-1][labelled[:-1] > 0].mean()


METRICS = {
  "mean": lambda **kwargs: metrics.MeanIoU(CLASSES, **kwargs),
  "trimap": lambda **kwargs: metrics.TrimapIoU(CLASSES, width=2, **kwargs),
  # 7.6 % of the diagonal of 20 x 17 pixels are two.
  "boundary": lambda **kwargs: metrics.BoundaryIoU(
    CLASSES, ratio=0.076, **kwargs
  ),
}
EACH = pytest.mark.parametrize("name", METRICS)
