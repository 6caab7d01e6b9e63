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

"""Pixels are parted by the width of their line, and counted if found."""

import hypothesis
from hypothesis import strategies as st
import numpy as np
import pytest

from benchmarks import finished_runs
from benchmarks import recall_by_width
from benchmarks import suite_table

_WIDTH_OF = {1: "1-2", 2: "1-2", 3: "3-4", 4: "3-4", 5: "5-6", 6: "5-6", 7: "7"}


def _line(width, size=30):
  truth = np.zeros([size, size], bool)
  truth[:, 8 : 8 + width] = True
  return truth


@pytest.mark.parametrize("width", [*range(1, 8), 12])
def test_a_line_has_its_width_and_two_borders(width):
  found = recall_by_width.groups(_line(width))
  row = {name: pixels[15].sum() for name, pixels in found.items()}
  there = {name: count for name, count in row.items() if count}
  assert all(n.startswith(_WIDTH_OF.get(width, "7")) for n in there)
  if width > 2:
    expected = {"border": 2, "inside": width - 2}
    there = {name.partition(", ")[2]: count for name, count in there.items()}
    assert there == expected
  else:
    assert there == {"1-2 px": width}


@pytest.mark.parametrize("width", [2, 4, 6])
def test_a_diagonal_line_is_as_wide_as_a_straight_one(width):
  y, x = np.mgrid[:60, :60]
  truth = np.abs(x - y) / np.sqrt(2) < width / 2
  found = recall_by_width.groups(truth)
  (name,) = {
    n.partition(",")[0] for n, pixels in found.items() if pixels[30].any()
  }
  assert name == f"{width - 1}-{width} px"


def test_a_branch_is_not_as_wide_as_its_trunk():
  truth = _line(7)
  truth[15, 15:] = True
  found = recall_by_width.groups(truth)
  assert found["1-2 px"][15, 20] and not found["1-2 px"][15, 10]


@hypothesis.given(st.integers(0, 99), st.sampled_from([0.0, 0.5, 0.9, 1.0]))
def test_each_pixel_of_the_class_is_in_one_group(seed, share):
  truth = np.random.RandomState(seed).uniform(size=[9, 11]) < share
  found = recall_by_width.groups(truth)
  np.testing.assert_array_equal(
    sum(p.astype(int) for p in found.values()), truth
  )


def _image(found_of):
  """Lines of each width, of which some pixels are found."""
  truth = np.concatenate([_line(width) for width in (1, 3, 5, 8)], 1)
  found = truth & found_of(truth)
  valid = np.ones(truth.shape, bool)
  valid[:, 7] = False
  return finished_runs.Image(truth, np.where(found, 1.0, -1.0), valid)


def test_found_pixels_are_counted_by_width():
  upper = np.arange(30)[:, None] < 15

  def upper_half_of_thin_lines(truth):
    return upper | ~recall_by_width.groups(truth)["1-2 px"]

  record = recall_by_width.measure(
    [_image(upper_half_of_thin_lines), _image(lambda truth: truth)]
  )
  thin, *others = record["widths"].values()
  # Corners at the ends of the wide lines may be as thin as these.
  assert thin["pixels"] == pytest.approx(60, abs=10)
  assert thin["recall"] == pytest.approx(0.75, abs=0.01)
  assert {group["recall"] for group in others} == {1.0}
  # 17 columns of 119 are lines; the pixels that are missed are background.
  missed = 15 / 30
  expected = (102 * 2 / (102 * 2 + missed) + (17 * 2 - missed) / (17 * 2)) / 2
  assert record["mean_iou"] == pytest.approx(expected, abs=2e-4)


def test_lines_do_not_end_at_the_edge_of_the_image():
  truth = np.zeros([30, 30], bool)
  truth[:, :4] = True
  found = recall_by_width.groups(truth)
  assert found["3-4 px, border"][15, [0, 3]].all()
  assert found["3-4 px, inside"][15, [1, 2]].all()


@hypothesis.given(st.integers(0, 9), st.floats(-3, 3))
def test_a_shift_of_all_margins_changes_no_even_recall(seed, shift):
  (truth, _, valid) = _image(lambda truth: truth)
  rng = np.random.RandomState(seed)
  margin = rng.normal(size=truth.shape) + 1.5 * truth
  plain, moved = (
    recall_by_width.measure([finished_runs.Image(truth, m, valid)])
    for m in (margin, margin + shift)
  )
  assert moved["even_widths"] == plain["even_widths"]
  # As many pixels are missed as are found where there are none.
  found = valid & (
    margin
    > recall_by_width._even_threshold(
      [finished_runs.Image(truth, margin, valid)]
    )
  )
  assert found.sum() == truth.sum()
  pixels = [group["pixels"] for group in plain["even_widths"].values()]
  hits = [g["recall"] * g["pixels"] for g in plain["even_widths"].values()]
  assert sum(hits) / sum(pixels) == pytest.approx(
    (found & truth).sum() / truth.sum(), abs=1e-4
  )


@pytest.mark.parametrize(
  "images, message",
  [
    ([], "lines of any kind"),
    (
      [finished_runs.Image(_line(2), _line(2) * 1.0, np.ones([30, 30], bool))],
      "No image has lines of 3-4 px, border; 3-4 px, inside",
    ),
  ],
)
def test_images_without_a_width_are_refused(images, message):
  with pytest.raises(ValueError, match=message):
    recall_by_width.measure(images)


def test_images_without_background_are_refused():
  images = []
  for width in (2, 4, 6, 9):
    valid = np.ones([30, width], bool)
    images.append(finished_runs.Image(valid, np.ones([30, width]), valid))
  with pytest.raises(ValueError, match="No image has background"):
    recall_by_width.measure(images)


@pytest.mark.parametrize("name", ["widths", "even_widths"])
def test_groups_are_shown_in_pairs_of_seeds(name):
  def run(recall, wide):
    return {
      "mean_iou": 0.5,
      name: {
        "thin": {"pixels": 25, "recall": recall},
        "wide": {"pixels": 75, "recall": wide},
      },
    }

  record = {
    "rows": {
      "vessels/stride_4/bce": {
        "method": "BCE",
        "runs": {"seed 1": run(0.5, 0.9), "seed 2": run(0.6, 0.9)},
      },
      "vessels/stride_4/ssl_3": {
        "method": "SSL 3",
        "runs": {"seed 1": run(0.4, 0.9), "seed 2": run(0.5, 0.9)},
      },
    }
  }
  text = suite_table.all_tables(record, ["bce"], kinds=[name])
  assert text.splitlines()[2:] == [
    "| width | of the pixels | BCE | SSL 3 | SSL 3 minus BCE |",
    "| --- | --- | --- | --- | --- |",
    "| thin | 25 | 55.00 | 45.00 | -10.00 ± 0.00 |",
    "| wide | 75 | 90.00 | 90.00 | +0.00 ± 0.00 |",
  ]
