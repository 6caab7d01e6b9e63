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

"""Runs what is planned and not yet done, each command in its own process."""

from collections.abc import Callable
from collections.abc import Sequence
import contextlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time
from typing import Any

import yaml

from deeplab_ssl.checkpoints import run_checkpoints
from deeplab_ssl.checkpoints import run_lock
from deeplab_ssl.common import atomic_files
from deeplab_ssl.reproduction import machine
from deeplab_ssl.reproduction import override_text
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import turns

_TAIL_LINES = 15

# Written beside each training that is started here.
_RECIPE, _MACHINES = "recipe.json", "machines.json"


class CommandError(RuntimeError):
  """A command failed; the message has the command and the end of its log."""


def finished(run: plan.Run) -> bool:
  """Whether the scores of a run are there, whole."""
  try:
    json.loads(pathlib.Path(run.scores).read_text())
  except (FileNotFoundError, json.JSONDecodeError):
    return False
  return True


def trained_steps(training: plan.Training) -> int:
  """Returns the step of a training's last checkpoint, 0 without one."""
  state = pathlib.Path(training.directory, "checkpoint")
  if not state.exists():
    return 0
  found = re.search(r'^model_checkpoint_path: ".*-(\d+)"', state.read_text())
  return int(found.group(1)) if found else 0


# Where data and checkpoints lie says nothing of what is trained.
_PLACES = ("task.train_data.input_path", "task.init_checkpoint")


def recipe(training: plan.Training) -> dict[str, Any]:
  """Returns what decides the result of a training, as JSON has it."""
  files = [pathlib.Path(path) for path in training.stage.config_files]
  content = {
    "experiment": training.stage.experiment,
    "configs": [yaml.safe_load(path.read_text()) for path in files],
    "overrides": {
      key: value
      for key, value in training.overrides.items()
      if key not in _PLACES
    },
  }
  return json.loads(json.dumps(content))


def check_same(training: plan.Training) -> None:
  """Refuses a directory that holds a training with other values.

  Args:
    training: the training that is to be resumed or was finished.

  Raises:
    ValueError: naming what differs.
  """
  folder = pathlib.Path(training.directory)
  if not trained_steps(training):
    return
  wanted, path = recipe(training), folder / _RECIPE
  if path.exists():
    found = json.loads(path.read_text())
    different = [key for key in wanted if found.get(key) != wanted[key]]
    if not different:
      return
    reason = f"of other {' and '.join(different)} ({path})"
  else:  # Trained by hand: what it has recorded must be what is wanted.
    recorded = yaml.safe_load((folder / "params.yaml").read_text())
    reasons = [
      f"with {key}={override_text.nested(recorded, key)!r}, not {value!r}"
      for key, value in wanted["overrides"].items()
      if override_text.nested(recorded, key) != value
    ]
    if not reasons:
      return
    reason = reasons[0]
  raise ValueError(
    f"{folder} holds a training {reason}. Give another --model_dir, or remove "
    "that directory."
  )


def execute(run: plan.Run, say: Callable[[str], None] = print) -> None:
  """Trains and evaluates what is missing of a run.

  Args:
    run: the run; nothing is done if it is finished.
    say: gets a line for each step of the work.

  Raises:
    turns.TakenError: if another process is at it, or at a training before it.
    ValueError: if a directory holds another training.
    CommandError: if a command fails.
  """
  for training in run.trainings:
    check_same(training)
  if finished(run):
    say(f"{run.directory}: finished before")
    return
  with contextlib.ExitStack() as held:
    for directory in _written(run):
      held.enter_context(turns.taken(directory))
    # Another process may have been at it until just now.
    if not finished(run):
      _execute(run, say)


def _written(run):
  """The directories of a run that are not complete; its own is one of them."""
  found = {run.directory, *(t.directory for t in run.trainings if _is_left(t))}
  if run.start and not finished(run.start):
    # Its scores are the first point of the curve.
    found.add(run.start.directory)
  return sorted(found)


def _execute(run, say):
  if run.start and not finished(run.start):
    _execute(run.start, say)
  for training in run.trainings:
    _wait_until_free(training.directory, say)
    if _is_left(training):
      _train(training, say)
  say(f"{run.directory}: evaluation")
  _call(run.evaluation_command, run.scores.replace(".json", ".log"), say)
  if run.curve:
    # All points are scored, and ten checkpoints of each run would fill a disk.
    run_checkpoints.keep_newest(run.directory)


def _is_left(training):
  return trained_steps(training) < training.steps


def _train(training, say):
  done = trained_steps(training)
  resumed = f", resumed at {done}" if done else ""
  say(f"{training.directory}: training, {training.steps} steps{resumed}")
  path = pathlib.Path(training.directory, _RECIPE)
  atomic_files.write_json(path, recipe(training), indent=1)
  _note_machine(training)
  _call(training.command, os.path.join(training.directory, "train.log"), say)
  if _is_left(training):  # SIGTERM saves and ends it without an error.
    raise CommandError(
      f"{shell_text(training.command)}\nended at step "
      f"{trained_steps(training)} of {training.steps}. Run the same again: it "
      "goes on from there."
    )


def _wait_until_free(directory, say):
  """Waits for a training that was started there by hand."""
  told = False
  while who := run_lock.holder(directory):
    if not told:
      say(f"{directory}: waits for {who}, which trains there")
      told = True
    time.sleep(turns.SECONDS_TO_LOOK_AGAIN)


def machines(training: plan.Training) -> list[dict[str, Any]]:
  """Returns on which machines a training has run, as `machine.describe` does.

  It is one unless the training was resumed on another, or with other versions;
  none if it was not started here.
  """
  path = pathlib.Path(training.directory, _MACHINES)
  return json.loads(path.read_text()) if path.exists() else []


def _note_machine(training):
  found, this = machines(training), machine.describe()
  if this not in found:
    path = pathlib.Path(training.directory, _MACHINES)
    atomic_files.write_json(path, [*found, this], indent=1)


def shell_text(command: Sequence[str]) -> str:
  """Returns a command as one types it."""
  return shlex.join(["python", *command])


def _call(command, log, say):
  """Runs Python; its output goes to a log, its progress is said too."""
  with open(log, "a", buffering=1) as file:
    process = subprocess.Popen(
      [sys.executable, *command],
      stdout=subprocess.PIPE,
      stderr=subprocess.STDOUT,
      text=True,
      errors="replace",
      # If this process is killed, nobody else is to begin what still runs.
      pass_fds=turns.held(),
    )
    try:
      for line in process.stdout:
        file.write(line)
        if "ETA" in line:
          say(f"  {line.strip()}")
    except BaseException:
      # Or it would train on, beside a later call that resumes it.
      process.terminate()
      process.wait()
      raise
  if process.wait():
    tail = pathlib.Path(log).read_text().splitlines()[-_TAIL_LINES:]
    raise CommandError(
      f"{shell_text(command)}\nended with {process.returncode}; the end of "
      f"{log}:\n" + "\n".join(tail)
    )
