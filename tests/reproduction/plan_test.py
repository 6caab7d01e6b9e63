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

import dataclasses
import pathlib

import pytest

from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables

_CONFIGS = str(pathlib.Path(__file__).parents[2] / "configs")
_PLACES = plan.Places("runs", _CONFIGS, "records", "zoo")


def _plan(table, suite, rows=(), **options):
  rows = tables.select_rows(
    tables.load_table(table, _CONFIGS).rows, rows, f"Table {table}"
  )
  return plan.plan_rows(
    rows,
    suites.load_suite(suite, _CONFIGS),
    _PLACES,
    **options,
  )


def test_the_second_stage_starts_from_the_first():
  (planned,) = _plan(2, "paper", ["voc2012_v3/ssl_3"])
  (run,) = planned.runs
  first, second = run.trainings
  assert first.directory == "runs/paper/voc2012_v3/ssl_3/seed1/stage1"
  assert first.overrides["task.init_checkpoint"] == "zoo/resnet_v1_101_beta"
  assert second.overrides["task.init_checkpoint"] == first.directory
  assert (first.steps, second.steps) == (30000, 20000)
  assert f"--config_file={_CONFIGS}/stage2.yaml" in second.command
  assert run.evaluation_command[2:] == [
    f"--model_dir={second.directory}",
    "--checkpoint=last",
    "--boundary",
    f"--output={second.directory}/scores.json",
  ]


def test_rows_with_other_evaluations_share_the_training():
  planned = _plan(5, "paper", ["ce", "ce+crf_steps=5"])
  plain, crf, base = planned
  assert plain.runs[0].trainings == crf.runs[0].trainings
  assert plain.runs[0].trainings == base.runs[0].trainings
  assert crf.runs[0].scores.endswith("scores_crf_steps_5_crf_dense.json")
  assert "--crf_steps=5" in crf.runs[0].evaluation_command
  assert "--crf=dense" in crf.runs[0].evaluation_command
  (window,) = _plan(5, "demo", ["ce+crf_steps=5"])
  assert window.runs[0].scores.endswith("scores_crf_steps_5.json")


def test_a_miniature_runs_each_method_once():
  planned = _plan(2, "demo")
  assert len(_plan(2, "paper")) == 18
  assert len(planned) == 12
  assert [len(p.runs) for p in planned] == [5] * 12
  assert planned[0].runs[3].directory == "runs/demo/ce/seed4"


def test_seeds_and_overrides_win():
  (planned,) = _plan(
    2, "demo", ["ce"], seeds=[7], overrides={"trainer.train_steps": 9}
  )
  (run,) = planned.runs
  assert run.seed == run.trainings[0].overrides["task.train_data.seed"] == 7
  assert run.trainings[0].steps == 9


def test_folders_that_an_override_cannot_hold_are_refused():
  suite = suites.load_suite("demo", _CONFIGS)
  rows = tables.load_table(2, _CONFIGS).rows
  for name in ("a,b", "a[1]", "a=b", "2024", "it's"):
    with pytest.raises(ValueError, match="no comma"):
      plan.plan_rows(rows, suite, plan.Places(name, _CONFIGS))


_START = """
  - shared: start
    overrides: {trainer.train_steps: 40, task.losses.type: bce}
  - overrides: {trainer.train_steps: 20, task.init_checkpoint_modules: all}
"""


def _suite(tmp_path, *, curve=0, stages=_START):
  folder = tmp_path / "suites"
  folder.mkdir(exist_ok=True)
  (folder / "tuned.yaml").write_text(
    f"seeds: [1, 2]\ncurve: {curve}\nmodel: small\n"
    "data: {few: {splits: {train: 4}}}\ncheckpoints: {zoo: get it}\n"
    f"settings:\n  tuning:\n    data: few\n    checkpoint: zoo\n    stages:"
    f"{stages.replace(chr(10), chr(10) + '      ')}\n"
    "rows:\n- {run: ce, method: CE, overrides: {task.losses.type: ce}}\n"
    "- {run: ssl, method: SSL, overrides: {task.losses.type: ssl}}\n"
  )
  return suites.load_suite("tuned", tmp_path)


def _planned_own(suite, **options):
  return plan.plan_rows(suite.rows, suite, _PLACES, **options)


def test_rows_go_on_from_one_start_that_is_a_row_before_them(tmp_path):
  start, ce, ssl = _planned_own(_suite(tmp_path))
  assert [p.row.name for p in (start, ce, ssl)] == [
    "tuning/start",
    "tuning/ce",
    "tuning/ssl",
  ]
  for number, seed in enumerate((1, 2)):
    begun, *tuned = (p.runs[number] for p in (start, ce, ssl))
    (first,) = begun.trainings
    assert first.directory == f"runs/tuned/start/seed{seed}"
    assert first.overrides["task.losses.type"] == "bce"
    assert first.overrides["task.init_checkpoint"] == "zoo/zoo"
    for run, loss in zip(tuned, ("ce", "ssl"), strict=True):
      assert run.trainings[0] == first
      assert run.start == begun
      assert run.directory == f"runs/tuned/tuning/{loss}/seed{seed}"
      own = run.trainings[1]
      assert own.overrides["task.losses.type"] == loss
      assert own.overrides["task.init_checkpoint"] == first.directory
      assert own.overrides["task.train_data.seed"] == seed
      assert (first.steps, own.steps) == (40, 20)


def test_overrides_of_the_user_are_for_the_start_too(tmp_path):
  start, ce, _ = _planned_own(
    _suite(tmp_path), overrides={"trainer.train_steps": 9}
  )
  assert [t.steps for t in ce.runs[0].trainings] == [9, 9]
  assert ce.runs[0].trainings[0] == start.runs[0].trainings[0]


def test_a_curve_keeps_a_checkpoint_for_each_of_its_points(tmp_path):
  start, ce, _ = _planned_own(_suite(tmp_path, curve=5))
  for run, interval in ((start.runs[0], 8), (ce.runs[0], 4)):
    overrides = run.trainings[-1].overrides
    assert overrides["trainer.checkpoint_interval"] == interval
    assert overrides["trainer.max_to_keep"] == 5
    assert "--curve" in run.evaluation_command
    assert "--checkpoint=last" not in run.evaluation_command


def test_a_curve_that_would_not_end_with_the_training_is_refused(tmp_path):
  with pytest.raises(ValueError, match="multiple of 3, the points.*40"):
    _planned_own(_suite(tmp_path, curve=3))
  key = "trainer.max_to_keep"
  with pytest.raises(ValueError, match=f"{key} is set by the curve.*2; leave"):
    _planned_own(_suite(tmp_path, curve=5), overrides={key: 2})


def test_another_look_at_a_training_is_no_curve(tmp_path):
  suite = _suite(tmp_path, curve=5)
  ce = suite.rows[0]
  split = dataclasses.replace(ce, evaluation={"split": "half"})
  alone = dataclasses.replace(ce, run="alone", curve=False)
  start, plain, split, alone = plan.plan_rows(
    [ce, split, alone], suite, _PLACES
  )
  assert plain.runs[0].trainings == split.runs[0].trainings
  assert "--checkpoint=last" in split.runs[0].evaluation_command
  assert "--split=half" in split.runs[0].evaluation_command
  assert split.runs[0].scores.endswith("ce/seed1/scores_split_half.json")
  assert alone.runs[0].trainings[0] == start.runs[0].trainings[0]
  assert "trainer.max_to_keep" not in alone.runs[0].trainings[1].overrides
  assert not alone.runs[0].curve


def test_a_setting_says_how_all_its_rows_are_evaluated(tmp_path):
  suite = _suite(tmp_path)
  setting = dataclasses.replace(
    suite.settings["tuning"], evaluation={"eval_scales": 2.0}
  )
  suite = dataclasses.replace(suite, settings={"tuning": setting})
  for planned in _planned_own(suite):
    assert "--eval_scales=2.0" in planned.runs[0].evaluation_command


def test_a_runner_runs_the_stages_of_its_row_and_no_start(tmp_path):
  suite = _suite(tmp_path)
  row = dataclasses.replace(suite.rows[0], runner="my.runner")
  start, planned = plan.plan_rows([row], suite, _PLACES)
  (run, _) = planned.runs
  first, second = run.trainings
  assert first.command[:2] == ["-m", "deeplab_ssl.train"]
  assert second.command[:3] == ["-m", "my.runner", "deeplab_ssl.train"]
  assert run.evaluation_command[:3] == [
    "-m",
    "my.runner",
    "deeplab_ssl.evaluate",
  ]
  assert start.runs[0].evaluation_command[1] == "deeplab_ssl.evaluate"
