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

"""The scores of finished runs, and the table that they make."""

from collections.abc import Sequence
import json
import os
import pathlib
from typing import Any

from deeplab_ssl.reproduction import execution
from deeplab_ssl.reproduction import markdown
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import statistics
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables

# Rows that the others are compared with, seed by seed.
_BASELINES = ("ce", "bce")

Scores = dict[str, Any]


def read_scores(run: plan.Run) -> Scores:
  """Returns what `deeplab_ssl.evaluate --output` wrote of a finished run."""
  return json.loads(pathlib.Path(run.scores).read_text())


def mean_ious(planned: plan.PlannedRow) -> dict[int, float]:
  """Returns {seed: mean IoU in percent} of the finished runs of a row."""
  return {
    run.seed: 100 * read_scores(run)["mean_iou"]
    for run in planned.runs
    if execution.finished(run)
  }


def _number(value):
  return "" if value is None else f"{value:.2f}"


def row_cells(
  planned: plan.PlannedRow, baselines: Sequence[dict[int, float]]
) -> list[str]:
  """Returns the cells of one row; those of a missing run are empty."""
  row, values = planned.row, mean_ious(planned)
  size = "–" if row.size is None else str(row.size)
  cells = [row.model, row.method, size, _number(row.paper)]
  if not values:
    return [*cells, *[""] * (2 + len(baselines))]
  mean, deviation = statistics.spread(list(values.values()))
  ours = statistics.plus_minus(mean, deviation)
  if len(values) > 1:
    ours += f" ({len(values)} seeds)"
  difference = "" if row.paper is None else f"{mean - row.paper:+.2f}"
  cells += [ours, difference]
  return cells + [
    "" if baseline == values else statistics.difference_text(values, baseline)
    for baseline in baselines
  ]


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
  return "\n".join(markdown.table_lines(head, rows))


def _baseline_scores(planned):
  """Returns {(setting, run): {seed: mean IoU}} of the finished baselines."""
  found = {}
  for p in planned:
    if p.row.run in _BASELINES and not p.row.evaluation:
      found.setdefault((p.row.setting, p.row.run), mean_ious(p))
  return {key: values for key, values in found.items() if values}


def _class_table(planned):
  """IoU per class of the rows for which the paper has it."""
  rows, names = [], None
  for p in planned:
    runs = [run for run in p.runs if execution.finished(run)]
    if not p.row.paper_classes or not runs:
      continue
    classes = read_scores(runs[0])["classes"]
    if len(classes) != len(p.row.paper_classes):
      return ""  # A miniature has other classes.
    names = list(classes)
    label = f"{p.row.model} {p.row.method}"
    rows.append([f"{label}, paper", *map(_number, p.row.paper_classes)])
    means = []
    for name in names:
      ious = [read_scores(run)["classes"][name]["iou"] for run in runs]
      ious = [100 * iou for iou in ious if iou is not None]
      means.append(_number(sum(ious) / len(ious)) if ious else "n/a")
    rows.append([f"{label}, ours", *means])
  if not rows:
    return ""
  turned = [list(cells) for cells in zip(["class", *names], *rows, strict=True)]
  return _markdown(turned[0], turned[1:])


def render(
  table: tables.Table, suite: suites.Suite, planned: Sequence[plan.PlannedRow]
) -> str:
  """Renders a table in Markdown: paper, ours, differences, commands.

  Args:
    table: the table.
    suite: how it was run.
    planned: its rows, finished or not.

  Returns:
    The page.
  """
  baselines = _baseline_scores(planned)
  head = ["model", "method", "size", "paper", "ours", "ours minus paper"]
  parts = [f"# Table {table.number}: {table.title}"]
  if suite.miniature:
    parts.append(
      f"Suite `{suite.name}`: another data set and a small model. The paper's "
      "figures stand beside it for orientation; compare the methods with each "
      "other. Rows that differ in the model alone are one run."
    )
  parts.append(
    "Mean IoU in percent; ± is the standard deviation over the seeds, behind "
    "a difference half the 95 % interval of the pairs of equal seeds."
  )
  names = [n for n in _BASELINES if any(run == n for _, run in baselines)]
  head += [f"minus {name.upper()}" for name in names]
  # In a miniature the rows that are left may name any of the settings.
  anywhere = {run: values for (_, run), values in baselines.items()}
  cells = []
  for p in planned:
    own = [
      anywhere[n] if suite.miniature else baselines.get((p.row.setting, n), {})
      for n in names
    ]
    cells.append(row_cells(p, own))
  parts.append(_markdown(head, cells))
  parts += [f"`{p.row.name}`: {p.row.note}" for p in planned if p.row.note]
  classes = _class_table(planned)
  if classes:
    parts.append("## IoU per class\n\n" + classes)
  parts.append("## Commands")
  for p in planned:
    run = p.runs[0]
    commands = [t.command for t in run.trainings] + [run.evaluation_command]
    lines = "\n".join(map(execution.shell_text, commands))
    parts.append(f"`{p.row.name}`\n\n```shell\n{lines}\n```")
  return "\n\n".join(parts) + "\n"


def _by_class(scores, column):
  return {
    name: entry[column] and round(entry[column], 5)
    for name, entry in scores["classes"].items()
  }


def kept_scores(run: plan.Run, scores: Scores) -> Scores:
  """Returns the scores of a finished run, small enough to keep.

  Scores along boundaries are kept where they were measured, and of runs that
  logged the share of hard examples its first and last value.

  Args:
    run: the run, for its log.
    scores: its scores, from `read_scores`.
  """
  from deeplab_ssl.runs import logs

  kept = {
    "mean_iou": round(scores["mean_iou"], 5),
    "pixel_accuracy": round(scores["pixel_accuracy"], 5),
    "iou": _by_class(scores, "iou"),
    "accuracy": _by_class(scores, "accuracy"),
  }
  if "mean_boundary_iou" in scores:
    kept["mean_boundary_iou"] = round(scores["mean_boundary_iou"], 5)
    kept["trimap_mean_iou"] = {
      width: round(value, 5)
      for width, value in scores["trimap_mean_iou"].items()
    }
  if os.path.isdir(os.path.join(run.directory, "train")):
    curves = logs.read_scalars(run.directory)
    if "hard_fraction" in curves:
      share = curves["hard_fraction"][1]
      kept["hard_fraction"] = {
        "first": round(share[0], 5),
        "last": round(share[-1], 5),
      }
  return kept


def export(
  suite: suites.Suite, planned: Sequence[plan.PlannedRow]
) -> dict[str, dict[str, Scores]]:
  """Returns {row: {seed: kept scores}} of the finished runs.

  A row is named without its setting in a miniature.
  """
  found = {}
  for p in planned:
    for run in filter(execution.finished, p.runs):
      kept = kept_scores(run, read_scores(run))
      found.setdefault(suite.short_name(p.row), {})[f"seed {run.seed}"] = kept
  return found
