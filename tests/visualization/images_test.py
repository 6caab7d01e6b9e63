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

import numpy as np
from PIL import Image
import pytest

from deeplab_ssl.visualization import images


def test_pictures_and_figures_are_written_into_new_folders(tmp_path):
  picture = np.random.RandomState(0).randint(0, 255, (5, 7, 3), np.uint8)
  images.save(tmp_path / "new" / "picture", picture)
  np.testing.assert_array_equal(
    Image.open(tmp_path / "new" / "picture"), picture
  )
  curve = tmp_path / "other" / "curve"
  images.save_curves(curve, {"a": ([0, 1], [1, 2])}, "x", "y")
  assert Image.open(curve).size[0] > 500
  curve = tmp_path / "curve.pdf"
  images.save_curves(curve, {"a": ([0, 1], [1, 2])}, "x", "y")
  assert curve.read_bytes().startswith(b"%PDF")


def test_labels_get_their_colour_and_void_its_own():
  colored = images.colorize(
    np.array([[0, 1], [255, 7]]), [(1, 2, 3), (4, 5, 6)]
  )
  np.testing.assert_array_equal(colored[0], [[1, 2, 3], [4, 5, 6]])
  np.testing.assert_array_equal(colored[1], [(224, 224, 192)] * 2)


def test_heatmap_brightens_up_to_its_maximum():
  row = images.heatmap(np.array([[0.0, 1.0, 2.0, 9.0]]), 2.0)[0].sum(-1)
  assert row[0] < row[1] < row[2] == row[3]


def test_grid_shows_all_rows_and_columns(tmp_path):
  picture = np.zeros([20, 30, 3], np.uint8)
  one = [{"a": picture}]
  images.save_grid(tmp_path / "one.png", one)
  images.save_grid(tmp_path / "six.png", [{"a": picture, "b": picture}] * 3)
  small = Image.open(tmp_path / "one.png").size
  large = Image.open(tmp_path / "six.png").size
  assert large[0] > 1.5 * small[0]
  assert large[1] > 1.5 * small[1]


def test_curves_are_drawn(tmp_path):
  images.save_curves(
    tmp_path / "c.png", {"CE": ([0, 1], [2.0, 1.0])}, "step", "loss"
  )
  assert np.asarray(Image.open(tmp_path / "c.png").convert("L")).std() > 0


def _texts_outside(figure):
  """Titles and labels of axes that reach over the edge of a figure."""
  figure.draw_without_rendering()
  width, height = figure.bbox.size
  texts = [
    text
    for axis in figure.axes
    for text in (axis.title, axis.xaxis.label, axis.yaxis.label)
    if text.get_text()
  ]
  assert texts
  boxes = {text.get_text(): text.get_window_extent() for text in texts}
  return [
    text
    for text, box in boxes.items()
    if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height
  ]


@pytest.fixture
def figures(monkeypatch):
  """The figures that are written."""
  written = []
  monkeypatch.setattr(
    images, "save_figure", lambda path, figure: written.append(figure)
  )
  return written


def test_long_labels_of_axes_are_not_cut(figures):
  label = "the total loss, of which each of the methods has a scale of its own"
  images.save_curves("c.png", {"CE": ([20, 40], [2.0, 1.0])}, label, label)

  (figure,) = figures
  assert _texts_outside(figure) == []
  (axis,) = figure.axes
  assert axis.get_ylabel().split() == label.split()
  # Steps are whole.
  assert all(tick == int(tick) for tick in axis.get_xticks())


@pytest.mark.parametrize("columns", [1, 3, 8])
def test_titles_of_a_grid_can_be_read_on_a_page(figures, columns):
  picture = np.zeros([20, 30, 3], np.uint8)
  titles = [f"SSL, size 3, beta 0.{i}, scale" for i in range(columns)]
  images.save_grid("g.png", [dict.fromkeys(titles, picture)] * 2)

  (figure,) = figures
  assert _texts_outside(figure) == []
  shrunk_by = max(1, figure.get_figwidth() / 9)
  for axis, title in zip(figure.axes, titles, strict=False):
    assert axis.title.get_text().split() == title.split()
    assert axis.title.get_fontsize() / shrunk_by >= 10
    # Neighbours do not meet.
    cell = figure.bbox.width / columns
    assert axis.title.get_window_extent().width < cell


def test_overlay_mixes_image_and_colour():
  image = np.full((1, 2, 3), 100, np.uint8)
  mixed = images.overlay(image, np.array([[1, 255]]), [(0, 0, 0), (200, 0, 0)])
  np.testing.assert_array_equal(mixed[0, 0], [155, 45, 45])
  np.testing.assert_array_equal(mixed[0, 1], [168, 168, 151])


def test_errors_show_what_was_predicted_instead():
  image = np.full((1, 4, 3), 100, np.uint8)
  labels = np.array([[0, 1, 1, 255]])
  predictions = np.array([[0, 0, 1, 1]])
  colors = [(0, 0, 0), (200, 0, 0)]
  picture = images.error_map(image, labels, predictions, colors)
  np.testing.assert_array_equal(
    picture[0], [(35, 35, 35), (255, 255, 255), (35, 35, 35), (224, 224, 192)]
  )


def test_void_that_has_a_colour_is_no_error():
  picture = images.error_map(
    np.full([1, 2, 3], 100),
    np.array([[0, 1]]),
    np.array([[1, 0]]),
    [(0, 0, 0), (9, 9, 9)],
    ignore_label=0,
  )
  np.testing.assert_array_equal(picture[0], [(224, 224, 192), (255, 255, 255)])


def test_a_strip_keeps_proportions_and_places():
  wide = np.full((10, 40, 3), 255, np.uint8)
  dark = np.zeros((10, 10, 3), np.uint8)
  strip = images.contact_strip([[dark, wide], [wide, dark]], (10, 20))
  assert strip.shape == (20, 40, 3)
  assert (strip[:5, 20:] == 255).all()  # Shrunk to 5 x 20.
  assert (strip[5:10, 20:] == 0).all()
  assert (strip[10:15, :20] == 255).all()
