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
"""Draws the profiles of `benchmarks.uncertain_lines`.

  python -m benchmarks.line_figures benchmarks/results/lines.json \\
    --output=lines.png

A panel for each width and each set of labels that is not certain: the share of
the labels that call a pixel the line, and what each loss ends at from 0.
"""

from collections.abc import Mapping
from collections.abc import Sequence
import json
import os
import pathlib

from absl import app
from absl import flags
import matplotlib.figure
import numpy as np

from deeplab_ssl.visualization import comparison
from deeplab_ssl.visualization import images

# Defined where this is run: a test that imports it has the flags of others.
_OUTPUT = "output"
_PANEL = (1.9, 1.6)  # Inches.
_SEEN = 6  # Pixels to both sides of the middle.
_DEFAULT_FORM = ", Eq. 10"  # Other figures have SSL without a word of it.


def _draw(axis, cases):
  middle = len(cases[0]["labels"]) // 2
  seen = slice(middle - _SEEN, middle + _SEEN + 1)
  across = np.arange(-_SEEN, _SEEN + 1)
  axis.bar(across, cases[0]["labels"][seen], 1.0, color="0.85", label="labels")
  names = [case["method"].removesuffix(_DEFAULT_FORM) for case in cases]
  looks = comparison.looks(names)
  for case, name in zip(cases, names, strict=True):
    color, style = looks[name]
    values = case["line"][0][seen]
    axis.plot(across, values, style, color=color, lw=1.4, label=case["method"])
  axis.axhline(0.5, color="black", lw=0.6)
  axis.set_ylim(0, 1.05)


def save_profiles(path: str | os.PathLike, cases: Sequence[Mapping]) -> None:
  """Writes the figure.

  Args:
    path: the file; see `images.save_figure`.
    cases: "lines" of the record.
  """
  shifts, widths = (
    list(dict.fromkeys(case[key] for case in cases))
    for key in ("shift", "width")
  )
  shifts = [shift for shift in shifts if shift != "0"]
  figure = matplotlib.figure.Figure(
    figsize=(_PANEL[0] * len(widths), _PANEL[1] * len(shifts) + 0.7),
    layout="constrained",
  )
  axes = figure.subplots(
    len(shifts), len(widths), sharex=True, sharey=True, squeeze=False
  )
  for row, shift in zip(axes, shifts, strict=True):
    row[0].set_ylabel(f"labels off by\n{shift}")
    for axis, width in zip(row, widths, strict=True):
      shown = {"shift": shift, "width": width}
      _draw(axis, [case for case in cases if case.items() >= shown.items()])
  for top, bottom, width in zip(axes[0], axes[-1], widths, strict=True):
    top.set_title(f"{width} px wide")
    bottom.set_xlabel("pixels across")
  figure.supylabel("probability of the line", fontsize="medium")
  figure.legend(
    *axes[0][0].get_legend_handles_labels(),
    loc="outside lower center",
    ncols=4,
    frameon=False,
  )
  images.save_figure(path, figure)


def main(argv):
  """Draws the figure."""
  if len(argv) != 2:
    raise app.UsageError("Give the file of the record.")
  record = json.loads(pathlib.Path(argv[1]).read_text())
  save_profiles(flags.FLAGS[_OUTPUT].value, record["lines"])


if __name__ == "__main__":
  flags.DEFINE_string(_OUTPUT, None, "The PNG, or .pdf, .svg.", required=True)
  app.run(main)
