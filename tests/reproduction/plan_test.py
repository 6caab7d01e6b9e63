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

import pathlib

import pytest

from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import tables

_CONFIGS = str(pathlib.Path(__file__).parents[2] / "configs")
_PLACES = plan.Places("runs", _CONFIGS, "records", "zoo")


def _plan(table, suite, rows=(), **options):
  table = tables.load_table(table, _CONFIGS)
  return plan.plan_rows(
    plan.select_rows(table, rows),
    tables.load_suite(suite, _CONFIGS),
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


def test_patterns():
  names = [p.row.name for p in _plan(2, "paper", ["voc2012_v3plus/*"])]
  assert len(names) == 6
  assert len(_plan(2, "paper", ["ssl_*"])) == 10
  with pytest.raises(ValueError, match="no row 'sll_3'.*voc2012_v3/ssl_3"):
    _plan(2, "paper", ["sll_3"])


def test_override_text_is_read_back():
  overrides = {"a.b": [33, 33], "c": True, "d": 1e-3, "e": "ce", "f": False}
  overrides |= {"g": None, "h": 1e-5, "i": ""}
  assert plan.parse_overrides(plan.override_text(overrides)) == overrides
  assert plan.parse_overrides("") == {}
  with pytest.raises(ValueError, match="'b'"):
    plan.parse_overrides("a=1,b")
  with pytest.raises(ValueError, match="gives a.b twice"):
    plan.parse_overrides("a.b=1,c=[1,2],a.b=2")


def test_folders_that_an_override_cannot_hold_are_refused():
  suite = tables.load_suite("demo", _CONFIGS)
  rows = tables.load_table(2, _CONFIGS).rows
  for name in ("a,b", "a[1]", "a=b", "2024", "it's"):
    with pytest.raises(ValueError, match="no comma"):
      plan.plan_rows(rows, suite, plan.Places(name, _CONFIGS))
