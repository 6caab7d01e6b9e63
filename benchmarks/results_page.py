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

"""Fills docs/results.md in from the recorded runs.

  python -m benchmarks.results_page

The page is written by hand but for its blocks. A block begins with a command in
a comment, such as

  <!-- python -m benchmarks.suite_table benchmarks/results/demo.json -->

and ends with `<!-- end -->`. That of a table holds what the command prints;
that of a figure is left as it is, and its command draws the picture anew.
"""

from collections.abc import Callable
from collections.abc import Sequence
import pathlib
import re
import shlex
import subprocess
import sys

from absl import app
from absl import flags

_PAGE = flags.DEFINE_string("results_page", "docs/results.md", "The page.")
_FIGURES = flags.DEFINE_bool("draw_figures", True, "Draws the figures, too.")

_BLOCK = re.compile(
  r"(?P<head><!-- python (?P<command>-m benchmarks\.\w+_(?P<kind>\w+)"
  r"(?: [^\n]*?)?) -->\n)(?P<body>.*?)(?P<end><!-- end -->)",
  re.DOTALL,
)
_TABLE, _FIGURE = "table", "figures"  # As suite_table, suite_figures.


def _output(arguments: Sequence[str]) -> str:
  done = subprocess.run(
    [sys.executable, *arguments], capture_output=True, text=True
  )
  if done.returncode:
    raise ValueError(f"{shlex.join(arguments)}:\n{done.stderr or done.stdout}")
  return done.stdout


def filled(
  text: str,
  figures: bool = False,
  run: Callable[[Sequence[str]], str] = _output,
) -> str:
  """Returns a page with its tables made anew.

  Args:
    text: the page.
    figures: draws the figures as well, which are files beside the page.
    run: takes the arguments of Python and returns what they print.

  Raises:
    ValueError: if a command fails or makes neither tables nor figures, naming
      it; if there is no block, or one without an end.
  """

  def fill(block):
    body = block["body"]
    if "<!-- python" in body:
      raise ValueError(f"{block['command']}: this block has no <!-- end -->.")
    if block["kind"] not in (_TABLE, _FIGURE):
      raise ValueError(f"{block['command']}: this makes no table or figure.")
    arguments = shlex.split(block["command"])
    if block["kind"] == _TABLE:
      body = f"\n{run(arguments)}\n"
    elif figures:
      run(arguments)
    return f"{block['head']}{body}{block['end']}"

  new, number = _BLOCK.subn(fill, text)
  if not number or number != text.count("<!-- python"):
    raise ValueError(
      f"{number} of {text.count('<!-- python')} blocks have a command and an "
      "end."
    )
  return new


def main(argv):
  """Writes the page."""
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments {argv[1:]}: use --flag=value.")
  page = pathlib.Path(_PAGE.value)
  try:
    page.write_text(filled(page.read_text(), _FIGURES.value))
  except ValueError as error:
    raise app.UsageError(f"{page}: {error}") from error


if __name__ == "__main__":
  app.run(main)
