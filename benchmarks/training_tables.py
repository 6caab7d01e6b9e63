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

"""Tables of the curves and logs of recorded trainings, and of a search."""

import math
import shlex
import statistics

from benchmarks import score_tables
from benchmarks import suite_record
from deeplab_ssl.reproduction import markdown
from deeplab_ssl.reproduction import override_text
from deeplab_ssl.reproduction import statistics as seed_statistics

# The scalars of `task.losses.log_gradients` that an angle needs.
_GRADIENTS = (
  "cross_entropy_gradient",
  "structural_gradient",
  "gradient_cosine",
)
# The columns of the table of the log: how a record calls a scalar, and its
# decimals.
_LOGGED = {
  "mean e": ("error_mean", 3),
  "gradient, BCE": (_GRADIENTS[0], 5),
  "gradient, structural": (_GRADIENTS[1], 5),
  "cosine of both": (_GRADIENTS[2], 2),
}
_ANGLE = "angle to BCE, degrees"
_CE_WEIGHT = "ce_weight"  # As a schedule of it is logged, too.
_DEFAULT_CE_WEIGHT = 0.5  # That of the loss, which would import TensorFlow.
_TRAIN, _OVERRIDES = "deeplab_ssl.train", "--params_override="


def _curves(runs, score):
  """{seed: {step: score}} of the runs that have such a curve."""
  return {
    seed: suite_record.curve(run, score)
    for seed, run in runs.items()
    if score in run.get("curve", {})
  }


def curve_table(suite, baselines, score="mean_iou") -> list[str]:
  """Returns the rows of a score over the training, one for each recorded step.

  Step 0 is the start, where it is recorded. A mean is over the seeds of a
  method, a difference over those that the baseline has, too; a cell is empty
  where one of the seeds lacks the step. Methods without the curve are left out;
  there are no rows without any.

  Args:
    suite: {method: {seed: run}}, a column each, and one for each difference.
    baselines: {method: {seed: run}}, with which the others are compared.
    score: "mean_iou", or "mean_boundary_iou".
  """
  suite, baselines = (
    {
      method: curves
      for method, runs in methods.items()
      if (curves := _curves(runs, score))
    }
    for methods in (suite, baselines)
  )

  def at(curves, step):
    found = {seed: curve.get(step) for seed, curve in curves.items()}
    return {} if None in found.values() else found

  head, columns = ["step"], []
  for method, curves in suite.items():
    others = [other for other in baselines if other != method]
    head += [method, *(f"{method} minus {other}" for other in others)]
    columns.append((curves, [baselines[other] for other in others]))
  rows = []
  for step in _steps(suite):
    row = [f"{step}"]
    for curves, others in columns:
      values = at(curves, step)
      row.append(f"{statistics.mean(values.values()):.2f}" if values else "")
      row += [
        seed_statistics.difference_text(values, at(other, step))
        for other in others
      ]
    if any(row[1:]):
      rows.append(row)
  return markdown.table_lines(head, rows) if rows else []


def _steps(suite):
  """The steps of {method: {seed: {step: score}}}, rising."""
  return sorted(
    {
      step
      for curves in suite.values()
      for curve in curves.values()
      for step in curve
    }
  )


def _ce_weight(run):
  """Lambda of a run, by the command that trained it last; None without one.

  No configuration file that comes with the package sets it.
  """
  commands = map(shlex.split, run.get("commands", ()))
  trainings = [command for command in commands if _TRAIN in command]
  if not trainings:
    return None
  overrides = {}
  for argument in trainings[-1]:
    if argument.startswith(_OVERRIDES):
      overrides = override_text.parse(argument.removeprefix(_OVERRIDES))
  return overrides.get(f"task.losses.{_CE_WEIGHT}", _DEFAULT_CE_WEIGHT)


def _angles(run):
  """{step: degrees between the gradients of the loss and of BCE} of a run."""
  norms, others, cosines = (
    suite_record.logged(run, name) for name in _GRADIENTS
  )
  constant = _ce_weight(run)
  weights = suite_record.logged(run, _CE_WEIGHT)
  found = {}
  for step in set(norms) & set(others) & set(cosines):
    weight, cosine = weights.get(step, constant), cosines[step]
    if weight is None:
      continue
    # Of lambda BCE + (1 - lambda) structural: along BCE, and across it.
    own, structural = weight * norms[step], (1 - weight) * others[step]
    along = own + structural * cosine
    across = structural * math.sqrt(max(0.0, 1 - cosine**2))
    found[step] = math.degrees(math.atan2(across, along))
  return found


def _first_and_last(runs, reader, decimals, factor=1.0):
  """A curve at both ends of a training, means of the seeds that have it."""
  points = suite_record.by_step(runs, reader)
  if not points:
    return ""
  values = list(points.values())
  ends = [factor * statistics.mean(values[end]) for end in (0, -1)]
  return " → ".join(f"{value:.{decimals}f}" for value in ends)


def _logged_cell(runs, name, decimals, factor=1.0):
  return _first_and_last(
    runs, lambda run: suite_record.logged(run, name), decimals, factor
  )


def log_table(suite) -> list[str]:
  """Returns the rows of the table of the training log, first and last tenth.

  A sample is a pixel and a class, so the hard samples of a pixel are the share
  times the classes. Gradients are those of the terms before their weights, with
  respect to the logits; only rows with `log_gradients` have them. The angle
  stands between the gradient of the whole loss, `lambda` times that of BCE and
  `1 - lambda` times the structural one, and that of BCE; there is none where
  the record does not tell `lambda`. Methods without hard samples are left out;
  there are no rows without any.
  """
  rows = []
  for method, runs in score_tables.having("iou", suite).items():
    classes = len(next(iter(runs.values()))["iou"])
    share = _logged_cell(runs, "hard_fraction", 2, 100.0)
    per_pixel = _logged_cell(runs, "hard_fraction", 2, classes)
    if share:
      others = [_logged_cell(runs, *column) for column in _LOGGED.values()]
      angle = _first_and_last(runs, _angles, 0)
      rows.append([method, share, per_pixel, *others, angle])
  if not rows:
    return []
  head = ["", "hard, %", "hard samples per pixel", *_LOGGED, _ANGLE]
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
