"""Thresholds are counted, chosen on other images and undo what moved them."""

from unittest import mock

import hypothesis
from hypothesis import strategies as st
import numpy as np
import pytest

from benchmarks import suite_table
from benchmarks import threshold_choice
from deeplab_ssl.runs import trained_run
from tests import digits


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
  for threshold, matrix in zip(np.linspace(-4, 4, 161), found, strict=True):
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
  # The least that separates: above -3 for the first, above -1 for the second.
  assert found["thresholds"] == [-3.0, -1.0]
  # The first misses a pixel above -1; above -3 the second finds one too many.
  assert found["mean_iou_chosen"] == pytest.approx(
    (1 / 3 + 3 / 5) / 2, abs=1e-5
  )
  assert found["mean_iou"] == pytest.approx((2 / 3 + 3 / 4) / 2, abs=1e-5)
  with pytest.raises(ValueError, match="One image cannot choose"):
    threshold_choice.scores([(truth, margins[0])])


def test_runs_are_recorded_and_shown():
  class Run:
    label = "SSL 3"

    @classmethod
    def open(cls, path, checkpoint):
      assert (path, checkpoint) == ("runs/s/row/seed2", "last")
      return cls()

  with (
    mock.patch.object(trained_run, "TrainedRun", Run),
    mock.patch.object(threshold_choice, "_images_of", lambda _: _images()),
  ):
    record = threshold_choice.measure("runs", ["s/row/seed2"])
  assert record["rows"]["s/row"]["runs"].keys() == {"seed 2"}
  text = suite_table.all_tables(record, setting="s", kinds=["thresholds"])
  found = record["rows"]["s/row"]["runs"]["seed 2"]
  shown = [
    f"{100 * found[name]:.2f}"
    for name in ("mean_iou", "mean_iou_chosen", "average_precision")
  ]
  assert text.splitlines()[2] == f"| SSL 3 | {' | '.join(shown)} |"


def test_what_is_no_run_of_two_classes_is_named():
  with pytest.raises(ValueError, match="vessels/ce: SUITE/SETTING/ROW/seedN"):
    threshold_choice.measure("runs", ["vessels/ce"])
  run = trained_run.TrainedRun.open(digits.trained_dir(), "last")
  with pytest.raises(ValueError, match="has 11 classes; two are expected"):
    next(threshold_choice._images_of(run))
