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

"""Runs are resumed and checked; the commands are stand-ins here."""

import contextlib
import dataclasses
import os
import pathlib

import pytest

from deeplab_ssl.checkpoints import run_lock
from deeplab_ssl.reproduction import execution
from deeplab_ssl.reproduction import machine
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables
from tests.reproduction import stand_ins


@pytest.fixture
def place(tmp_path):
  return plan.Places(str(tmp_path), stand_ins.CONFIGS)


def test_only_what_is_missing_is_called(place, monkeypatch):
  _, _, (planned,) = stand_ins.planned(place, 2, ["ce"], seeds=(1, 2, 3, 4))
  calls = []

  def call(command, log, say):
    calls.append(command[1])
    if "evaluate" in command[1]:
      stand_ins.score(run, 0.5)
    else:
      stand_ins.checkpoint(run, 700, stand_ins.recorded(run))

  monkeypatch.setattr(execution, "_call", call)
  scored, trained, half, fresh = planned.runs
  stand_ins.score(scored, 0.5)
  stand_ins.checkpoint(scored, 700, stand_ins.recorded(scored))
  stand_ins.checkpoint(trained, 700, stand_ins.recorded(trained))
  stand_ins.checkpoint(half, 300, stand_ins.recorded(half))
  train, evaluate = "deeplab_ssl.train", "deeplab_ssl.evaluate"
  for run, expected in (
    (scored, []),
    (trained, [evaluate]),
    (half, [train, evaluate]),
    (fresh, [train, evaluate]),
  ):
    calls.clear()
    execution.execute(run, lambda line: None)
    assert calls == expected
    assert execution.finished(run)


def test_half_written_scores_are_not_finished(place):
  _, _, (planned,) = stand_ins.planned(place, 2, ["ce"])
  run = planned.runs[0]
  stand_ins.score(run, 0.5)
  path = pathlib.Path(run.scores)
  path.write_text(path.read_text()[:-5])
  assert not execution.finished(run)


def test_a_directory_of_another_training_is_refused(place):
  _, _, (planned,) = stand_ins.planned(place, 2, ["ssl_3"])
  run = planned.runs[0]
  other = stand_ins.recorded(run)
  other = other.replace('"region_size": 3', '"region_size": 5')
  stand_ins.checkpoint(run, 700, other)
  with pytest.raises(ValueError, match="region_size=5, not 3.*--model_dir"):
    execution.execute(run)
  # Without a step there is nothing to protect.
  stand_ins.checkpoint(run, 0, other)
  execution.check_same(run.trainings[0])


def test_dropped_overrides_are_noticed(place, monkeypatch):
  table = tables.load_table(2, stand_ins.CONFIGS)
  suite = suites.load_suite("demo", stand_ins.CONFIGS)
  rows = tables.select_rows(table.rows, ["ce"], "Table")
  tiny = {"task.losses.l2_weight_decay": 9.0}
  (small,) = plan.plan_rows(rows, suite, place, seeds=[1], overrides=tiny)
  (real,) = plan.plan_rows(rows, suite, place, seeds=[1])

  def call(command, log, say):
    stand_ins.checkpoint(small.runs[0], 700)
    stand_ins.score(small.runs[0], 0.5)

  monkeypatch.setattr(execution, "_call", call)
  execution.execute(small.runs[0], lambda line: None)
  execution.execute(small.runs[0], lambda line: None)
  with pytest.raises(ValueError, match="of other overrides.*recipe.json"):
    execution.execute(real.runs[0])


def test_a_stopped_reproduction_stops_its_command(tmp_path):
  number = tmp_path / "pid"
  program = (
    "import os, pathlib, time; "
    f"pathlib.Path({str(number)!r}).write_text(str(os.getpid())); "
    "print('ETA', flush=True); time.sleep(60)"
  )

  def stop(line):
    raise KeyboardInterrupt

  with pytest.raises(KeyboardInterrupt):
    execution._call(["-c", program], str(tmp_path / "log"), stop)
  with pytest.raises(ProcessLookupError):
    os.kill(int(number.read_text()), 0)


def test_a_command_that_fails_is_told_with_the_end_of_its_log(tmp_path):
  log = tmp_path / "log"
  program = "print('\\n'.join(map(str, range(99)))); raise SystemExit('why')"
  said = []

  with pytest.raises(execution.CommandError) as caught:
    execution._call(["-c", program], str(log), said.append)

  first, second, *tail = str(caught.value).splitlines()
  assert first.startswith("python -c ")
  assert second == f"ended with 1; the end of {log}:"
  assert sorted(tail) == sorted([*map(str, range(85, 99)), "why"])
  assert len(log.read_text().splitlines()) == 100
  assert not said


def test_a_training_that_ends_early_is_not_evaluated(place, monkeypatch):
  _, _, (planned,) = stand_ins.planned(place, 2, ["ce"])
  run, calls = planned.runs[0], []

  def call(command, log, say):
    calls.append(command[1])
    stand_ins.checkpoint(run, 300, stand_ins.recorded(run))

  monkeypatch.setattr(execution, "_call", call)
  with pytest.raises(execution.CommandError, match="at step 300 of 700.*again"):
    execution.execute(run, lambda line: None)
  assert calls == ["deeplab_ssl.train"]


def test_all_machines_of_a_training_are_noted(place, monkeypatch):
  _, _, (planned,) = stand_ins.planned(place, 2, ["ce"])
  run = planned.runs[0]
  (training,) = run.trainings
  assert execution.machines(training) == []
  steps = iter((300, 500, 700))

  def call(command, log, say):
    if "train" in command[1]:
      stand_ins.checkpoint(run, next(steps), stand_ins.recorded(run))
    else:
      stand_ins.score(run, 0.5)

  monkeypatch.setattr(execution, "_call", call)
  for cpu in ("here", "here", "elsewhere"):
    monkeypatch.setattr(machine, "describe", lambda cpu=cpu: {"cpu": cpu})
    with contextlib.suppress(execution.CommandError):
      execution.execute(run, lambda line: None)
  assert execution.finished(run)
  found = [entry["cpu"] for entry in execution.machines(training)]
  assert found == ["here", "elsewhere"]


def test_checkpoints_of_a_curve_go_when_it_is_scored(place, monkeypatch):
  _, _, (planned,) = stand_ins.planned(place, 2, ["ce"])
  run = dataclasses.replace(planned.runs[0], curve=True)
  kept = []

  def keep_newest(directory):
    assert execution.finished(run)
    kept.append(directory)

  def call(command, log, say):
    if "train" in command[1]:
      stand_ins.checkpoint(run, 700, stand_ins.recorded(run))
    else:
      assert not kept
      stand_ins.score(run, 0.5)

  monkeypatch.setattr(execution.run_checkpoints, "keep_newest", keep_newest)
  monkeypatch.setattr(execution, "_call", call)
  execution.execute(run, lambda line: None)
  assert kept == [run.directory]


def test_a_training_that_was_left_running_is_waited_for(place, monkeypatch):
  _, _, (planned,) = stand_ins.planned(place, 2, ["ce"])
  run, said, calls = planned.runs[0], [], []

  def call(command, log, say):
    calls.append(command[1])
    stand_ins.score(run, 0.5)

  monkeypatch.setattr(execution, "_call", call)
  held = contextlib.ExitStack()
  held.enter_context(run_lock.hold(run.directory))

  def sleep(seconds):
    assert not calls
    stand_ins.checkpoint(run, 700, stand_ins.recorded(run))
    held.close()

  monkeypatch.setattr(execution.time, "sleep", sleep)
  execution.execute(run, said.append)
  assert f"waits for process {os.getpid()}" in said[0]
  assert calls == ["deeplab_ssl.evaluate"]  # The other has trained it.
