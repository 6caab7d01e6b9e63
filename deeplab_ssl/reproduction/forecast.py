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

"""What running planned rows would take: steps, time, and what is missing."""

from collections.abc import Sequence
import dataclasses
import datetime

from deeplab_ssl.reproduction import execution
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import reproduction
from deeplab_ssl.reproduction import requirements

_LONG_HOURS = 24


@dataclasses.dataclass(frozen=True)
class _Outlook:
  """What is left of a row.

  Attributes:
    part: where it is planned.
    planned: the row.
    steps: those that are left, without trainings that a row above has.
    above: whether such a one is left.
    speed: seconds of a step, or why there are none; None if it was not asked.
  """

  part: plan.Part
  planned: plan.PlannedRow
  steps: int
  above: bool
  speed: float | str | None

  @property
  def seconds(self) -> float:
    """Time of the steps that are left, as far as it is known."""
    return self.steps * self.speed if isinstance(self.speed, float) else 0.0


def describe(
  parts: Sequence[plan.Part], places: plan.Places, probe_steps: int
) -> str:
  """Returns the plan: rows, steps, what is done, commands, what is missing.

  Args:
    parts: what is planned; a training that several rows have counts once.
    places: folders.
    probe_steps: training steps that are timed for each setting; 0 for none.

  Returns:
    The plan of each part, and what all of them come to.
  """
  outlooks = _outlooks(parts, places, probe_steps)
  lines, told = [], set()
  for part in parts:
    lines.append(f"{part.title} (suite {part.suite.name})")
    lines += [_row_line(o) for o in outlooks if o.part is part]
    lines += _commands(part, told)
    lines.append("")
  lines += _total(outlooks, probe_steps)
  for head, faults in (
    ("Missing:", reproduction.missing(parts, places)),
    ("In the way:", reproduction.others(parts)),
  ):
    if faults:
      lines += [head, *(f"- {fault}" for fault in faults)]
  return "\n".join(lines)


def _outlooks(parts, places, probe_steps):
  found, counted, speeds = [], set(), {}
  for part in parts:
    for p in part.planned:
      steps, above = _left(p, counted)
      speed = None
      if steps and probe_steps:
        speed = _speed(p, part.suite, places, speeds, probe_steps)
      found.append(_Outlook(part, p, steps, above, speed))
  return found


def _left(planned, counted):
  """Returns the steps that are left and not yet counted, and if some were."""
  steps, above = 0, False
  for run in planned.runs:
    for training in run.trainings:
      done = min(execution.trained_steps(training), training.steps)
      left = 0 if execution.finished(run) else training.steps - done
      if training.directory in counted:
        above |= left > 0
      else:
        steps += left
      counted.add(training.directory)
  return steps, above


def _speed(planned, suite, places, speeds, probe_steps):
  """Seconds per step of the setting's first row, or why there are none.

  The first stage is timed: a later one may freeze the batch norm, through which
  the random weights of the probe overflow.
  """
  from deeplab_ssl.reproduction import probe

  key = (suite.name, "any" if suite.miniature else planned.row.setting)
  if key not in speeds:
    setting = suite.setting_of(planned.row)
    training = planned.runs[0].trainings[0]
    records = plan.records_dir(suite, setting, places)
    try:
      speeds[key] = probe.seconds_per_step(
        training,
        records if requirements.recorded_splits(records) else setting.data,
        probe_steps,
      )
    except probe.ProbeError as error:  # The rest of the plan is still good.
      speeds[key] = f"not timed: {error}"
  return speeds[key]


def _row_line(outlook):
  row, runs = outlook.planned.row, outlook.planned.runs
  paper = "ours" if row.paper is None else f"paper {row.paper:.2f}"
  # The rows of a suite's own have one model, which its title tells.
  own = outlook.part.suite.rows
  label = row.method if own else f"{row.model} {row.method}"
  label += f" {row.size}" if row.size else ""
  done = sum(map(execution.finished, runs))
  line = (
    f"{row.name:<36} {label:<28} {paper:<12} "
    f"{sum(t.steps for t in runs[0].trainings):>6} steps "
    f"x {len(runs)}, {done} finished, {outlook.steps} steps left"
  )
  if outlook.above and not outlook.steps:
    line += ", counted above"
  if isinstance(outlook.speed, str):
    line += f", {outlook.speed}"
  elif outlook.speed is not None:
    line += f", about {duration(outlook.seconds)}"
  return line


def _commands(part, told):
  """Returns the commands of the rows whose run is not told yet."""
  lines = []
  for p in part.planned:
    run = p.runs[0]
    if run.scores not in told:
      told.add(run.scores)
      commands = [t.command for t in run.trainings] + [run.evaluation_command]
      lines.append(f"\n{p.row.name}, seed {run.seed}:")
      lines += map(execution.shell_text, commands)
  return lines


def _total(outlooks, probe_steps):
  rows = {o.planned.runs[0].scores for o in outlooks}
  runs = {run.scores: run for o in outlooks for run in o.planned.runs}
  done = sum(map(execution.finished, runs.values()))
  lines = [
    f"In all, what is shared counted once: rows {len(rows)}, runs {len(runs)}, "
    f"finished {done}, steps left {sum(o.steps for o in outlooks)}."
  ]
  if probe_steps:
    seconds = sum(o.seconds for o in outlooks)
    untimed = sum(isinstance(o.speed, str) for o in outlooks)
    lines.append(
      f"That is about {duration(seconds)} of training on this machine, without "
      f"evaluation: {probe_steps} steps of the first row of each setting were "
      "timed on random images."
      + (f" {untimed} rows are not in it." if untimed else "")
    )
  return lines


def duration(seconds: float) -> str:
  """Returns a time as text: 0:05:32, or hours where it is more than a day."""
  hours = seconds / 3600
  if hours > _LONG_HOURS:
    return f"{hours:,.0f} hours"
  return str(datetime.timedelta(seconds=round(seconds)))
