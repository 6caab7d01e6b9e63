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

"""A page to browse pictures of many images side by side."""

from collections.abc import Mapping
from collections.abc import Sequence
import html
import os
import pathlib
from typing import NamedTuple
import urllib.parse

from deeplab_ssl.visualization import page

_STYLE = """
/* Heads and names stay in sight while the pictures move. */
.scroll { max-height: 95vh; }
th, td { padding: 0.3rem; font-size: 0.85rem; text-align: left;
  vertical-align: top; background: var(--page); }
tr > :first-child { position: sticky; left: 0; min-width: 5.5rem;
  max-width: 20vw; overflow-wrap: anywhere; }
th { position: sticky; top: 0; }
th:first-child { z-index: 1; }
td img { display: block; }
td img, .caption { width: min(18rem, 55vw); }
label, .legend span { display: inline-block; margin-right: 1rem; }
.legend i { display: inline-block; width: 1em; height: 1em; margin-right: 0.3em;
  border: 1px solid var(--line); vertical-align: middle; }
"""

# Hides the columns whose boxes are not ticked.
_SCRIPT = """
document.querySelectorAll("input").forEach((box) => {
  box.addEventListener("change", () => {
    document.querySelectorAll("." + box.id).forEach((cell) => {
      cell.style.display = box.checked ? "" : "none";
    });
  });
});
"""


class Row(NamedTuple):
  """One image.

  Attributes:
    name: what stands beside it.
    pictures: {column: path of a picture, relative to the page}.
    captions: {column: text below the picture}; may lack columns.
  """

  name: str
  pictures: Mapping[str, str]
  captions: Mapping[str, str]


def write_gallery(
  path: str | os.PathLike,
  *,
  title: str,
  rows: Sequence[Row],
  legend: Mapping[str, Sequence[int]],
) -> None:
  """Writes the page; boxes above the table show and hide its columns.

  Args:
    path: the HTML file; pictures are named relative to its folder.
    title: heading.
    rows: the images, each with the same columns.
    legend: {class: RGB in 0 to 255}.

  Raises:
    FileNotFoundError: if a picture is not there.
    ValueError: if there are no rows, or their columns differ.
  """
  path = pathlib.Path(path)
  columns = list(rows[0].pictures) if rows else []
  for row in rows:
    if list(row.pictures) != columns:
      raise ValueError(
        f"Every row must have the columns {columns}. Received: "
        f"{list(row.pictures)} of {row.name!r}."
      )
    for picture in row.pictures.values():
      if not (path.parent / picture).exists():
        raise FileNotFoundError(f"The page shows {picture}, which is missing.")
  if not rows:
    raise ValueError("A gallery needs at least one image. Received: none.")
  boxes = [
    f'<label><input type="checkbox" id="c{i}" checked '
    f'autocomplete="off">{html.escape(column)}'
    "</label>"
    for i, column in enumerate(columns)
  ]
  colors = [
    f'<span><i style="background: rgb{tuple(map(int, rgb))}"></i>'
    f"{html.escape(name)}</span>"
    for name, rgb in legend.items()
  ]
  heads = [
    f'<th class="c{i}">{html.escape(column)}</th>'
    for i, column in enumerate(columns)
  ]
  page.write(
    path,
    title=title,
    style=_STYLE,
    body=[
      f"<p>{' '.join(boxes)}</p>",
      f'<p class="legend">{" ".join(colors)}</p>',
      f'<div class="scroll"><table><tr><th></th>{"".join(heads)}</tr>',
      *map(_row, rows),
      f"</table></div><script>{_SCRIPT}</script>",
    ],
  )


def _row(row):
  cells = []
  for i, (column, picture) in enumerate(row.pictures.items()):
    # Names of files may hold anything.
    link = html.escape(urllib.parse.quote(picture))
    caption = html.escape(row.captions.get(column, ""))
    cells.append(
      f'<td class="c{i}"><a href="{link}"><img src="{link}" loading="lazy" '
      f'alt="{html.escape(f"{row.name}: {column}")}"></a>'
      f'<div class="caption">{caption}</div></td>'
    )
  return f"<tr><td>{html.escape(row.name)}</td>{''.join(cells)}</tr>"
