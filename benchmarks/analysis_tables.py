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

"""Tables of what was measured on finished runs, beside their scores."""

import statistics

from benchmarks import score_tables
from deeplab_ssl.reproduction import markdown
from deeplab_ssl.reproduction import statistics as seed_statistics

# The columns of the table of thresholds: how a record calls a score.
_THRESHOLD_SCORES = {
  "mean IoU": "mean_iou",
  "with a chosen threshold": "mean_iou_chosen",
  "average precision": "average_precision",
}


def threshold_table(suite, baselines) -> list[str]:
  """Returns the rows of `benchmarks.threshold_choice`, in percent.

  Methods without these scores are left out; there are no rows without any.
  """
  suite, baselines = score_tables.all_having("thresholds", suite, baselines)
  if not suite:
    return []
  head = [""]
  for title in _THRESHOLD_SCORES:
    head += [title, *(f"minus {name}" for name in baselines)]
  rows = []
  for method, runs in suite.items():
    cells = [method]
    for name in _THRESHOLD_SCORES.values():
      cells += score_tables.score_cells(name, method, runs, baselines)
    rows.append(cells)
  return markdown.table_lines(head, rows)


def width_table(suite, baselines, name="widths") -> list[str]:
  """Returns the rows of `benchmarks.recall_by_width`, a group each, in percent.

  Methods without widths are left out; there are no rows without any.

  Args:
    suite: {method: {seed: run}}, a column each.
    baselines: {method: {seed: run}}, with which the others are compared.
    name: "widths", or "even_widths".
  """
  suite, baselines = score_tables.all_having(name, suite, baselines)
  if not suite:
    return []
  groups = score_tables.first_run(suite)[name]
  pixels = sum(counted["pixels"] for counted in groups.values())
  compared = score_tables.pairs(suite, baselines)
  head = ["width", "of the pixels", *suite]
  head += [f"{method} minus {other}" for method, other in compared]
  rows = []
  for group, counted in groups.items():
    recalls = {
      method: {s: 100 * run[name][group]["recall"] for s, run in runs.items()}
      for method, runs in (suite | baselines).items()
    }
    rows.append(
      [
        group,
        f"{100 * counted['pixels'] / pixels:.0f}",
        *(f"{statistics.mean(recalls[m].values()):.2f}" for m in suite),
        *(
          seed_statistics.difference_text(recalls[method], recalls[other])
          for method, other in compared
        ),
      ]
    )
  return markdown.table_lines(head, rows)
