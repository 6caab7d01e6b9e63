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

"""Runs rows of a table, or says what running them would take."""

from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import datetime
import os
import pathlib
import time

from deeplab_ssl.common import atomic_files
from deeplab_ssl.preparation import digit_scenes
from deeplab_ssl.preparation import layouts
from deeplab_ssl.reproduction import execution
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import requirements
from deeplab_ssl.reproduction import results
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables
from deeplab_ssl.reproduction import turns


def make_scenes(suite: suites.Suite, places: plan.Places) -> None:
  """Draws the scenes that a suite is made of, where they are missing."""
  for data in suite.data.values():
    folder = pathlib.Path(places.model_dir, suite.name, "data")
    if not data.scenes:
      continue
    halves = layouts.HALVES if data.scenes.get("halves") else ()
    with turns.taken(str(folder), wait=True):
      # One is recorded when it is complete: train may be there without val.
      made = requirements.recorded_splits(folder / "records")
      if not {"train", "val", *halves} <= made.keys():
        digit_scenes.make_records(str(folder), **data.scenes)


def reproduce(
  table: tables.Table,
  suite: suites.Suite,
  planned: Sequence[plan.PlannedRow],
  shown: Sequence[plan.PlannedRow],
  places: plan.Places,
) -> list[str]:
  """Runs the missing runs of a table and writes it.

  A run that fails does not keep the others from running.

  Args:
    table: the table.
    suite: how it is run.
    planned: the rows to run, from `plan.plan_rows`.
    shown: the rows to write, whether they are run or were.
    places: folders; SUITE/tableN.md and SUITE/tableN.json are written.

  Returns:
    The errors of the runs that failed.

  Raises:
    FileNotFoundError: if data or checkpoints are missing, before any run.
    ValueError: if a directory holds another training, before any run.
  """
  check_ready(suite, planned, places)
  make_scenes(suite, places)

  def write_page():
    _write_page(table, suite, shown, places)

  try:
    return run_all(
      [
        Job(f"{p.row.name}, seed {run.seed}", run, write_page)
        for p in planned
        for run in p.runs
      ]
    )
  finally:
    # Once, for it reads the training logs of all runs.
    _write_scores(table, suite, shown, places)


def check_ready(
  suite: suites.Suite, planned: Sequence[plan.PlannedRow], places: plan.Places
) -> None:
  """Fails if planned rows cannot be run.

  Args:
    suite: how they are run.
    planned: the rows.
    places: folders.

  Raises:
    FileNotFoundError: if data or checkpoints are missing.
    ValueError: if a directory holds another training.
  """
  faults = requirements.missing([p.row for p in planned], suite, places)
  if faults:
    raise FileNotFoundError(
      f"The suite {suite.name!r} cannot run yet:\n- " + "\n- ".join(faults)
    )
  for p in planned:
    for run in p.runs:
      for training in run.trainings:
        execution.check_same(training)


@dataclasses.dataclass(frozen=True)
class Job:
  """A run that is to be executed.

  Attributes:
    label: what it is called on the console.
    run: the run.
    after: called behind it, whether it is finished or has failed.
  """

  label: str
  run: plan.Run
  after: Callable[[], None]


def run_all(jobs: Sequence[Job]) -> list[str]:
  """Executes runs, one after the other; one that fails stops no other.

  A run that another process is at is left for later, so that several processes
  share the runs; the last ones are waited for. One that fails is tried by each
  of them, and is no error here if another one finishes it.

  Args:
    jobs: the runs. Where a start has failed, the runs that would go on from it
      are not tried, which is an error of theirs.

  Returns:
    The errors.
  """
  errors, failed, told = [], set(), 0
  left = list(enumerate(jobs, 1))
  while left:
    for item in left:
      number, job = item
      say = _headed(f"[{number}/{len(jobs)}] {job.label}")
      try:
        _execute(job.run, failed, say)
      except turns.TakenError:
        continue
      except execution.CommandError as error:
        failed.add(job.run.directory)
        message = f"{job.label}: {error}"
        errors.append((job.run, message))
        print(message, flush=True)
      job.after()
      left.remove(item)
      break
    else:
      if told != len(left):
        told = len(left)
        print(f"Waiting for other processes: runs left {told}", flush=True)
      time.sleep(turns.SECONDS_TO_LOOK_AGAIN)
  return [text for run, text in errors if not execution.finished(run)]


def _execute(run, failed, say):
  start = run.start
  if start and start.directory in failed and not execution.finished(start):
    raise execution.CommandError(
      f"its start {start.directory} has failed, see above."
    )
  execution.execute(run, say)


def _headed(heading):
  """Returns a function that prints lines, a heading before the first."""
  pending = [heading]

  def say(line):
    while pending:
      print(pending.pop(), flush=True)
    print(line, flush=True)

  return say


def check_overrides(planned: Sequence[plan.PlannedRow], overrides: str) -> None:
  """Fails if a training would not take the user's overrides.

  Args:
    planned: the rows.
    overrides: as the trainings get them, `a.b=1,c=[2,3]`; "" passes.

  Raises:
    ValueError: naming the key that is unknown, and the nearest one.
  """
  if not overrides:
    return
  from deeplab_ssl.training import parsing

  stages = {
    (training.stage.experiment, training.stage.config_files)
    for p in planned
    for training in p.runs[0].trainings
  }
  for experiment, config_files in stages:
    parsing.parse_experiment(experiment, config_files, overrides)


def _write_page(table, suite, shown, places):
  """Writes the table as it stands."""
  path = page_path(table, suite, places)
  with turns.taken(os.path.dirname(path), wait=True):
    page = results.render(table, suite, shown)
    atomic_files.write(path, page.encode("utf-8"))


def _write_scores(table, suite, shown, places):
  """Writes the scores of the finished runs beside the table."""
  path = pathlib.Path(page_path(table, suite, places)).with_suffix(".json")
  with turns.taken(str(path.parent), wait=True):
    atomic_files.write_json(path, results.export(suite, shown), indent=1)


def describe(
  title: str,
  suite: suites.Suite,
  planned: Sequence[plan.PlannedRow],
  places: plan.Places,
  probe_steps: int,
) -> str:
  """Returns the plan: rows, steps, what is done, time, what is missing.

  Args:
    title: what these rows are.
    suite: how they would be run.
    planned: the rows.
    places: folders.
    probe_steps: training steps that are timed for each setting; 0 for none.
  """
  lines = [f"{title} (suite {suite.name})"]
  total, untimed, speeds, counted = 0.0, 0, {}, set()
  for p in planned:
    steps = sum(t.steps for t in p.runs[0].trainings)
    left = 0
    for run in p.runs:
      for training in run.trainings:
        if training.directory not in counted and not execution.finished(run):
          left += training.steps - min(
            execution.trained_steps(training), training.steps
          )
        counted.add(training.directory)
    done = sum(map(execution.finished, p.runs))
    paper = "ours" if p.row.paper is None else f"paper {p.row.paper:.2f}"
    # The rows of a suite's own have one model, which its title tells.
    label = p.row.method if suite.rows else f"{p.row.model} {p.row.method}"
    label += f" {p.row.size}" if p.row.size else ""
    line = (
      f"{p.row.name:<36} {label:<28} {paper:<12} {steps:>6} steps "
      f"x {len(p.runs)}, {done} finished, {left} steps left"
    )
    if probe_steps and left:
      speed = _speed(p, suite, places, speeds, probe_steps)
      if isinstance(speed, str):
        untimed += 1
        line += f", {speed}"
      else:
        total += left * speed
        line += f", about {_duration(left * speed)}"
    lines.append(line)
  if probe_steps:
    lines.append(
      f"In all about {_duration(total)} of training on this machine, without "
      f"evaluation: {probe_steps} steps of the first row of each setting were "
      "timed on random images."
      + (f" {untimed} rows are not in it." if untimed else "")
    )
  faults = requirements.missing([p.row for p in planned], suite, places)
  if faults:
    lines += ["Missing:", *(f"- {fault}" for fault in faults)]
  for p in planned:
    run = p.runs[0]
    lines.append(f"\n{p.row.name}, seed {run.seed}:")
    lines += [execution.shell_text(t.command) for t in run.trainings]
    lines.append(execution.shell_text(run.evaluation_command))
  return "\n".join(lines)


def _speed(planned, suite, places, speeds, probe_steps):
  """Seconds per step of the setting's first row, or why there are none.

  The first stage is timed: a later one may freeze the batch norm, through which
  the random weights of the probe overflow.
  """
  from deeplab_ssl.reproduction import probe

  setting = suite.setting_of(planned.row)
  if id(setting) not in speeds:
    training = planned.runs[0].trainings[0]
    records = plan.records_dir(suite, setting, places)
    try:
      speeds[id(setting)] = probe.seconds_per_step(
        training,
        records if requirements.recorded_splits(records) else setting.data,
        probe_steps,
      )
    except probe.ProbeError as error:  # The rest of the plan is still good.
      speeds[id(setting)] = f"not timed: {error}"
  return speeds[id(setting)]


def _duration(seconds):
  return str(datetime.timedelta(seconds=round(seconds)))


def page_path(
  table: tables.Table, suite: suites.Suite, places: plan.Places
) -> str:
  """Returns where `reproduce` writes the table."""
  return os.path.join(places.model_dir, suite.name, f"table{table.number}.md")
