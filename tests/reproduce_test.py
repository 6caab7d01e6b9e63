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

"""Tests of the command reproduce."""

import json
import pathlib

import pytest

from tests import commands

_CONFIGS = str(pathlib.Path(__file__).parents[1] / "configs")


@pytest.mark.parametrize(
  "args, message",
  [
    (["--seeds=1,1"], "up to ten different whole numbers. Received: 1,1"),
    (["--seeds=1,01"], "up to ten different whole numbers. Received: 1,01"),
    (["--data_dir=x"], "--data_dir does nothing with a suite of made scenes"),
    (["--checkpoint_dir=x"], "--checkpoint_dir does nothing with a suite wi"),
    (["--probe_steps=3"], "--probe_steps does nothing without --dry_run"),
    (
      ["--dry_run", "--params_override=trainer.train_stps=9"],
      "train_steps",
    ),
    (["--rows=nothing"], "Error: 'nothing' names no row of Table 2."),
    (["--results_dir=x"], "--results_dir does nothing with --table"),
    (["--queue=evidence"], "--queue does nothing with --table"),
  ],
)
def test_wrong_arguments_are_told_before_anything_runs(args, message, tmp_path):
  command = [
    *("-m", "deeplab_ssl.reproduce", "--table=2", "--suite=demo"),
    *(f"--configs_dir={_CONFIGS}", f"--model_dir={tmp_path}/runs"),
  ]
  done = commands.run(*command, *args, folder=tmp_path)
  assert done.returncode == 1
  assert message in done.stderr
  assert "Traceback" not in done.stderr
  assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("value", ["7", "1,1", "all,1"])
def test_wrong_tables_are_told_with_what_would_be_right(value, tmp_path):
  command = ["-m", "deeplab_ssl.reproduce", f"--table={value}"]
  done = commands.run(*command, folder=tmp_path)
  assert done.returncode == 1
  assert (
    "Error: --table takes all, or different ones of 1, 2, 3, 4, 5, 6 with "
    f"commas between them. Received: {value}\n"
  ) in done.stderr


_FAIL = """
from deeplab_ssl.reproduction import execution, reproduction

def execute(run, say):
  say("begins")
  if "ssl" in run.directory:
    raise execution.CommandError("no memory")

execution.execute = execute
reproduction.make_scenes = lambda parts, places: None
"""


def test_failures_of_all_tables_are_told_at_the_end(tmp_path):
  command = [
    *("-m", "deeplab_ssl.reproduce", "--table=all", "--suite=demo"),
    *("--rows=ce,bce,*_only,ssl_3", "--seeds=1", f"--configs_dir={_CONFIGS}"),
  ]
  done = commands.run(*command, folder=tmp_path, before=_FAIL)
  assert done.returncode == 1
  # ce, bce and ssl_3 are of several tables.
  assert "[5/5] Table 3: voc2012_v3/ssl_3_reweight_only" in done.stdout
  pages = ", ".join(f"runs/demo/table{number}.md" for number in range(1, 7))
  assert f"Written: {pages}\n" in done.stdout
  assert done.stderr.endswith(
    """3 runs failed:
Tables 1, 2, 3, 4, 5, 6: voc2012_v3/ssl_3, seed 1: no memory
Table 3: voc2012_v3/ssl_3_ohem_only, seed 1: no memory
Table 3: voc2012_v3/ssl_3_reweight_only, seed 1: no memory
"""
  )
  command = [*command[:-3], "--rows=ssl_9", "--dry_run", "--probe_steps=0"]
  done = commands.run(*command, folder=tmp_path)
  assert done.returncode == 0
  assert "Tables 1, 3, 4, 5 without these rows: left out\n" in done.stdout
  assert "once: rows 1, runs 5, finished 0, steps left 3500." in done.stdout


@pytest.mark.slow
def test_the_demo_is_reproduced_and_not_twice(tmp_path):
  # A step of so small a network takes less time than tracing it.
  tiny = (
    "trainer.train_tf_function=false,"
    "trainer.train_steps=1,trainer.steps_per_loop=1,trainer.summary_interval=1,"
    "task.model.aspp_convs_filters=8,task.model.decoder_filters=8,"
    "task.train_data.global_batch_size=2,task.train_data.crop_size=[33,33]"
  )
  suites = tmp_path / "configs" / "suites"
  suites.mkdir(parents=True)
  (tmp_path / "configs" / "tables").symlink_to(f"{_CONFIGS}/tables")
  text = pathlib.Path(_CONFIGS, "suites", "demo.yaml").read_text()
  text = text.replace("num_train: 600, num_val: 60", "num_train: 4, num_val: 4")
  (suites / "demo.yaml").write_text(text)
  command = [
    *("-m", "deeplab_ssl.reproduce", "--table=2"),
    *("--suite=demo", "--rows=ce", "--seeds=3", f"--params_override={tiny}"),
    f"--model_dir={tmp_path}/runs",
    f"--configs_dir={tmp_path}/configs",
  ]
  for expected in ("evaluation", "finished before"):
    done = commands.run(*command, folder=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    assert expected in done.stdout
  page = (tmp_path / "runs" / "demo" / "table2.md").read_text()
  assert "| DeepLabv3 | CE | – | 76.33 | " in page


@pytest.mark.parametrize(
  "args, message",
  [
    ([], "The suite 'paper' has no rows of its own; it runs those of the"),
    (["--suite=membrane_finetune"], "Did you mean 'membranes_finetune'?"),
    (["--suite=membranes_finetune", "--table=2"], "leave --table out"),
    (["--suite=membranes_finetune", "--rows=ec"], "'ec' names no row of the"),
    (["--suite=membranes_finetune"], "no records data/isbi/train-*"),
    (["--queue=nothing"], "There is no queue 'nothing'"),
    (["--queue=all.yaml", "--rows=ce"], "--rows does nothing with --queue"),
  ],
)
def test_wrong_suites_and_queues_are_told_likewise(args, message, tmp_path):
  done = commands.run("-m", "deeplab_ssl.reproduce", *args, folder=tmp_path)
  assert done.returncode == 1
  assert message in done.stderr
  assert "Traceback" not in done.stderr
  assert not list(tmp_path.iterdir())


_TINY_SUITE = """
title: Does it run?
model: tiny
seeds: [1]
curve: 2
settings:
  tuning:
    data: digits
    stages:
    - shared: start
      experiment: deeplab_ssl_demo
      overrides: &tiny
        trainer.train_steps: 2
        trainer.train_tf_function: false
        trainer.summary_interval: 1
        task.losses.type: bce
        task.model.aspp_convs_filters: 8
        task.model.decoder_filters: 8
        task.train_data.global_batch_size: 2
        task.train_data.crop_size: [33, 33]
    - experiment: deeplab_ssl_demo
      overrides: *tiny
rows:
- {run: ssl, method: SSL, overrides: {task.losses.type: ssl}}
data:
  digits:
    scenes: {num_train: 4, num_val: 4, seed: 1}
"""


@pytest.mark.slow
def test_a_queue_is_worked_off_and_recorded(tmp_path):
  for folder, text in (
    ("suites", _TINY_SUITE),
    ("queues", "- {suite: tiny, rows: [ssl]}\n"),
  ):
    (tmp_path / "configs" / folder).mkdir(parents=True)
    (tmp_path / "configs" / folder / "tiny.yaml").write_text(text)
  command = ["-m", "deeplab_ssl.reproduce", "--queue=tiny"]
  command += ["--configs_dir=configs", "--results_dir=results"]
  for expected in ("runs/tiny/start/seed1: evaluation", "finished before"):
    done = commands.run(*command, folder=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    assert expected in done.stdout
  record = json.loads((tmp_path / "results" / "tiny.json").read_text())
  run = record["rows"]["tuning/ssl"]["runs"]["seed 1"]
  start = record["rows"]["tuning/start"]["runs"]["seed 1"]
  assert run["curve"]["step"] == [0, 1, 2]
  assert run["curve"]["mean_iou"][0] == start["mean_iou"]
  assert len(run["logged"]["hard_fraction"]) == 2
  checkpoints = (tmp_path / "runs" / "tiny").rglob("ckpt-*.index")
  assert [path.name for path in checkpoints] == ["ckpt-2.index"] * 2
