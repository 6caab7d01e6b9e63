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

"""Figures that compare methods over seeds: curves with bands, forest plots."""

from collections.abc import Mapping
from collections.abc import Sequence
import math
import os
from typing import NamedTuple

import matplotlib
import matplotlib.figure

from deeplab_ssl.visualization import images

_WIDTH = 6.4  # Inches: 704 pixels, as wide as a column of text.
_CURVES_HEIGHT, _ROW_HEIGHT, _FOREST_MARGIN = 3.8, 0.32, 1.0
_COLUMNS = 3
_STYLES = ("-", "--", "-.", ":")


class Band(NamedTuple):
  """A curve and how far it spreads.

  Attributes:
    x: places, rising.
    middle: the curve, one value for each place.
    low: where the band begins.
    high: where it ends.
  """

  x: Sequence[float]
  middle: Sequence[float]
  low: Sequence[float]
  high: Sequence[float]


class Difference(NamedTuple):
  """A paired difference.

  Attributes:
    label: of what, to the left of its row.
    mean: the mean over the pairs.
    half: half of its interval; NaN without one.
    pairs: how many pairs there are.
  """

  label: str
  mean: float
  half: float
  pairs: int


def save_bands(
  path: str | os.PathLike,
  bands: Mapping[str, Band],
  x_label: str,
  y_label: str,
  *,
  zero_line: bool = False,
) -> None:
  """Writes a line with a band for each name, the legend below.

  Args:
    path: the file; see `images.save_figure`.
    bands: {name: band}.
    x_label: label of the x axis.
    y_label: label of the y axis.
    zero_line: whether y = 0 is marked, as for differences.

  Raises:
    ValueError: if there is no band.
  """
  if not bands:
    raise ValueError("There is no curve to draw.")
  lines = -(-len(bands) // _COLUMNS)
  figure = matplotlib.figure.Figure(
    figsize=(_WIDTH, _CURVES_HEIGHT + 0.22 * lines), layout="constrained"
  )
  axis = figure.subplots()
  colors = matplotlib.colormaps["tab10"].colors
  for number, (name, band) in enumerate(bands.items()):
    color = colors[number % len(colors)]
    style = _STYLES[number // len(colors) % len(_STYLES)]
    axis.plot(band.x, band.middle, style, color=color, label=name, lw=1.6)
    axis.fill_between(
      band.x, band.low, band.high, color=color, alpha=0.15, lw=0
    )
  if zero_line:
    axis.axhline(0, color="black", lw=0.8)
  axis.set_xlabel(x_label)
  axis.set_ylabel(y_label)
  axis.grid(alpha=0.3)
  figure.legend(loc="outside lower center", ncols=_COLUMNS, frameon=False)
  images.save_figure(path, figure)


def save_forest(
  path: str | os.PathLike,
  differences: Sequence[Difference],
  x_label: str,
) -> None:
  """Writes a forest plot: a row for each difference, with its interval.

  A filled mark has an interval without 0.

  Args:
    path: the file; see `images.save_figure`.
    differences: from top to bottom.
    x_label: label of the x axis.

  Raises:
    ValueError: if there is no difference.
  """
  if not differences:
    raise ValueError("There is no difference to draw.")
  height = _FOREST_MARGIN + _ROW_HEIGHT * len(differences)
  figure = matplotlib.figure.Figure(
    figsize=(_WIDTH, height), layout="constrained"
  )
  axis = figure.subplots()
  for place, row in enumerate(differences):
    half = 0.0 if math.isnan(row.half) else row.half
    clear = half > 0 and abs(row.mean) > half
    axis.errorbar(
      row.mean,
      place,
      xerr=half,
      fmt="o",
      color="C0",
      markerfacecolor="C0" if clear else "white",
      capsize=3,
      lw=1.4,
      ms=5,
    )
  axis.axvline(0, color="black", lw=0.8)
  places = range(len(differences))
  axis.set_yticks(places, [row.label for row in differences], parse_math=False)
  axis.set_ylim(len(differences) - 0.5, -0.5)
  # The numbers to the right of the rows, as a table has them.
  numbers = axis.secondary_yaxis("right")
  numbers.set_yticks(places, list(map(_text, differences)), parse_math=False)
  numbers.tick_params(length=0)
  axis.set_xlabel(x_label)
  axis.locator_params(axis="x", nbins=6)
  axis.grid(alpha=0.3, axis="x")
  images.save_figure(path, figure)


def _text(row):
  half = "" if math.isnan(row.half) else f" ± {row.half:.2f}"
  # What is rounded to 0 has no sign.
  return f"{round(row.mean, 2) + 0.0:+.2f}{half} ({row.pairs})"
