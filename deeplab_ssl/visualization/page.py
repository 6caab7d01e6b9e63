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
"""The frame of a page: head, colours for light and dark, narrow windows."""

from collections.abc import Sequence
import html
import os

from deeplab_ssl.common import atomic_files

_STYLE = """
:root { color-scheme: light dark; --page: #fff; --text: #1b1b1b;
  --shade: #f2f2f2; --line: #888; --link: #0645ad; }
@media (prefers-color-scheme: dark) {
  :root { --page: #161616; --text: #e6e6e6; --shade: #262626; --line: #888;
    --link: #8ab4f8; }
}
body { font-family: sans-serif; line-height: 1.4; margin: 1rem;
  background: var(--page); color: var(--text); overflow-wrap: break-word; }
a { color: var(--link); }
h1 { font-size: 1.5rem; line-height: 1.2; }
table { border-collapse: collapse; }
/* What is wider than the window moves inside its own frame. */
.scroll { overflow: auto; }
"""


def write(
  path: str | os.PathLike, *, title: str, style: str, body: Sequence[str]
) -> None:
  """Writes a page.

  Args:
    path: the HTML file.
    title: plain text, also the heading.
    style: CSS that is added; it may use the colours --page, --text, --shade
      (of every other row), --line and --link.
    body: lines of HTML below the heading.
  """
  lines = [
    "<!DOCTYPE html>",
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    # Browsers ask the server for an icon that is not named.
    '<link rel="icon" href="data:,">',
    f"<title>{html.escape(title)}</title><style>{_STYLE}{style}</style></head>",
    f"<body><h1>{html.escape(title)}</h1>",
    *body,
    "</body></html>",
    "",
  ]
  atomic_files.write(path, "\n".join(lines).encode("utf-8"))
