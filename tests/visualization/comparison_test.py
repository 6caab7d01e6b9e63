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

"""Tests of the figures that compare methods."""

import numpy as np
from PIL import Image
import pytest

from deeplab_ssl.visualization import comparison
from deeplab_ssl.visualization import images


@pytest.fixture
def drawn(monkeypatch):
  """Catches the figures that would be written."""
  figures = []
  monkeypatch.setattr(
    images, "save_figure", lambda path, figure: figures.append(figure)
  )
  return figures


def test_each_band_has_its_line_and_the_legend_its_name(drawn):
  bands = {
    f"method {i}": comparison.Band(
      [0, 5], [i, i + 1], [i - 1, i], [i + 1, i + 2]
    )
    for i in range(12)
  }
  comparison.save_bands("x.png", bands, "step", "score")
  (figure,) = drawn
  (axis,) = figure.axes
  assert [line.get_ydata().tolist() for line in axis.lines] == [
    [i, i + 1] for i in range(12)
  ]
  # Twelve methods, ten colours: a line tells two of one colour apart.
  looks = {(line.get_color(), line.get_linestyle()) for line in axis.lines}
  assert len(looks) == 12
  for i, band in enumerate(axis.collections):
    corners = band.get_paths()[0].vertices
    assert (corners[:, 1].min(), corners[:, 1].max()) == (i - 1, i + 2)
  (legend,) = figure.legends
  assert [text.get_text() for text in legend.get_texts()] == list(bands)


def test_a_forest_marks_what_is_clear_of_zero(drawn):
  rows = [
    comparison.Difference("better", 1.0, 0.5, 5),
    comparison.Difference("alike", 0.3, 0.4, 4),
    comparison.Difference("one pair", -1.0, float("nan"), 1),
    comparison.Difference("none", -0.001, 0.25, 3),
  ]
  comparison.save_forest("x.png", rows, "difference")
  (figure,) = drawn
  axis = figure.axes[0]
  marks = [line for line in axis.lines if line.get_marker() == "o"]
  assert [m.get_xdata()[0] for m in marks] == [1.0, 0.3, -1.0, -0.001]
  faces = [mark.get_markerfacecolor() for mark in marks]
  assert faces == ["C0", "white", "white", "white"]
  bars = [c.get_segments()[0][:, 0] for c in axis.collections[:2]]
  np.testing.assert_allclose(bars, [[0.5, 1.5], [-0.1, 0.7]])
  labels = [text.get_text() for text in axis.get_yticklabels()]
  assert labels == ["better", "alike", "one pair", "none"]
  (numbers,) = axis.child_axes
  assert [text.get_text() for text in numbers.get_yticklabels()] == [
    "+1.00 ± 0.50 (5)",
    "+0.30 ± 0.40 (4)",
    "-1.00 (1)",
    "+0.00 ± 0.25 (3)",
  ]
  assert axis.yaxis_inverted()


def test_figures_are_as_wide_as_a_column(tmp_path):
  band = comparison.Band([0, 1], [1, 2], [0, 1], [2, 3])
  comparison.save_bands(tmp_path / "bands.png", {"a": band}, "x", "y")
  row = comparison.Difference("a_{b}$", 1.0, 0.5, 5)
  comparison.save_forest(tmp_path / "forest.png", [row], "x")
  for name in ("bands.png", "forest.png"):
    assert Image.open(tmp_path / name).size[0] == 704


def test_nothing_to_draw_is_an_error():
  with pytest.raises(ValueError, match="no curve"):
    comparison.save_bands("x.png", {}, "x", "y")
  with pytest.raises(ValueError, match="no difference"):
    comparison.save_forest("x.png", [], "x")
