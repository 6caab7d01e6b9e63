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

"""Tables of the logs of recorded trainings, and of a search among them."""

import statistics

from benchmarks import score_tables
from benchmarks import suite_record
from deeplab_ssl.reproduction import markdown

# The columns of the table of the log: how a record calls a scalar, and its
# decimals.
_LOGGED = {
  "mean e": ("error_mean", 3),
  "gradient, BCE": ("cross_entropy_gradient", 5),
  "gradient, structural": ("structural_gradient", 5),
  "cosine of both": ("gradient_cosine", 2),
}


def _first_and_last(runs, name, decimals, factor=1.0):
  """A scalar at both ends of a training, means of the seeds that logged it."""
  points = suite_record.by_step(
    runs, lambda run: suite_record.logged(run, name)
  )
  if not points:
    return ""
  values = list(points.values())
  ends = [factor * statistics.mean(values[end]) for end in (0, -1)]
  return " → ".join(f"{value:.{decimals}f}" for value in ends)


def log_table(suite) -> list[str]:
  """Returns the rows of the table of the training log, first and last tenth.

  A sample is a pixel and a class, so the hard samples of a pixel are the share
  times the classes. Gradients are those of the terms before their weights, with
  respect to the logits; only rows with `log_gradients` have them. Methods
  without hard samples are left out; there are no rows without any.
  """
  rows = []
  for method, runs in score_tables.having("iou", suite).items():
    classes = len(next(iter(runs.values()))["iou"])
    share = _first_and_last(runs, "hard_fraction", 2, 100.0)
    per_pixel = _first_and_last(runs, "hard_fraction", 2, classes)
    if share:
      others = [_first_and_last(runs, *column) for column in _LOGGED.values()]
      rows.append([method, share, per_pixel, *others])
  if not rows:
    return []
  head = ["", "hard, %", "hard samples per pixel", *_LOGGED]
  return markdown.table_lines(head, rows)


def _tried_cell(choice, value):
  """Mean IoU of a value on both splits, bold if it was chosen."""
  reported = suite_record.scores(choice.reported[value], "mean_iou").values()
  text = f"{choice.tried[value]:.2f} / {statistics.mean(reported):.2f}"
  return f"**{text}**" if value == choice.value else text


def tuned_table(content, setting, patterns, baselines) -> list[str]:
  """Returns the rows of the table of a search, in percent; none without one.

  The value of each row is chosen by mean IoU on one split and reported on the
  other; the means of all values on both are shown.
  """
  choices = suite_record.tuned(content, setting, "mean_iou")
  tuned = {
    method: choice
    for method, choice in choices.items()
    if suite_record.is_named(method, patterns)
  }
  if not tuned:
    return []
  labels = {
    method: suite_record.label_of(content, setting, method)
    for method in choices
  }
  compared = {
    labels[name]: choices[name].runs for name in baselines if name in choices
  }
  search = content["search"]
  chosen_on, reported_on = search["choose_on"], search["report_on"]
  values = next(iter(tuned.values())).tried
  head = [search["key"].rpartition(".")[2]]
  head += [f"{value}: {chosen_on} / {reported_on}" for value in values]
  for score in ("mean IoU", "boundary IoU"):
    head.append(f"{score} of the best, on {reported_on}")
    head += [f"minus {name}" for name in compared]
  rows = []
  for method, choice in tuned.items():
    name = labels[method]
    rows.append(
      [
        name,
        *(_tried_cell(choice, value) for value in values),
        *score_tables.score_cells("mean_iou", name, choice.runs, compared),
        *score_tables.score_cells(
          "mean_boundary_iou", name, choice.runs, compared
        ),
      ]
    )
  return markdown.table_lines(head, rows)
