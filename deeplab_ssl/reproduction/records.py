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

"""The record of a suite: what is kept of its finished runs, in one JSON file.

{"suite", "title", "model", "rows": {name of a row: {"method", "overrides",
"runs": {"seed N": a record}}}}. `record` says what a record holds. A suite with
a search has also {"search": {"key", "choose_on", "report_on", "rows": {name of
a row: {value: name of its training}}}}; the runs on the splits are the rows
"TRAINING+split=SPLIT".
"""

from collections.abc import Mapping
from collections.abc import Sequence
import hashlib
import json
import pathlib
import re
from typing import Any

from deeplab_ssl.common import atomic_files
from deeplab_ssl.reproduction import execution
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import results
from deeplab_ssl.reproduction import search as search_lib
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables
from deeplab_ssl.reproduction import turns

Record = dict[str, Any]

_NUMBERS = re.compile(r"\[\s+((null|[-+.\de]+),?\s+)+\]")
# What a curve has of the scores of each point.
_OF_A_POINT = ("mean_iou", "pixel_accuracy", "mean_boundary_iou")


def fingerprint(run: plan.Run) -> str:
  """Returns 16 letters that are equal for runs of the same trainings."""
  content = [execution.recipe(training) for training in run.trainings]
  text = json.dumps([content, dict(run.evaluation)], sort_keys=True)
  return hashlib.sha256(text.encode()).hexdigest()[:16]


def record(run: plan.Run) -> Record:
  """Returns what is kept of a finished run.

  Args:
    run: the run.

  Returns:
    The scores of its last checkpoint as shares of 1 ("mean_iou",
    "pixel_accuracy", "iou" and "accuracy" by class, "mean_boundary_iou",
    "trimap_mean_iou" by width), "steps" of its last stage, "commands", "recipe"
    (see `fingerprint`), "machines" that trained it and, where there are such:

    - "curve": {"step": steps of the evaluated checkpoints, score: values},
      with the shared training from which it started at step 0;
    - "logged": {scalar of the training log: its means over the steps between
      two checkpoints of the curve}.
  """
  scores = results.read_scores(run)
  found = results.kept_scores(run, scores)
  found["steps"] = run.trainings[-1].steps
  if "curve" in scores:
    # An interruption leaves a checkpoint of its own, which is no point.
    every = run.trainings[-1].overrides["trainer.checkpoint_interval"]
    points = [p for p in scores["curve"] if p["step"] % every == 0]
    found["logged"] = _logged(run, [point["step"] for point in points])
    if run.start and execution.finished(run.start):
      points = [{"step": 0} | results.read_scores(run.start), *points]
    found["curve"] = _curve(points)
  commands = [t.command for t in run.trainings] + [run.evaluation_command]
  found["commands"] = list(map(execution.shell_text, commands))
  found["recipe"] = fingerprint(run)
  found["machines"] = execution.machines(run.trainings[-1])
  return found


def _rounded(values):
  return [None if value is None else round(value, 5) for value in values]


def _curve(points):
  """Turns the scores of points into a list for each score."""
  curve = {"step": [point["step"] for point in points]}
  for name in _OF_A_POINT:
    if all(name in point for point in points):
      curve[name] = _rounded(point[name] for point in points)
  if all("trimap_mean_iou" in point for point in points):
    curve["trimap_mean_iou"] = {
      width: _rounded(point["trimap_mean_iou"][width] for point in points)
      for width in points[0]["trimap_mean_iou"]
    }
  return curve


def _logged(run, steps):
  """Means of the logged scalars over the steps up to each of some steps."""
  from deeplab_ssl.runs import logs

  found = {}
  for name, (at, values) in logs.read_scalars(run.directory).items():
    means, last = [], 0
    for step in steps:
      part = [v for s, v in zip(at, values, strict=True) if last < s <= step]
      means.append(sum(part) / len(part) if part else None)
      last = step
    found[name] = [m if m is None else float(f"{m:.5g}") for m in means]
  return found


def path_of(results_dir: str, suite: suites.Suite) -> pathlib.Path:
  """Returns the file of a suite's record."""
  return pathlib.Path(results_dir, f"{suite.name}.json")


def read(path: pathlib.Path) -> Record:
  """Reads the record of a suite; an empty one if there is none.

  Raises:
    ValueError: if the file holds something else.
  """
  if not path.exists():
    return {}
  try:
    content = json.loads(path.read_text())
    rows = content["rows"]
    runs = [run for row in rows.values() for run in row["runs"].values()]
  except (ValueError, LookupError, TypeError, AttributeError) as error:
    raise ValueError(
      f"{path} is not the record of a suite ({error}) and would be replaced "
      "by one. Move it away, or give another --results_dir."
    ) from error
  if any("recipe" not in run for run in runs):
    raise ValueError(f"{path} has runs without a recipe. Move it away.")
  return content


def check(
  path: pathlib.Path, suite: suites.Suite, planned: Sequence[plan.PlannedRow]
) -> None:
  """Refuses a record that holds other runs under the names of planned ones.

  Args:
    path: the file of the record; it may be missing.
    suite: the suite.
    planned: what is going to be recorded.

  Raises:
    ValueError: naming the run that is of another recipe.
  """
  rows = read(path).get("rows", {})
  for p in planned:
    name = suite.short_name(p.row)
    for run in p.runs:
      known = rows.get(name, {}).get("runs", {}).get(_key(run))
      if known and known["recipe"] != fingerprint(run):
        raise ValueError(
          f"{path} holds {name}, {_key(run)} of another configuration (recipe "
          f"{known['recipe']}, not {fingerprint(run)}). Give another "
          "--results_dir, or move the file away."
        )


def _key(run):
  return f"seed {run.seed}"


def add(
  path: pathlib.Path, suite: suites.Suite, row: tables.Row, run: plan.Run
) -> bool:
  """Writes a finished run into the record of its suite.

  Args:
    path: the file, which is replaced as a whole; runs of others stay.
    suite: the suite.
    row: the row of the run.
    run: the run.

  Returns:
    Whether the file held the run with other scores, which are replaced.
  """
  now = record(run)
  with turns.taken(str(path.parent), wait=True):
    content = read(path)
    rows = dict(content.get("rows", {}))
    name = suite.short_name(row)
    runs = dict(rows.get(name, {}).get("runs", {}))
    before = runs.get(_key(run))
    runs[_key(run)] = now
    rows[name] = {
      "method": row.method,
      "overrides": dict(row.overrides),
      "runs": dict(sorted(runs.items(), key=lambda item: _number(item[0]))),
    }
    order = [suite.short_name(r) for r in suite.rows]
    content = {
      "suite": suite.name,
      "title": suite.title,
      "model": suite.model,
      "rows": _ordered(rows, order),
    }
    if suite.search:
      content["search"] = _search(suite)
    atomic_files.write(path, as_text(content).encode())
  return before is not None and _differs(before, now)


def _search(suite):
  """What a reader of the record needs of a search, to make its choice."""
  search = suite.search
  found = {}
  for row in suite.rows:
    if row.run in search.rows and not row.evaluation:
      stage = suite.setting_of(row).stages[-1]
      given = (stage.overrides | row.overrides)[search.key]
      named = {
        f"{value:g}": search_lib.run_of(search, row.run, value, given)
        for value in search.values
      }
      prefix = suite.short_name(row).removesuffix(row.run)
      found[suite.short_name(row)] = {
        value: f"{prefix}{run}" for value, run in named.items()
      }
  kept = ("key", "choose_on", "report_on")
  return {name: getattr(search, name) for name in kept} | {"rows": found}


def as_text(content: Mapping[str, Any]) -> str:
  """Returns JSON with a list of numbers in a line, as one reads it.

  Args:
    content: what JSON can hold.
  """
  text = json.dumps(content, indent=1) + "\n"
  return _NUMBERS.sub(
    lambda found: f"[{' '.join(found[0][1:-1].split())}]", text
  )


def _number(key):
  return int(key.removeprefix("seed "))


def _ordered(rows, order):
  """Sorts rows as the suite has them; starts, which it does not name, first."""
  place = {name: number for number, name in enumerate(order)}
  return dict(sorted(rows.items(), key=lambda item: place.get(item[0], -1)))


def _differs(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
  compared = ("mean_iou", "iou", "mean_boundary_iou", "curve")
  return any(before.get(key) != now.get(key) for key in compared)
