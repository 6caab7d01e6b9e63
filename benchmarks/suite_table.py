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

"""Makes the tables of docs/results.md from recorded runs of several seeds.

  python -m benchmarks.suite_table benchmarks/results/camvid.json
  python -m benchmarks.suite_table benchmarks/results/membranes_finetune.json \\
    --setting=from_bce --methods=ce,bce,ssl_3 --tables=scores

The file is one that `deeplab_ssl.reproduce` writes: the record of a suite, or
{method: {seed: {"mean_iou": ..., "iou": {class: ...}}}}; or one of
`benchmarks.threshold_choice`. Each setting of a suite has tables of its own.
Differences are paired by seed, with the 95 % confidence interval of Student's
t; the share of hard examples is that of the last steps, a mean over the seeds.
"""

from collections.abc import Sequence
import fnmatch
import statistics

from absl import app
from absl import flags

from benchmarks import suite_record
from deeplab_ssl.reproduction import markdown
from deeplab_ssl.reproduction import statistics as seed_statistics

_BASELINES = flags.DEFINE_list(
  "baselines",
  None,
  "Methods to compare with; ce and bce, where they are there, by default.",
)
_SETTING = flags.DEFINE_string("setting", None, "This setting alone.")
_METHODS = flags.DEFINE_list(
  "methods", None, "Rows by name or pattern (ce, ssl_*); all if left out."
)
_TABLES = flags.DEFINE_list(
  "tables",
  None,
  "Of scores, boundaries, classes, precision, log, thresholds, search; all if "
  "left out.",
)
_DEFAULT_BASELINES = ("ce", "bce")


def _score_cells(name, method, runs, baselines):
  """The cells of a score: mean, deviation and what it is above baselines."""
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
        *_score_cells("mean_iou", method, runs, baselines),
        _hard_share(runs),
      ]
    )
  return markdown.table_lines([*head, "hard, %"], rows)


def _having(name, methods):
  """Those of {method: {seed: run}} of which all runs have something."""
  return {
    method: runs
    for method, runs in methods.items()
    if all(name in run for run in runs.values())
  }


def _mean_trimap(runs, width):
  found = [run["trimap_mean_iou"][width] for run in runs.values()]
  return 100 * statistics.mean(found)


def boundary_table(suite, baselines) -> list[str]:
  """Returns the rows of the table along boundaries, in percent.

  Methods without these scores are left out; there are no rows without any.
  """
  suite, baselines = (
    _having("mean_boundary_iou", methods) for methods in (suite, baselines)
  )
  if not suite:
    return []
  first = next(iter(next(iter(suite.values())).values()))
  widths = list(first["trimap_mean_iou"])
  head = ["", "boundary IoU", *(f"minus {name}" for name in baselines)]
  head += [f"mean IoU within {width} px" for width in widths]
  rows = []
  for method, runs in suite.items():
    rows.append(
      [
        method,
        *_score_cells("mean_boundary_iou", method, runs, baselines),
        *(f"{_mean_trimap(runs, width):.2f}" for width in widths),
      ]
    )
  return markdown.table_lines(head, rows)


def class_table(suite) -> list[str]:
  """Returns the rows of the table of IoU per class, means over the seeds.

  Methods without it are left out; there are no rows without any.
  """
  return _by_class(
    _having("iou", suite),
    lambda runs, name: _mean(run["iou"][name] for run in runs),
  )


def precision_table(suite) -> list[str]:
  """Returns the rows of recall and precision per class, means over the seeds.

  The recall is the accuracy of the class. Methods without it are left out;
  there are no rows without any.
  """
  suite = _having("accuracy", suite)

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
  lines = [f"| class | {' | '.join(suite)} |", "|---" * (len(suite) + 1) + "|"]
  first = next(iter(next(iter(suite.values())).values()))
  for name in first["iou"]:
    cells = [cell(runs.values(), name) for runs in suite.values()]
    lines.append(f"| {name} | {' | '.join(cells)} |")
  return lines


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
  suite, baselines = (
    _having("thresholds", methods) for methods in (suite, baselines)
  )
  if not suite:
    return []
  head = [""]
  for title in _THRESHOLD_SCORES:
    head += [title, *(f"minus {name}" for name in baselines)]
  rows = []
  for method, runs in suite.items():
    cells = [method]
    for name in _THRESHOLD_SCORES.values():
      cells += _score_cells(name, method, runs, baselines)
    rows.append(cells)
  return markdown.table_lines(head, rows)


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
  for method, runs in _having("iou", suite).items():
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
        *_score_cells("mean_iou", name, choice.runs, compared),
        *_score_cells("mean_boundary_iou", name, choice.runs, compared),
      ]
    )
  return markdown.table_lines(head, rows)


_KINDS = {
  "scores": mean_iou_table,
  "boundaries": boundary_table,
  "classes": lambda suite, _: class_table(suite),
  "precision": lambda suite, _: precision_table(suite),
  "log": lambda suite, _: log_table(suite),
  "thresholds": threshold_table,
}
_SEARCH = "search"


def all_tables(
  content,
  baselines: Sequence[str] | None = None,
  setting: str | None = None,
  patterns: Sequence[str] | None = None,
  kinds: Sequence[str] | None = None,
) -> str:
  """Returns the tables of a file of results, each setting under its name.

  Args:
    content: from `suite_record.read`.
    baselines: methods to compare with; a setting does without those that it has
      not. None takes ce and bce, or what there is of them.
    setting: this one alone, without a heading.
    patterns: names or shell patterns of the methods that get a row; all if it
      is None.
    kinds: of "scores", "boundaries", "classes", "precision", "log",
      "thresholds" and "search"; all if it is None.

  Raises:
    ValueError: if no setting has one of the baselines or methods that are
      given, or there is no such setting or kind of table.
  """
  settings = suite_record.settings(content)
  if setting is not None and setting not in settings:
    raise ValueError(f"There is no setting {setting!r}, only {[*settings]}.")
  if setting is not None:
    settings = {setting: settings[setting]}
  known = dict.fromkeys(m for methods in settings.values() for m in methods)
  for pattern in (*(baselines or ()), *(patterns or ())):
    if not fnmatch.filter(known, pattern):
      raise ValueError(f"There is no method {pattern!r}, only {list(known)}.")
  kinds = (*_KINDS, _SEARCH) if kinds is None else kinds
  for kind in kinds:
    if kind not in (*_KINDS, _SEARCH):
      raise ValueError(
        f"There is no table {kind!r}, only {[*_KINDS, _SEARCH]}."
      )
  baselines = _DEFAULT_BASELINES if baselines is None else baselines
  parts = []
  for name in settings:
    parts += [f"## {name}"] if name and setting is None else []
    shown = suite_record.matching(content, name, patterns or ["*"])
    there = {}  # In the order in which they are asked for.
    for baseline in baselines:
      there |= suite_record.matching(content, name, [baseline])
    tables = [_KINDS[kind](shown, there) for kind in kinds if kind in _KINDS]
    if _SEARCH in kinds:
      tables.append(tuned_table(content, name, patterns or ["*"], baselines))
    parts += ["\n".join(lines) for lines in tables if lines]
  return "\n\n".join(parts)


def main(argv):
  """Prints the tables."""
  if len(argv) != 2:
    raise app.UsageError("Give one file with recorded runs.")
  content = suite_record.read(argv[1])
  try:
    print(
      all_tables(
        content,
        _BASELINES.value,
        _SETTING.value,
        _METHODS.value,
        _TABLES.value,
      )
    )
  except ValueError as error:
    raise app.UsageError(f"{argv[1]}: {error}") from error


if __name__ == "__main__":
  app.run(main)
