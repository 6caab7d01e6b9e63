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

"""Tables of what recorded runs score, a row for each method."""

import statistics

from benchmarks import suite_record
from deeplab_ssl.reproduction import markdown
from deeplab_ssl.reproduction import statistics as seed_statistics


def score_cells(name, method, runs, baselines):
  """Returns the cells of a score: its spread and how far it is above others.

  Args:
    name: the score, as `suite_record.score` takes it.
    method: the row's name.
    runs: {seed: run} of the row.
    baselines: {method: {seed: run}}; the cell of the row's own is empty.
  """
  scores = suite_record.scores(runs, name)
  differences = (
    ""
    if other == method
    else seed_statistics.difference_text(
      scores, suite_record.scores(other_runs, name)
    )
    for other, other_runs in baselines.items()
  )
  spread = seed_statistics.spread(list(scores.values()))
  return [seed_statistics.plus_minus(*spread), *differences]


def having(name, methods):
  """Returns those of {method: {seed: run}} of which all runs have something."""
  return {
    method: runs
    for method, runs in methods.items()
    if all(name in run for run in runs.values())
  }


def all_having(name, *several):
  """Returns `having` of each, such as of the rows and of the baselines."""
  return [having(name, methods) for methods in several]


def first_run(methods):
  """Returns the first run of {method: {seed: run}}, to ask what all have."""
  return next(iter(next(iter(methods.values())).values()))


def pairs(suite, baselines):
  """Returns the (method, baseline) that a table with a column for each has.

  Baselines are not compared with each other, for such a table is wide as it is.

  Args:
    suite: {method: runs}.
    baselines: {method: runs}.
  """
  return [
    (method, other)
    for method in suite
    for other in baselines
    if method not in baselines
  ]


def _hard_share(runs):
  shares = [run.get("hard_fraction") for run in runs.values()]
  if None in shares:
    return ""
  return f"{statistics.mean(100 * share['last'] for share in shares):.1f}"


def mean_iou_table(suite, baselines) -> list[str]:
  """Returns the rows of the table of mean IoU, in percent.

  Args:
    suite: {method: {seed: run}}, a row each.
    baselines: {method: {seed: run}}, with which the rows are compared.
  """
  head = ["", "mean IoU per seed", "mean ± std"]
  head += [f"minus {name}" for name in baselines]
  rows = []
  for method, runs in suite.items():
    scores = suite_record.scores(runs, "mean_iou").values()
    rows.append(
      [
        method,
        ", ".join(f"{score:.2f}" for score in scores),
        *score_cells("mean_iou", method, runs, baselines),
        _hard_share(runs),
      ]
    )
  return markdown.table_lines([*head, "hard, %"], rows)


def _mean_trimap(runs, width):
  found = [run["trimap_mean_iou"][width] for run in runs.values()]
  return 100 * statistics.mean(found)


def boundary_table(suite, baselines) -> list[str]:
  """Returns the rows of the table along boundaries, in percent.

  Methods without these scores are left out; there are no rows without any.
  """
  suite, baselines = all_having("mean_boundary_iou", suite, baselines)
  if not suite:
    return []
  widths = list(first_run(suite)["trimap_mean_iou"])
  head = ["", "boundary IoU", *(f"minus {name}" for name in baselines)]
  head += [f"mean IoU within {width} px" for width in widths]
  rows = []
  for method, runs in suite.items():
    rows.append(
      [
        method,
        *score_cells("mean_boundary_iou", method, runs, baselines),
        *(f"{_mean_trimap(runs, width):.2f}" for width in widths),
      ]
    )
  return markdown.table_lines(head, rows)


def class_table(suite) -> list[str]:
  """Returns the rows of the table of IoU per class, means over the seeds.

  Methods without it are left out; there are no rows without any.
  """
  return _by_class(
    having("iou", suite),
    lambda runs, name: _mean(run["iou"][name] for run in runs),
  )


def class_difference_table(suite, baselines) -> list[str]:
  """Returns the rows of paired differences of IoU per class, in percent.

  A seed without the class on either side is left out; without any that has it
  on both, the cell is "n/a". Methods without IoU per class are left out; there
  are no rows without any that is no baseline.

  Args:
    suite: {method: {seed: run}}.
    baselines: {method: {seed: run}}, with which the others are compared.
  """
  suite, baselines = all_having("iou", suite, baselines)
  compared = pairs(suite, baselines)
  if not compared:
    return []

  def ious(runs, name):
    found = {seed: run["iou"][name] for seed, run in runs.items()}
    return {s: 100 * iou for s, iou in found.items() if iou is not None}

  head = [f"{method} minus {other}" for method, other in compared]
  rows = []
  for name in first_run(suite)["iou"]:
    cells = (
      seed_statistics.difference_text(
        ious(suite[method], name), ious(baselines[other], name)
      )
      for method, other in compared
    )
    rows.append([name, *(cell or "n/a" for cell in cells)])
  return markdown.table_lines(["class", *head], rows)


def precision_table(suite) -> list[str]:
  """Returns the rows of recall and precision per class, means over the seeds.

  The recall is the accuracy of the class. Methods without it are left out;
  there are no rows without any.
  """
  suite = having("accuracy", suite)

  def cell(runs, name):
    recalls = [run["accuracy"][name] for run in runs]
    ious = [run["iou"][name] for run in runs]
    # Without a hit nobody knows how many pixels were taken for the class.
    if not all(ious):
      return f"{_mean(recalls)} / n/a"
    # Pixels of the union are those of the class and those taken for it.
    pairs = zip(ious, recalls, strict=True)
    precisions = [1 / (1 / iou - 1 / recall + 1) for iou, recall in pairs]
    return f"{_mean(recalls)} / {_mean(precisions)}"

  return _by_class(suite, cell)


def _mean(shares):
  """The mean in percent of those that are there."""
  found = [100 * share for share in shares if share is not None]
  return f"{statistics.mean(found):.2f}" if found else "n/a"


def _by_class(suite, cell):
  """Rows of classes, columns of methods; a cell is of runs and a class."""
  if not suite:
    return []
  rows = [
    [name, *(cell(runs.values(), name) for runs in suite.values())]
    for name in first_run(suite)["iou"]
  ]
  return markdown.table_lines(["class", *suite], rows)
