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

from deeplab_ssl.common import atomic_files

_STYLE = """
body { font-family: sans-serif; max-width: 62rem; margin: 2rem auto; }
table { border-collapse: collapse; }
td, th { padding: 0.15rem 0.8rem; text-align: right; }
td:first-child, th:first-child { text-align: left; }
tr:nth-child(even) { background: #f2f2f2; }
tr:last-child { border-top: 1px solid; font-weight: bold; }
img { max-width: 100%; }
figure { margin: 1.5rem 0; }
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
  lines = [
    "<!DOCTYPE html>",
    f'<html lang="en"><meta charset="utf-8"><title>{html.escape(title)}'
    f"</title><style>{_STYLE}</style>",
    f"<h1>{html.escape(title)}</h1>",
    *(f"<p>{text}</p>" for text in paragraphs),
    f"<table><tr>{head}</tr>",
    *(f"<tr>{cells}</tr>" for cells in body),
    "</table>",
    *(
      f'<figure><img src="{html.escape(name)}" alt="{html.escape(caption)}">'
      f"<figcaption>{html.escape(caption)}</figcaption></figure>"
      for name, caption in figures.items()
    ),
    "</html>",
    "",
  ]
  atomic_files.write(path, "\n".join(lines).encode("utf-8"))
