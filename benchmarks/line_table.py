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
"""Makes the tables of `benchmarks.uncertain_lines`.

  python -m benchmarks.line_table benchmarks/results/lines.json --table=widths

A cell has the pixels across the line in which the line is the more likely of
the two classes, and the largest probability of the line. "0-2" are none for
certain, and two in which both classes are as likely, within 0.03. Where the two
starts of a case end elsewhere, both ends stand there.
"""

from collections.abc import Mapping
from collections.abc import Sequence
import json
import pathlib

from absl import app
from absl import flags

from deeplab_ssl.reproduction import markdown

# Defined where this is run: a test that imports it has the flags of others.
_TABLE = "table"
_AS_LIKELY = 0.03


def _end(line, background):
  margins = [a - b for a, b in zip(line, background, strict=True)]
  least = sum(margin > _AS_LIKELY for margin in margins)
  most = sum(margin >= -_AS_LIKELY for margin in margins)
  seen = f"{least}" if least == most else f"{least}-{most}"
  return f"{seen} ({max(line):.2f})"


def _cell(case):
  ends = list(map(_end, case["line"], case["background"]))
  from_zero, from_labels = (max(line) for line in case["line"])
  if abs(from_zero - from_labels) <= _AS_LIKELY:
    return ends[0]
  return " or ".join(ends)


def _table(head, rows):
  return "\n".join(markdown.table_lines(head, rows))


def widths_table(cases: Sequence[Mapping]) -> str:
  """Returns a row for each set of labels and width, a column for each loss."""
  shifts, widths, methods = (
    dict.fromkeys(case[key] for case in cases)
    for key in ("shift", "width", "method")
  )
  found = {(c["shift"], c["width"], c["method"]): _cell(c) for c in cases}
  return _table(
    ["labels off by", "width", *methods],
    [
      [shift, f"{width}", *(found[shift, width, m] for m in methods)]
      for shift in shifts
      for width in widths
    ],
  )


def constants_table(cases: Sequence[Mapping]) -> str:
  """Returns a row for each constant, a column for each form of the loss."""
  found = {}
  for case in cases:
    name, _, form = case["method"].rpartition(", ")
    found.setdefault(name, {})[form] = _cell(case)
  head = ["SSL", *next(iter(found.values()))]
  return _table(head, [[name, *row.values()] for name, row in found.items()])


_TABLES = {
  "widths": ("lines", widths_table),
  "constants": ("constants", constants_table),
}


def main(argv):
  """Prints a table."""
  if len(argv) != 2:
    raise app.UsageError("Give the file of the record.")
  record = json.loads(pathlib.Path(argv[1]).read_text())
  key, table = _TABLES[flags.FLAGS[_TABLE].value]
  print(table(record[key]))


if __name__ == "__main__":
  flags.DEFINE_enum(_TABLE, "widths", list(_TABLES), "Which table to print.")
  app.run(main)
