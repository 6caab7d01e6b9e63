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
"""The best profile across a line is the one that the loss's gradient says."""

import json

import matplotlib.image
import numpy as np
import pytest

from benchmarks import line_figures
from benchmarks import line_table
from benchmarks import uncertain_lines
from deeplab_ssl import losses
from tests import source_tree

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
  found = uncertain_lines.best_profile(
    losses.SigmoidCrossEntropyLoss(), labels, steps=400
  )
  share = labels[:, 0].mean(0)
  np.testing.assert_allclose(found[:, 1], share, atol=0.02)
  np.testing.assert_allclose(found[:, 0], 1 - share, atol=0.02)


@pytest.mark.parametrize("form", ["std", "variance"])
def test_ssl_loses_a_line_as_thin_as_its_labels_are_uncertain(form):
  loss = losses.StructuralSimilarityLoss(stability_form=form)
  labels = uncertain_lines.line_labels(2, _OFF_BY_ONE)
  found = uncertain_lines.best_profile(loss, labels, steps=400)
  assert found[:, 1].max() < 0.4
  # At that profile the weighted residuals are in balance, whoever weights them.
  start = np.log(found) - np.log1p(-found)
  again = uncertain_lines.best_profile(loss, labels, start, steps=400)
  np.testing.assert_allclose(again, found, atol=0.03)


def test_the_record_is_of_these_losses():
  cases = {
    (case["method"], case["width"], case["shift"]): case
    for case in _record()["lines"]
  }
  assert len(cases) == 3 * len(uncertain_lines.WIDTHS) * len(
    uncertain_lines.SHIFTS
  )
  for (method, width, shift), case in cases.items():
    labels = uncertain_lines.line_labels(width, uncertain_lines.SHIFTS[shift])
    np.testing.assert_allclose(
      case["labels"], labels[:, 0].mean(0), atol=0.0051
    )
    if method == "BCE":
      np.testing.assert_allclose(case["line"], case["labels"], atol=0.02)


def test_tables_have_pixels_and_the_largest_probability():
  case = {"width": 2, "shift": "0", "line": [0.0, 0.75, 0.5], "found": 1}
  shifts, widths = uncertain_lines.SHIFTS, uncertain_lines.WIDTHS
  cases = [
    case | {"method": method, "width": width, "shift": shift}
    for shift in shifts
    for width in widths
    for method in ("BCE", "SSL")
  ]
  lines = line_table.widths_table(cases).splitlines()
  assert lines[0] == "| labels off by | width | BCE | SSL |"
  assert lines[2] == "| 0 | 1 | 1 (0.75) | 1 (0.75) |"
  assert len(lines) == 2 + len(shifts) * len(widths)
  lines = line_table.constants_table(_record()["constants"]).splitlines()
  assert len(lines) == 2 + len(uncertain_lines.CONSTANTS)


def test_profiles_are_drawn(tmp_path):
  path = tmp_path / "lines.png"
  line_figures.save_profiles(path, _record()["lines"])
  assert matplotlib.image.imread(path).std() > 0.05
