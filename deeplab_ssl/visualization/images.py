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

"""Label maps, heat maps and panels as pictures."""

from collections.abc import Mapping
from collections.abc import Sequence
import io
import os
import textwrap

import matplotlib
import matplotlib.figure
import numpy as np
from PIL import Image

from deeplab_ssl.common import atomic_files

# Colour of void pixels, as in the VOC devkit.
_VOID_COLOR = (224, 224, 192)
_DPI = 110
_POINTS = 72  # In an inch.
# Inches of a page that shows a picture; points of text to be read there.
_PAGE_WIDTH = 9
_FONT_SIZE = 10
# Width of a letter and height of a line, as shares of the size of the font.
_LETTER, _LINE = 0.6, 1.4
# Of the colours that are laid over an image.
_OPACITY = 0.55
# Lines whose legend still leaves room for them.
_LINES_INSIDE = 4


def colorize(labels: np.ndarray, colormap: Sequence) -> np.ndarray:
  """Paints class indices; anything that is no class gets the void colour.

  Args:
    labels: integer `[height, width]`.
    colormap: one RGB per class, 0 to 255.

  Returns:
    uint8 `[height, width, 3]`.
  """
  table = np.full((256, 3), _VOID_COLOR, np.uint8)
  table[: len(colormap)] = colormap
  return table[np.asarray(labels).astype(np.uint8)]


def overlay(
  image: np.ndarray, label: np.ndarray, colormap: Sequence
) -> np.ndarray:
  """Lays the colours of the classes over an image.

  Args:
    image: uint8 `[height, width, 3]`.
    label: integer `[height, width]`; what is no class gets the void colour.
    colormap: one RGB per class, 0 to 255.

  Returns:
    uint8 `[height, width, 3]`.
  """
  mixed = (1 - _OPACITY) * image + _OPACITY * colorize(label, colormap)
  return np.rint(mixed).astype(np.uint8)


def error_map(
  image: np.ndarray,
  labels: np.ndarray,
  predictions: np.ndarray,
  colormap: Sequence,
  ignore_label: int = 255,
) -> np.ndarray:
  """Marks the wrong pixels with the colours of what was predicted there.

  Args:
    image: uint8 `[height, width, 3]`; it shows in dark grey where the
      prediction is right.
    labels: integer `[height, width]`; what is no class, or void, is neither
      right nor wrong and gets the void colour.
    predictions: integer `[height, width]`.
    colormap: one RGB per class, 0 to 255. Black becomes white, since a wrong
      background would not show on dark grey.

  Returns:
    uint8 `[height, width, 3]`.
  """
  colors = [c if any(c) else (255, 255, 255) for c in map(tuple, colormap)]
  grey = (0.35 * np.asarray(image).mean(-1, keepdims=True)).astype(np.uint8)
  picture = np.repeat(grey, 3, -1)
  labels = np.asarray(labels)
  void = (labels >= len(colors)) | (labels == ignore_label)
  wrong = (labels != predictions) & ~void
  picture[wrong] = colorize(predictions, colors)[wrong]
  picture[void] = _VOID_COLOR
  return picture


def contact_strip(
  rows: Sequence[Sequence[np.ndarray]], cell: tuple[int, int]
) -> np.ndarray:
  """Lays pictures of any sizes into a grid, shrunk to fit their cells.

  Args:
    rows: uint8 `[height, width, 3]` pictures, as many in each row.
    cell: (height, width) of a cell in pixels.

  Returns:
    uint8 `[rows * height, columns * width, 3]`, black beside the pictures.
  """
  grid = Image.new("RGB", (cell[1] * len(rows[0]), cell[0] * len(rows)))
  for i, row in enumerate(rows):
    for j, picture in enumerate(row):
      small = Image.fromarray(picture)
      small.thumbnail((cell[1], cell[0]))
      grid.paste(small, (j * cell[1], i * cell[0]))
  return np.asarray(grid)


def heatmap(values: np.ndarray, maximum: float) -> np.ndarray:
  """Paints values from 0 to `maximum`, dark to bright.

  Args:
    values: `[height, width]`.
    maximum: value of the brightest colour, positive.

  Returns:
    uint8 `[height, width, 3]`.
  """
  scaled = np.clip(np.asarray(values) / maximum, 0, 1)
  return (matplotlib.colormaps["magma"](scaled)[..., :3] * 255).astype(np.uint8)


def save(path: str | os.PathLike, picture: np.ndarray) -> None:
  """Writes a picture as a PNG, and the folders above it; whole or not at all.

  Args:
    path: the PNG.
    picture: uint8 `[height, width, 3]`.
  """
  buffer = io.BytesIO()
  Image.fromarray(picture).save(buffer, format="PNG")
  atomic_files.write(path, buffer.getvalue())


def save_figure(
  path: str | os.PathLike, figure: matplotlib.figure.Figure
) -> None:
  """Writes a figure as `save` writes a picture.

  Args:
    path: the file; its ending names the format (.pdf, .svg), a PNG without one.
    figure: the figure.

  Raises:
    ValueError: for the ending of a format that Matplotlib does not write.
  """
  buffer = io.BytesIO()
  ending = os.path.splitext(path)[1].removeprefix(".")
  figure.savefig(buffer, format=ending or "png", dpi=_DPI)
  atomic_files.write(path, buffer.getvalue())


def save_grid(
  path: str | os.PathLike, rows: Sequence[Mapping[str, np.ndarray]]
) -> None:
  """Writes rows of titled pictures as one PNG.

  Args:
    path: the PNG.
    rows: per row {title: uint8 `[height, width, 3]`}, the same titles in all.
  """
  titles = list(rows[0])
  height, width = next(iter(rows[0].values())).shape[:2]
  cell = 2.6
  # A grid that is wider than a page is shrunk there, and its letters with it.
  font_size = _FONT_SIZE * max(1, cell * len(titles) / _PAGE_WIDTH)
  wrapped = {title: _wrap(title, cell, font_size) for title in titles}
  lines = max(title.count("\n") + 1 for title in wrapped.values())
  figure = matplotlib.figure.Figure(
    figsize=(
      cell * len(titles),
      (cell * height / width) * len(rows)
      + (lines * _LINE + 1) * font_size / _POINTS,
    ),
    layout="constrained",
  )
  axes = figure.subplots(len(rows), len(titles), squeeze=False)
  for i, row in enumerate(rows):
    for axis, (title, picture) in zip(axes[i], row.items(), strict=True):
      axis.imshow(picture, interpolation="nearest")
      axis.set_axis_off()
      if i == 0:
        axis.set_title(wrapped[title], fontsize=font_size, parse_math=False)
  save_figure(path, figure)


def _wrap(text, inches, font_size):
  """Breaks a text into lines that are as long as a side of a picture."""
  letters = int(inches * _POINTS / (_LETTER * font_size))
  return textwrap.fill(text, letters)


def save_curves(
  path: str | os.PathLike,
  curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
  x_label: str,
  y_label: str,
  from_zero: bool = True,
) -> None:
  """Writes one line per name.

  Args:
    path: the PNG.
    curves: {name: (x values, y values)}.
    x_label: label of the x axis.
    y_label: label of the y axis.
    from_zero: whether the y axis starts at 0.
  """
  width, height = 6, 3.2
  figure = matplotlib.figure.Figure(
    figsize=(width, height), layout="constrained"
  )
  axis = figure.subplots()
  for name, (x, y) in curves.items():
    axis.plot(x, y, label=name)
  # The axis itself is shorter than the figure.
  axis.set_xlabel(_wrap(x_label, 0.8 * width, _FONT_SIZE))
  axis.set_ylabel(_wrap(y_label, 0.8 * height, _FONT_SIZE))
  if all(isinstance(value, int) for x, _ in curves.values() for value in x):
    axis.xaxis.get_major_locator().set_params(integer=True)
  if from_zero:
    axis.set_ylim(bottom=0)
  axis.grid(alpha=0.3)
  if len(curves) > _LINES_INSIDE:
    figure.legend(loc="outside right center")
  else:
    axis.legend()
  save_figure(path, figure)
