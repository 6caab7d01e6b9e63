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

"""A queue is checked, ordered and recorded; the commands are stand-ins here."""

import collections
import json
import pathlib
import threading
import time
import types

import pytest

from deeplab_ssl.checkpoints import run_checkpoints
from deeplab_ssl.reproduction import execution
from deeplab_ssl.reproduction import queue
from deeplab_ssl.reproduction import reproduction
from deeplab_ssl.reproduction import turns
from tests.reproduction import stand_ins


@pytest.fixture
def places(tmp_path):
  return stand_ins.tuned_suite(tmp_path)


@pytest.fixture
def trained(monkeypatch):
  """Lets runs be trained and scored at once; returns the calls."""
  calls = []

  def execute(run, say=print):
    if execution.finished(run):
      return
    calls.append(run.directory.partition("tuned/")[2])
    pathlib.Path(run.directory).mkdir(parents=True)
    stand_ins.score(run, 0.5, [(10, 0.25), (20, 0.5)])
    stand_ins.log(run, training_loss=[(10, 2.0), (20, 1.0)])

  monkeypatch.setattr(execution, "execute", execute)
  monkeypatch.setattr(reproduction, "make_scenes", lambda parts, places: None)
  return calls


def _parts(places, *entries):
  return [queue.plan_entry(queue.Entry(*e), places) for e in entries]


def test_all_rows_of_a_seed_are_run_before_those_of_the_next(places, trained):
  parts = _parts(places, ("tuned",))
  assert queue.work_off(parts, places, places.model_dir) == []
  assert trained == [
    f"{row}/seed{seed}"
    for seed in (1, 2)
    for row in ("start", "tuning/ce", "tuning/ssl")
  ]


def test_entries_keep_their_order_and_nothing_is_run_twice(places, trained):
  parts = _parts(
    places, ("tuned", ("ssl",), (2,)), ("tuned", ("ce",), (2, 3)), ("tuned",)
  )
  queue.work_off(parts, places, places.model_dir)
  assert trained == [
    "start/seed2",
    "tuning/ssl/seed2",
    "tuning/ce/seed2",
    "start/seed3",
    "tuning/ce/seed3",
    "start/seed1",
    "tuning/ce/seed1",
    "tuning/ssl/seed1",
  ]
  record = json.loads(pathlib.Path(places.model_dir, "tuned.json").read_text())
  seeds = {name: list(row["runs"]) for name, row in record["rows"].items()}
  assert seeds == {
    "tuning/start": ["seed 1", "seed 2", "seed 3"],
    "tuning/ce": ["seed 1", "seed 2", "seed 3"],
    "tuning/ssl": ["seed 1", "seed 2"],
  }


def test_what_is_finished_is_recorded_before_an_interruption(
  places, trained, monkeypatch
):
  execute = execution.execute

  def interrupted(run, say=print):
    if "ssl" in run.directory:
      raise KeyboardInterrupt
    execute(run)

  monkeypatch.setattr(execution, "execute", interrupted)
  parts = _parts(places, ("tuned",))
  with pytest.raises(KeyboardInterrupt):
    queue.work_off(parts, places, places.model_dir)
  record = json.loads(pathlib.Path(places.model_dir, "tuned.json").read_text())
  assert list(record["rows"]) == ["tuning/start", "tuning/ce"]


def test_another_record_is_refused_before_any_run(places, trained):
  parts = _parts(places, ("tuned",))
  queue.work_off(parts, places, places.model_dir)
  trained.clear()
  overrides = {"task.losses.l2_weight_decay": 9.0}
  other = queue.plan_entry(queue.Entry("tuned"), places, overrides)
  with pytest.raises(ValueError, match="tuned.json holds tuning/start, seed 1"):
    queue.work_off([other], places, places.model_dir)
  assert not trained


def test_a_queue_is_read_by_name_or_path(tmp_path):
  folder = tmp_path / "queues"
  folder.mkdir()
  text = "- {suite: tuned, rows: [ce], seeds: [1]}\n- {suite: other}\n"
  (folder / "all.yaml").write_text(text)
  found = queue.load("all", str(tmp_path))
  assert found == [queue.Entry("tuned", ("ce",), (1,)), queue.Entry("other")]
  assert queue.load(str(folder / "all.yaml"), "nowhere") == found
  with pytest.raises(ValueError, match="no queue 'al'.*Did you mean 'all'"):
    queue.load("al", str(tmp_path))
  (folder / "all.yaml").write_text("suite: tuned")
  with pytest.raises(ValueError, match="all.yaml must be a list of entries"):
    queue.load("all", str(tmp_path))
  (folder / "all.yaml").write_text("- {suite: a, row: [ce]}")
  with pytest.raises(ValueError, match="entry 1 has.*'row'.*'rows'"):
    queue.load("all", str(tmp_path))


def test_a_suite_of_the_paper_has_no_rows_of_its_own():
  places = stand_ins.plan.Places("runs", stand_ins.CONFIGS)
  with pytest.raises(ValueError, match="'demo' has no rows.*give --table"):
    queue.plan_entry(queue.Entry("demo"), places)


def _work(places, calls, monkeypatch):
  """Replaces the commands by some that are done in an instant."""

  def call(command, log, say):
    flags = dict(c.lstrip("-").split("=", 1) for c in command[2:] if "=" in c)
    folder = pathlib.Path(flags["model_dir"])
    calls.append((command[1].partition("ssl.")[2], folder.parent.name))
    time.sleep(0.02)
    if "output" in flags:
      points = [{"step": n} | stand_ins.scores(0.5) for n in (10, 20)]
      content = stand_ins.scores(0.5) | {"curve": points}
      pathlib.Path(flags["output"]).write_text(json.dumps(content))
    else:
      (folder / "checkpoint").write_text('model_checkpoint_path: "ckpt-40"\n')
      run = types.SimpleNamespace(directory=folder)
      stand_ins.log(run, training_loss=[(10, 2.0), (20, 1.0)])

  monkeypatch.setattr(execution, "_call", call)
  monkeypatch.setattr(reproduction, "make_scenes", lambda parts, places: None)
  monkeypatch.setattr(turns, "SECONDS_TO_LOOK_AGAIN", 0.01)
  monkeypatch.setattr(run_checkpoints, "keep_newest", lambda directory: None)


def test_several_at_one_queue_share_its_runs(places, monkeypatch):
  calls, errors = [], []
  _work(places, calls, monkeypatch)

  def work_off():
    parts = _parts(places, ("tuned", ("ce",)), ("tuned", ("ssl",)))
    errors.extend(queue.work_off(parts, places, places.model_dir))

  threads = [threading.Thread(target=work_off) for _ in range(3)]
  for thread in threads:
    thread.start()
  for thread in threads:
    thread.join()
  assert not errors
  # Two seeds of each, none of them twice.
  assert collections.Counter(calls) == {
    (command, row): 2
    for command in ("train", "evaluate")
    for row in ("start", "ce", "ssl")
  }
  rows = json.loads(pathlib.Path(places.model_dir, "tuned.json").read_text())[
    "rows"
  ]
  assert {name: len(row["runs"]) for name, row in rows.items()} == {
    "tuning/start": 2,
    "tuning/ce": 2,
    "tuning/ssl": 2,
  }
  # No row begins before its start has the scores of the first point.
  for name in ("tuning/ce", "tuning/ssl"):
    for run in rows[name]["runs"].values():
      assert run["curve"]["step"] == [0, 10, 20]


def test_what_another_process_is_at_is_left_for_later_entries(
  places, trained, monkeypatch
):
  parts = _parts(places, ("tuned", (), (1,)), ("tuned", (), (2,)))
  execute = execution.execute

  def busy_at_first(run, say=print):
    if run.seed == 1 and len(trained) < 3:
      raise turns.TakenError
    execute(run, say)

  monkeypatch.setattr(execution, "execute", busy_at_first)
  assert queue.work_off(parts, places, places.model_dir) == []
  assert trained == [
    f"{row}/seed{seed}"
    for seed in (2, 1)
    for row in ("start", "tuning/ce", "tuning/ssl")
  ]


def test_a_start_is_scored_before_a_row_goes_on_from_it(places, monkeypatch):
  calls = []
  _work(places, calls, monkeypatch)
  (part,) = _parts(places, ("tuned", ("ssl",), (1,)))
  (_, _), (_, ssl) = part.runs
  execution.execute(ssl)
  assert calls == [
    ("train", "start"),
    ("evaluate", "start"),
    ("train", "ssl"),
    ("evaluate", "ssl"),
  ]


def test_what_another_process_finishes_is_no_error(
  places, trained, monkeypatch, capsys
):
  (part,) = _parts(places, ("tuned", ("ssl",), (1,)))
  execute = execution.execute

  def fails_once(run, say=print):
    if run.directory.endswith("start/seed1") and not execution.finished(run):
      execute(run, say)
      raise execution.CommandError("no memory here")
    execute(run, say)

  monkeypatch.setattr(execution, "execute", fails_once)
  assert queue.work_off([part], places, places.model_dir) == []
  assert "no memory here" in capsys.readouterr().out
  assert trained == ["start/seed1", "tuning/ssl/seed1"]


def test_nobody_is_at_a_row_whose_start_is_taken(places, monkeypatch):
  calls = []
  _work(places, calls, monkeypatch)
  (part,) = _parts(places, ("tuned", ("ssl",), (1,)))
  (_, start), (_, ssl) = part.runs
  with turns.taken(start.directory):
    for run in (start, ssl):
      with pytest.raises(turns.TakenError):
        execution.execute(run)
  assert calls == []
