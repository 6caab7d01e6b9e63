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
  # Twelve methods, nine colours: a line tells two of one colour apart.
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
  comparison.save_forest("x.png", rows, "difference", title="Scenes")
  (figure,) = drawn
  axis = figure.axes[0]
  assert axis.get_title() == "Scenes"
  marks = [line for line in axis.lines if line.get_marker() == "o"]
  assert [m.get_xdata()[0] for m in marks] == [1.0, 0.3, -1.0, -0.001]
  faces = [mark.get_markerfacecolor() for mark in marks]
  assert faces == ["#555555", "white", "white", "white"]
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


def test_a_method_has_its_colour_in_every_figure(drawn):
  band = comparison.Band([0, 5], [1, 2], [1, 2], [1, 2])
  row = comparison.Difference("Scenes: SSL 3", 1.0, 0.5, 5, "SSL 3")
  for names in (["SSL 3"], ["a", "CE", "b", "BCE", "SSL 3"]):
    comparison.save_bands("x.png", dict.fromkeys(names, band), "x", "y")
  comparison.save_forest("x.png", [row], "difference")
  alone, others, forest = (figure.axes[0].lines for figure in drawn)
  colors = {line.get_label(): line.get_color() for line in others}
  assert alone[0].get_color() == forest[0].get_color() == colors["SSL 3"]
  # Nobody else has one of those.
  assert len(set(colors.values())) == 5


def test_methods_share_what_the_named_ones_leave():
  named = ["CE", "BCE", "SSL 1", "SSL 3", "SSL 7", "start"]
  named += ["SSL 3, Eq. 16", "SSL 3, lambda 0.9"]
  looks = comparison.looks([*named, "a", "b", "c"])
  taken = {looks[name] for name in named}
  assert len(taken) == 8
  assert {style for _, style in taken} == {"-"}
  colors, styles = zip(*(looks[name] for name in "abc"), strict=True)
  # One colour is left for three.
  assert len(set(colors)) == 1
  assert colors[0] not in {color for color, _ in taken}
  assert len(set(styles)) == 3
  assert comparison.looks([]) == {}


def _luminance(color):
  shares = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
  linear = [
    c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares
  ]
  return np.dot(linear, [0.2126, 0.7152, 0.0722])


def test_colours_stand_out_from_paper():
  names = ["CE", "BCE", "SSL 1", "SSL 3", "SSL 7", "start", "SSL 3, Eq. 16"]
  for color, _ in comparison.looks([*names, "SSL 3, lambda 0.9"]).values():
    assert 1.05 / (_luminance(color) + 0.05) > 2


def test_a_level_is_in_the_legend_and_a_share_begins_at_0(drawn):
  band = comparison.Band([0, 5], [0.5, 0.25], [0.4, 0.2], [0.6, 0.3])
  level = comparison.Level(0.125, "elsewhere")
  comparison.save_bands("x.png", {"a": band}, "x", "y", title="Scenes $1")
  comparison.save_bands(
    "x.png", {"a": band}, "x", "y", from_zero=True, level=level
  )
  plain, figure = drawn
  assert plain.axes[0].get_title() == "Scenes $1"
  assert plain.axes[0].get_ylim()[0] > 0.1
  (axis,) = figure.axes
  assert axis.get_ylim()[0] == 0
  assert axis.lines[1].get_ydata() == [0.125, 0.125]
  assert axis.lines[1].get_linestyle() == "--"
  (legend,) = figure.legends
  assert [t.get_text() for t in legend.get_texts()] == ["a", "elsewhere"]


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
