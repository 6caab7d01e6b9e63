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

import collections
import pathlib

import numpy as np
import pytest

from deeplab_ssl.input import dataset_info
from deeplab_ssl.reproduction import override_text
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables
from deeplab_ssl.training import parsing

_CONFIGS = pathlib.Path(__file__).parents[2] / "configs"
_TABLES = [tables.load_table(number, _CONFIGS) for number in tables.TABLES]
_SUITES = [suites.load_suite(n, _CONFIGS) for n in ("paper", "camvid", "demo")]


def test_rows_of_the_paper_are_all_there():
  paper = [[r for r in t.rows if r.paper is not None] for t in _TABLES]
  assert [len(rows) for rows in paper] == [4, 18, 14, 2, 11, 7]
  best = {
    t.number: max(r.paper for r in rows)
    for t, rows in zip(_TABLES, paper, strict=True)
  }
  assert best == {1: 79.55, 2: 80.63, 3: 78.46, 4: 75.12, 5: 76.76, 6: 75.12}


def test_means_of_the_classes_are_the_figures_of_the_paper():
  rows = [r for t in _TABLES for r in t.rows if r.paper_classes]
  assert len(rows) == 6
  for row in rows:
    assert np.mean(row.paper_classes) == pytest.approx(row.paper, abs=0.02)


@pytest.mark.parametrize("table", _TABLES, ids=lambda t: t.number)
def test_classes_are_those_of_the_data_set(table):
  info = dataset_info.get_dataset_info(table.dataset)
  for row in table.rows:
    assert len(row.paper_classes) in (0, info.num_classes)


def test_runs_of_one_name_are_one_training():
  found = collections.defaultdict(list)
  for table in _TABLES:
    for row in table.rows:
      found[row.run].append(row.overrides)
  for name, overrides in found.items():
    assert all(o == overrides[0] for o in overrides), name


@pytest.mark.parametrize("suite", _SUITES, ids=lambda s: s.name)
def test_every_stage_of_every_row_is_a_valid_configuration(suite):
  places = plan.Places("runs", str(_CONFIGS))
  rows = [row for table in _TABLES for row in table.rows]
  seen = set()
  for planned in plan.plan_rows(rows, suite, places):
    for training in planned.runs[0].trainings:
      if training.directory in seen:
        continue
      seen.add(training.directory)
      params = parsing.parse_experiment(
        training.stage.experiment,
        training.stage.config_files,
        override_text.text_of(training.overrides),
      )
      assert params.trainer.train_steps == training.steps
      for key, value in training.overrides.items():
        assert override_text.nested(params.as_dict(), key) == value


# Sec. 4.1: backbone, crop, batch, steps, rate, slow start, scales.
_VOC = (0.5, 2.0)
_SETUP = {
  "voc2012_v3": ("resnet_v1_101_beta", 513, 12, 30000, _VOC),
  "voc2012_v3plus": ("xception_65", 393, 12, 30000, _VOC),
  "voc2012_v3_321": ("resnet_v1_101_beta", 321, 16, 30000, _VOC),
  "cityscapes_v3": ("resnet_v1_101_beta", 669, 8, 90000, (0.75, 1.25)),
}


@pytest.mark.parametrize("name", _SETUP)
def test_settings_are_those_of_the_paper(name):
  setting = _SUITES[0].settings[name]
  backbone, crop, batch, steps, scales = _SETUP[name]
  stages = [
    parsing.parse_experiment(
      s.experiment, [str(_CONFIGS / f) for f in s.config_files]
    )
    for s in setting.stages
  ]
  assert len(stages) == (1 if name == "cityscapes_v3" else 2)
  for number, params in enumerate(stages):
    task, data = params.task, params.task.train_data
    assert task.model.backbone == backbone
    assert task.model.output_stride == 16
    assert task.model.decoder_output_stride == (
      4 if name == "voc2012_v3plus" else None
    )
    assert data.crop_size == [crop, crop]
    assert data.global_batch_size == batch
    assert (data.min_scale_factor, data.max_scale_factor) == scales
    assert data.flip
    rate = params.trainer.optimizer_config.learning_rate.deeplab
    assert rate.learning_policy == "poly"
    assert rate.learning_power == 0.9
    assert rate.slow_start_step == 100
    found = (
      params.trainer.train_steps,
      rate.base_learning_rate,
      rate.slow_start_learning_rate,
      task.model.fine_tune_batch_norm,
      task.init_checkpoint_modules,
      data.split,
    )
    first = "train" if name == "cityscapes_v3" else "trainaug"
    assert found == (
      (20000, 0.0005, 0.0001, False, "all", "train")
      if number
      else (steps, 0.007, 0.001, True, "backbone", first)
    )


def test_unknown_and_missing_keys_are_refused(tmp_path):
  folder = tmp_path / "tables"
  folder.mkdir()
  table = folder / "table1.yaml"
  row = "{run: a, setting: b, model: c, method: d, overrides: {}%s}"
  head = "title: t\ndataset: voc2012\nrows:\n- "
  table.write_text(head + row % ", papre: 3")
  with pytest.raises(ValueError, match="row 1 has.*'papre'.*'paper'"):
    tables.load_table(1, tmp_path)
  table.write_text(head + "{run: a, overrides: {}}")
  with pytest.raises(ValueError, match="row 1 lacks setting, model, method"):
    tables.load_table(1, tmp_path)
  with pytest.raises(FileNotFoundError, match="--configs_dir"):
    tables.load_table(2, tmp_path)


def test_rows_are_selected_by_names_and_patterns():
  rows = _TABLES[1].rows

  def names(*patterns):
    return [r.name for r in tables.select_rows(rows, patterns, "Table 2")]

  assert len(names("voc2012_v3plus/*")) == 6
  assert len(names("ssl_*")) == 10
  assert names() == [row.name for row in rows]
  with pytest.raises(
    ValueError, match="'sll_3' names no row of Table 2.*/ssl_"
  ):
    names("sll_3")
