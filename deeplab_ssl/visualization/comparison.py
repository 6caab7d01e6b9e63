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

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import math
import os
from typing import NamedTuple

import matplotlib.figure

from deeplab_ssl.visualization import images

_WIDTH = 6.4  # Inches: 704 pixels, as wide as a column of text.
_CURVES_HEIGHT, _ROW_HEIGHT, _FOREST_MARGIN = 3.8, 0.32, 1.0
_COLUMNS = 3
_STYLES = ("-", "--", "-.", ":")
# The colours of Okabe and Ito, which colour-blind readers can tell apart, and a
# grey. A method has its own in every figure: BCE, which is mostly subtracted,
# that of the line at 0.
_COLORS = {
  "CE": "#0072B2",
  "BCE": "#000000",
  "SSL 3": "#D55E00",
  "SSL 3, Eq. 16": "#009E73",
  "SSL 1": "#CC79A7",
  "SSL 7": "#56B4E9",
  "SSL 3, lambda 0.9": "#E69F00",
  "start": "#999999",
}
_SPARE_COLOR = "#F0E442"  # Pale on white: the last of those for other methods.
_UNNAMED = "#555555"  # In a forest, where labels tell the others apart.


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
    method: whose colour it has; the label if it is None.
  """

  label: str
  mean: float
  half: float
  pairs: int
  method: str | None = None


class Level(NamedTuple):
  """A height to compare curves with.

  Attributes:
    y: where its line is.
    label: what the legend calls it.
  """

  y: float
  label: str


def looks(names: Iterable[str]) -> dict[str, tuple[str, str]]:
  """Returns {name: (colour, style of its line)} of the methods of a figure.

  The methods of the report have a colour each, the same in every figure; the
  others share in turn what these leave, and differ by style where one colour
  has to serve twice.
  """
  names = list(names)
  taken = {_COLORS[name] for name in names if name in _COLORS}
  left = [c for c in (*_COLORS.values(), _SPARE_COLOR) if c not in taken]
  found, others = {}, 0
  for name in names:
    if name in _COLORS:
      found[name] = _COLORS[name], _STYLES[0]
    else:
      turn, place = divmod(others, len(left))
      found[name] = left[place], _STYLES[turn % len(_STYLES)]
      others += 1
  return found


def save_bands(
  path: str | os.PathLike,
  bands: Mapping[str, Band],
  x_label: str,
  y_label: str,
  *,
  title: str = "",
  zero_line: bool = False,
  from_zero: bool = False,
  level: Level | None = None,
) -> None:
  """Writes a line with a band for each name, the legend below.

  Args:
    path: the file; see `images.save_figure`.
    bands: {name: band}.
    x_label: label of the x axis.
    y_label: label of the y axis.
    title: stands above.
    zero_line: whether y = 0 is marked, as for differences.
    from_zero: whether the y axis begins at 0, as that of a share.
    level: a dashed line across.

  Raises:
    ValueError: if there is no band.
  """
  if not bands:
    raise ValueError("There is no curve to draw.")
  lines = -(-(len(bands) + (level is not None)) // _COLUMNS)
  figure = matplotlib.figure.Figure(
    figsize=(_WIDTH, _CURVES_HEIGHT + 0.22 * lines), layout="constrained"
  )
  axis = figure.subplots()
  for name, (color, style) in looks(bands).items():
    band = bands[name]
    axis.plot(band.x, band.middle, style, color=color, label=name, lw=1.6)
    axis.fill_between(
      band.x, band.low, band.high, color=color, alpha=0.15, lw=0
    )
  if zero_line:
    axis.axhline(0, color="black", lw=0.8)
  if level:
    axis.axhline(level.y, color=_UNNAMED, ls="--", lw=1.2, label=level.label)
  if from_zero:
    axis.set_ylim(bottom=0)
  axis.set_title(title, fontsize="medium", parse_math=False)
  axis.set_xlabel(x_label)
  axis.set_ylabel(y_label)
  axis.grid(alpha=0.3)
  figure.legend(loc="outside lower center", ncols=_COLUMNS, frameon=False)
  images.save_figure(path, figure)


def save_forest(
  path: str | os.PathLike,
  differences: Sequence[Difference],
  x_label: str,
  *,
  title: str = "",
) -> None:
  """Writes a forest plot: a row for each difference, with its interval.

  A filled mark has an interval without 0.

  Args:
    path: the file; see `images.save_figure`.
    differences: from top to bottom.
    x_label: label of the x axis.
    title: stands above.

  Raises:
    ValueError: if there is no difference.
  """
  if not differences:
    raise ValueError("There is no difference to draw.")
  height = _FOREST_MARGIN + _ROW_HEIGHT * (len(differences) + bool(title))
  figure = matplotlib.figure.Figure(
    figsize=(_WIDTH, height), layout="constrained"
  )
  axis = figure.subplots()
  for place, row in enumerate(differences):
    half = 0.0 if math.isnan(row.half) else row.half
    clear = half > 0 and abs(row.mean) > half
    color = _COLORS.get(row.method or row.label, _UNNAMED)
    axis.errorbar(
      row.mean,
      place,
      xerr=half,
      fmt="o",
      color=color,
      markerfacecolor=color if clear else "white",
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
  axis.set_title(title, fontsize="medium", parse_math=False)
  axis.set_xlabel(x_label)
  axis.locator_params(axis="x", nbins=6)
  axis.grid(alpha=0.3, axis="x")
  images.save_figure(path, figure)


def _text(row):
  half = "" if math.isnan(row.half) else f" ± {row.half:.2f}"
  # What is rounded to 0 has no sign.
  return f"{round(row.mean, 2) + 0.0:+.2f}{half} ({row.pairs})"
