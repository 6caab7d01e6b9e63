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
"""Where a descent ends across a line whose labels are not certain."""

import json

import matplotlib.image
import numpy as np
import pytest

from benchmarks import line_figures
from benchmarks import line_table
from benchmarks import uncertain_lines
from deeplab_ssl import losses
from tests import source_tree
from tests.losses import reference

_OFF_BY_ONE = uncertain_lines.SHIFTS["1 px, every 2nd"]


def _record():
  path = source_tree.ROOT / "benchmarks" / "results" / "lines.json"
  return json.loads(path.read_text())


def test_lines_lie_where_they_should():
  labels = uncertain_lines.line_labels(2, (-1, 0, 2))
  assert labels.shape == (3, 9, 31)
  for image, left in zip(labels, (13, 14, 16), strict=True):
    assert (image == image[0]).all()
    np.testing.assert_array_equal(np.flatnonzero(image[0]), [left, left + 1])


def test_bce_ends_at_the_share_of_the_labels():
  labels = uncertain_lines.line_labels(2, _OFF_BY_ONE)
  found = uncertain_lines.resting_profile(
    losses.SigmoidCrossEntropyLoss(), labels, steps=400
  )
  share = labels[:, 0].mean(0)
  np.testing.assert_allclose(found[:, 1], share, atol=0.02)
  np.testing.assert_allclose(found[:, 0], 1 - share, atol=0.02)


def _normalized(maps, form):
  """Eq. 10 or 16 of maps `[image, across]` that are constant along the line."""
  profile = np.zeros(3)
  for (_, across), weight in reference.window(3, 1.5).items():
    profile[across + 1] += weight

  def mean(values):
    inside = np.convolve(np.ones(values.shape[1]), profile, "same")
    return [np.convolve(row, profile, "same") for row in values] / inside

  deviation = maps - mean(maps) + 0.01
  variance = np.maximum(mean(maps**2) - mean(maps) ** 2, 0)
  if form == "std":
    return deviation / (np.sqrt(variance) + 0.01)
  return deviation / np.sqrt(variance + 0.01)


def _balance(labels, form, steps=3000):
  """Iterates p = sum(a y) / sum(a) with the weights a of the loss at p."""
  line = labels[:, 0].astype(float)
  truth = np.stack([1 - line, line])
  share = np.full([2, line.shape[1]], 0.5)
  threshold = 0.1 * reference.e_max(3, 1.5, 0.01, form)
  for step in range(steps):
    error = np.stack(
      [
        np.abs(
          _normalized(y, form) - _normalized(np.tile(p, (len(y), 1)), form)
        )
        for y, p in zip(truth, share, strict=True)
      ]
    )
    hard = error > threshold
    weights = 0.5 / line.size + 0.5 * error * hard / max(hard.sum(), 1)
    target = (weights * truth).sum(1) / weights.sum(1)
    # It jumps where samples stop being hard, so the steps have to get small.
    share += 0.05 * 0.001 ** (step / steps) * (target - share)
  return share


@pytest.mark.parametrize("name, form", uncertain_lines.FORMS.items())
def test_ssl_loses_a_line_as_thin_as_its_labels_are_uncertain(name, form):
  labels = uncertain_lines.line_labels(2, _OFF_BY_ONE)
  expected = _balance(labels, form)
  assert expected[1].max() < 0.4
  found = uncertain_lines.resting_profile(
    losses.StructuralSimilarityLoss(stability_form=form), labels
  )
  np.testing.assert_allclose(found.T, expected, atol=0.03)
  (case,) = (
    case
    for case in _record()["lines"]
    if (case["method"], case["width"]) == (f"SSL 3, {name}", 2)
    and case["shift"] == "1 px, every 2nd"
  )
  for line, background in zip(case["line"], case["background"], strict=True):
    np.testing.assert_allclose([background, line], expected, atol=0.03)


def test_the_record_has_the_shares_of_the_labels():
  cases = _record()["lines"]
  assert len(cases) == 3 * len(uncertain_lines.WIDTHS) * len(
    uncertain_lines.SHIFTS
  )
  for case in cases:
    labels = uncertain_lines.line_labels(
      case["width"], uncertain_lines.SHIFTS[case["shift"]]
    )
    share = labels[:, 0].mean(0)
    np.testing.assert_allclose(case["labels"], share, atol=0.0051)
    if case["method"] == "BCE" or case["shift"] == "0":
      for line in case["line"]:
        np.testing.assert_allclose(line, share, atol=0.02)


def test_tables_have_pixels_and_the_largest_probability():
  end = [0.0, 0.75, 0.5]
  case = {"line": [end, end], "background": [[1.0, 0.25, 0.5]] * 2}
  shifts, widths = uncertain_lines.SHIFTS, uncertain_lines.WIDTHS
  cases = [
    case | {"method": method, "width": width, "shift": shift}
    for shift in shifts
    for width in widths
    for method in ("BCE", "SSL")
  ]
  lines = line_table.widths_table(cases).splitlines()
  assert lines[0] == "| labels off by | width | BCE | SSL |"
  assert lines[2] == "| 0 | 1 | 1-2 (0.75) | 1-2 (0.75) |"
  assert len(lines) == 2 + len(shifts) * len(widths)
  other = {"line": [end, [0.0, 0.0, 0.0]], "background": [[1.0, 0.25, 1.0]] * 2}
  lines = line_table.constants_table(
    [case | {"method": "size 1, Eq. 10"}, other | {"method": "size 1, Eq. 16"}]
  ).splitlines()
  assert lines[2] == "| size 1 | 1-2 (0.75) | 1 (0.75) or 0 (0.00) |"
  lines = line_table.constants_table(_record()["constants"]).splitlines()
  assert len(lines) == 2 + len(uncertain_lines.CONSTANTS)


def test_profiles_are_drawn(tmp_path):
  path = tmp_path / "lines.png"
  line_figures.save_profiles(path, _record()["lines"])
  assert matplotlib.image.imread(path).std() > 0.05
