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

"""Thresholds are counted, chosen on other images and undo what moved them."""

import hypothesis
from hypothesis import strategies as st
import numpy as np
import pytest

from benchmarks import finished_runs
from benchmarks import suite_table
from benchmarks import threshold_choice


def _images(count=4, seed=0, shift=0.0):
  """Images in which the margin follows the truth, more or less."""
  rng = np.random.RandomState(seed)
  truths = [rng.uniform(size=[7, 9]) < 0.3 for _ in range(count)]
  return [
    (truth, rng.normal(size=truth.shape) + 2.0 * truth - 1.0 + shift)
    for truth in truths
  ]


def test_pixels_are_counted_at_each_threshold():
  (image, *_) = _images()
  truth, margin = image
  margin.flat[:2] = 0.5  # At the threshold, so not above it.
  found = threshold_choice.confusions(truth, margin)
  for threshold, matrix in zip(np.linspace(-20, 20, 801), found, strict=True):
    expected = np.zeros([2, 2])
    np.add.at(expected, (truth * 1, (margin > threshold) * 1), 1)
    np.testing.assert_array_equal(matrix, expected)


@hypothesis.given(st.integers(-20, 20), st.integers(0, 9))
def test_a_shift_of_all_margins_is_undone(steps, seed):
  plain = threshold_choice.scores(_images(seed=seed))
  moved = threshold_choice.scores(_images(seed=seed, shift=0.05 * steps))
  for name in ("mean_iou_chosen", "average_precision"):
    assert moved[name] == pytest.approx(plain[name], abs=1e-5)
  np.testing.assert_allclose(
    np.subtract(moved["thresholds"], plain["thresholds"]), 0.05 * steps
  )


def test_each_half_chooses_for_the_other():
  truth = np.array([[False, True, True]])
  margins = (np.array([[-3.0, -2.0, 1.0]]), np.array([[-1.0, 0.5, 3.0]]))
  found = threshold_choice.scores([(truth, margin) for margin in margins])
  # The middle of those that separate: -3 to -2.05, and -1 to 0.45.
  assert found["thresholds"] == [-2.5, -0.25]
  # Above -0.25 the first misses a pixel, above -2.5 the second has another.
  assert found["mean_iou_chosen"] == pytest.approx(
    (1 / 3 + 3 / 5) / 2, abs=1e-5
  )
  assert found["mean_iou"] == pytest.approx((2 / 3 + 3 / 4) / 2, abs=1e-5)


def test_images_that_cannot_choose_are_refused():
  (first, *rest) = _images()
  with pytest.raises(ValueError, match="Two images are needed"):
    threshold_choice.scores(iter([first]))
  empty = (np.zeros([0], bool), np.zeros([0]))
  with pytest.raises(ValueError, match="pixels of one class alone"):
    threshold_choice.scores([first, empty])
  with pytest.raises(ValueError, match="may be beyond"):
    threshold_choice.scores([(truth, m + 40) for truth, m in rest])


def test_pixels_without_a_label_do_not_count():
  images = _images()
  rng = np.random.RandomState(1)
  valid = [rng.uniform(size=truth.shape) < 0.8 for truth, _ in images]
  expected = threshold_choice.scores(
    (truth[v], margin[v])
    for (truth, margin), v in zip(images, valid, strict=True)
  )
  found = threshold_choice.measure(
    finished_runs.Image(truth, np.where(v, margin, 50.0), v)
    for (truth, margin), v in zip(images, valid, strict=True)
  )
  assert found == expected


def test_a_record_is_shown():
  (found, other) = (threshold_choice.scores(_images(seed=i)) for i in range(2))
  record = {
    "rows": {
      f"vessels/stride_4/{row}": {"method": method, "runs": {"seed 2": run}}
      for row, method, run in (("bce", "BCE", other), ("ssl_3", "SSL 3", found))
    }
  }
  text = suite_table.all_tables(record)
  shown = [
    f"{100 * found[name]:.2f} | {100 * (found[name] - other[name]):+.2f}"
    for name in ("mean_iou", "mean_iou_chosen", "average_precision")
  ]
  assert text.splitlines()[-1] == f"| SSL 3 | {' | '.join(shown)} |"
  assert "| BCE | " in text
