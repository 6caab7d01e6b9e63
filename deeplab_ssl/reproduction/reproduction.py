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

"""Runs rows: what is checked before, and one run after the other."""

from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import pathlib
import time

from deeplab_ssl.preparation import digit_scenes
from deeplab_ssl.preparation import layouts
from deeplab_ssl.reproduction import execution
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import requirements
from deeplab_ssl.reproduction import turns


def make_scenes(parts: Sequence[plan.Part], places: plan.Places) -> None:
  """Draws the scenes that suites are made of, where they are missing.

  Args:
    parts: what is planned of the suites.
    places: folders.
  """
  for suite in {part.suite.name: part.suite for part in parts}.values():
    _make_scenes(suite, places)


def _make_scenes(suite, places):
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


def others(parts: Sequence[plan.Part]) -> list[str]:
  """Lists what is in the way: directories that hold other trainings.

  Args:
    parts: what is planned.

  Returns:
    One sentence or two for each directory, see `execution.check_same`.
  """
  trainings = {
    training.directory: training
    for part in parts
    for p in part.planned
    for run in p.runs
    for training in run.trainings
  }
  found = []
  for training in trainings.values():
    try:
      execution.check_same(training)
    except ValueError as error:
      found.append(str(error))
  return found


def missing(parts: Sequence[plan.Part], places: plan.Places) -> list[str]:
  """Lists what is missing for planned rows, see `requirements.missing`.

  Args:
    parts: what is planned.
    places: folders.

  Returns:
    The faults, one that several parts have once.
  """
  faults = [
    fault
    for part in parts
    for fault in requirements.missing(
      [p.row for p in part.planned], part.suite, places
    )
  ]
  return list(dict.fromkeys(faults))


def check_ready(parts: Sequence[plan.Part], places: plan.Places) -> None:
  """Fails if planned rows cannot be run, with all that hinders them.

  Args:
    parts: what is planned.
    places: folders.

  Raises:
    FileNotFoundError: if data or checkpoints are missing.
    ValueError: if only directories that hold other trainings are in the way.
  """
  absent, occupied = missing(parts, places), others(parts)
  if not absent and not occupied:
    return
  names = dict.fromkeys(repr(part.suite.name) for part in parts)
  kind = FileNotFoundError if absent else ValueError
  raise kind(
    f"The suite{'s'[: len(names) - 1]} {', '.join(names)} cannot run yet:\n- "
    + "\n- ".join([*absent, *occupied])
  )


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


def check_overrides(parts: Sequence[plan.Part], overrides: str) -> None:
  """Fails if a training would not take the user's overrides.

  Args:
    parts: what is planned.
    overrides: as the trainings get them, `a.b=1,c=[2,3]`; "" passes.

  Raises:
    ValueError: naming the key that is unknown, and the nearest one.
  """
  if not overrides:
    return
  from deeplab_ssl.training import parsing

  stages = {
    (training.stage.experiment, training.stage.config_files)
    for part in parts
    for p in part.planned
    for training in p.runs[0].trainings
  }
  for experiment, config_files in stages:
    parsing.parse_experiment(experiment, config_files, overrides)
