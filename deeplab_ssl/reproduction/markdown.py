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
"""Lays tables out in Markdown."""

from collections.abc import Iterable
from collections.abc import Sequence


def table_lines(
  head: Sequence[str], rows: Iterable[Sequence[str]]
) -> list[str]:
  """Returns the lines of a table.

  Args:
    head: titles of the columns.
    rows: their cells, as many as there are titles.
  """
  cells = [head, ["---"] * len(head), *rows]
  return [f"| {' | '.join(row)} |" for row in cells]
