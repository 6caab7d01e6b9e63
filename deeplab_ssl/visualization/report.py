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

"""A report as one HTML page beside its pictures."""

from collections.abc import Mapping
from collections.abc import Sequence
import html
import math
import os
import pathlib
from typing import Any
import urllib.parse

from deeplab_ssl.visualization import page

_STYLE = """
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
td, th { padding: 0.15rem 0.8rem; text-align: right; }
td:first-child, th:first-child { text-align: left; }
tr:nth-child(even) { background: var(--shade); }
tr:last-child { border-top: 1px solid; font-weight: bold; }
figure { margin: 1.5rem 0; }
/* A click shows a picture as large as it is. */
img { display: block; max-width: 100%; height: auto; margin-bottom: 0.3rem; }
/* Pictures are drawn on white, which glares beside a dark page. */
@media (prefers-color-scheme: dark) { img { filter: brightness(0.7); } }
"""


def score_table(scores: Mapping[str, Any]) -> list[list[str]]:
  """Tabulates IoU per class and mean IoU, in percent, one column per method.

  Args:
    scores: {method: scores with `class_names`, `iou` and `mean_iou`}.

  Returns:
    Rows of cells, the heading first; an absent class is "n/a".
  """
  first = next(iter(scores.values()))
  rows = [["class", *scores]]
  for i, name in enumerate(first.class_names):
    rows.append([name, *(_percent(s.iou[i]) for s in scores.values())])
  rows.append(["mean IoU", *(_percent(s.mean_iou) for s in scores.values())])
  return rows


def _percent(value):
  return "n/a" if math.isnan(value) else f"{100 * value:.2f}"


def as_text(table: Sequence[Sequence[str]]) -> str:
  """Aligns a table for the console, the first column to the left.

  Args:
    table: rows of cells, as many in each.

  Returns:
    A line per row.
  """
  widths = [max(map(len, column)) for column in zip(*table, strict=True)]
  return "\n".join(
    "  ".join(
      [row[0].ljust(widths[0])]
      + [
        cell.rjust(width)
        for cell, width in zip(row[1:], widths[1:], strict=True)
      ]
    )
    for row in table
  )


def write_html(
  path: str | os.PathLike,
  *,
  title: str,
  paragraphs: Sequence[str],
  table: Sequence[Sequence[str]],
  figures: Mapping[str, str],
) -> None:
  """Writes the page.

  Args:
    path: the HTML file; pictures are named relative to its folder.
    title: heading.
    paragraphs: HTML text.
    table: rows of plain cells, the heading first.
    figures: {picture: plain caption}.

  Raises:
    FileNotFoundError: if a picture is not there.
  """
  path = pathlib.Path(path)
  for name in figures:
    if not (path.parent / name).exists():
      raise FileNotFoundError(f"The report shows {name}, which is missing.")
  head, *body = [
    "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row)
    for tag, row in zip(["th"] + ["td"] * (len(table) - 1), table, strict=True)
  ]
  page.write(
    path,
    title=title,
    style=_STYLE,
    body=[
      *(f"<p>{text}</p>" for text in paragraphs),
      f'<div class="scroll"><table><tr>{head}</tr>',
      *(f"<tr>{cells}</tr>" for cells in body),
      "</table></div>",
      *(_figure(name, caption) for name, caption in figures.items()),
    ],
  )


def _figure(name, caption):
  link, text = html.escape(urllib.parse.quote(name)), html.escape(caption)
  return (
    f'<figure><a href="{link}"><img src="{link}" alt="{text}"></a>'
    f"<figcaption>{text}</figcaption></figure>"
  )
