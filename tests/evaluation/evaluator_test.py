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

"""Tests of the counts of a whole evaluation."""

import numpy as np
import pytest

from deeplab_ssl.evaluation import boundary
from deeplab_ssl.evaluation import evaluator
from deeplab_ssl.input import dataset_info

_INFO = dataset_info.DatasetInfo("pets", ("background", "cat", "dog"))


def _batches():
  """Two batches of labels with void, and predictions for them."""
  random = np.random.RandomState(0)
  for size in ((2, 6, 8), (1, 5, 7)):
    labels = random.randint(0, 3, size).astype(np.int32)
    labels[random.rand(*size) < 0.2] = 255
    yield labels, random.randint(0, 3, size).astype(np.int32)


def _matrix():
  """The confusion matrix of all batches, counted in NumPy."""
  expected = np.zeros([3, 3], int)
  for labels, predictions in _batches():
    valid = labels != 255
    np.add.at(expected, (labels[valid], predictions[valid]), 1)
  return expected


def test_batches_are_counted_together_and_void_is_not():
  counts = evaluator.Evaluator(_INFO)
  for batch in _batches():
    counts.update_state(*batch)

  scores = counts.scores()
  expected = _matrix()
  np.testing.assert_array_equal(scores.matrix, expected)
  hits = np.diag(expected)
  iou = hits / (expected.sum(0) + expected.sum(1) - hits)
  assert counts.result() == pytest.approx(iou.mean())
  assert tuple(scores.class_names) == _INFO.class_names
  assert "mean_boundary_iou" not in scores.as_dict()


def test_boundaries_are_counted_where_they_are_wanted():
  counts = evaluator.Evaluator(_INFO, boundary.Settings(trimap_widths=(100,)))
  for batch in _batches():
    counts.update_state(*batch)

  scores = counts.scores()
  np.testing.assert_array_equal(scores.matrix, _matrix())
  # So wide a band is the whole image.
  trimap = scores.as_dict()["trimap_mean_iou"]
  assert trimap == {"100": pytest.approx(scores.mean_iou)}


def test_a_new_pass_starts_from_nothing():
  counts = evaluator.Evaluator(_INFO, boundary.Settings(trimap_widths=(1,)))
  (first, second) = _batches()
  counts.update_state(*second)
  expected = counts.scores().as_dict()
  counts.update_state(*first)
  assert counts.scores().as_dict() != expected

  counts.reset_states()
  counts.update_state(*second)

  assert counts.scores().as_dict() == expected
