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

"""A plan's training steps are timed on this machine."""

import dataclasses
import pathlib

import pytest
import tensorflow as tf

from deeplab_ssl.reproduction import forecast
from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import probe
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables

_CONFIGS = str(pathlib.Path(__file__).parents[2] / "configs")
_TINY = {
  "task.model.aspp_convs_filters": 8,
  "task.model.decoder_filters": 8,
  "task.train_data.global_batch_size": 2,
  "task.train_data.crop_size": [33, 33],
}


def _planned(model_dir, suite="demo", rows=("ce", "ssl_3"), **overrides):
  table = tables.load_table(2, _CONFIGS)
  suite = suites.load_suite(suite, _CONFIGS)
  place = plan.Places(str(model_dir), _CONFIGS)
  rows = tables.select_rows(table.rows, rows, "Table")
  overrides = _TINY | overrides
  planned = plan.plan_rows(rows, suite, place, seeds=[1], overrides=overrides)
  return [plan.Part("Table 2", suite, tuple(planned))], place


def test_a_setting_is_timed_once_and_scaled_by_the_steps(tmp_path, monkeypatch):
  calls = []
  timed = probe.seconds_per_step

  def seconds_per_step(*args):
    calls.append(timed(*args))
    return calls[-1]

  monkeypatch.setattr(probe, "seconds_per_step", seconds_per_step)
  text = forecast.describe(*_planned(tmp_path), probe_steps=1)

  (seconds,) = calls
  assert seconds > 0
  about = f"about {forecast.duration(700 * seconds)}"
  ce, ssl = text.splitlines()[1:3]
  assert ce.endswith(about) and ssl.endswith(about)
  assert f"That is about {forecast.duration(1400 * seconds)}" in text


def test_the_first_of_two_stages_is_timed(tmp_path, monkeypatch):
  planned = _planned(tmp_path, "paper", ["voc2012_v3/ce"])
  monkeypatch.setattr(
    probe,
    "seconds_per_step",
    lambda training, dataset, steps: float("stage1" in training.directory),
  )

  text = forecast.describe(*planned, probe_steps=1)

  assert "50000 steps left, about 13:53:20" in text


@pytest.fixture
def eagerly():
  """Runs steps without tracing them, where one step is all that is needed."""
  tf.config.run_functions_eagerly(True)
  yield
  tf.config.run_functions_eagerly(False)


def test_a_step_that_fails_says_why_and_leaves_the_plan(eagerly, tmp_path):
  no_start = {"task.model.logits_init_stddev": 1e38}
  text = forecast.describe(*_planned(tmp_path, **no_start), probe_steps=1)

  ce = text.splitlines()[1]
  assert "700 steps left, not timed: The ce loss is not finite." in ce
  assert "2 rows are not in it." in text


def test_an_unknown_setting_is_no_probe_error(tmp_path):
  (part,), _ = _planned(tmp_path, **{"task.model.backbone": "resnet"})
  with pytest.raises(ValueError, match="resnet"):
    probe.seconds_per_step(part.planned[0].runs[0].trainings[0], "digits", 1)


def test_records_that_are_missing_are_told_instead_of_a_time(tmp_path):
  (part,), place = _planned(tmp_path)
  data = {"digits": suites.Data(splits={"train": 4}, advice="Make some.")}
  setting = dataclasses.replace(part.suite.settings["any"], data="of_my_own")
  suite = dataclasses.replace(
    part.suite, settings={"any": setting}, data={"of_my_own": data["digits"]}
  )
  part = dataclasses.replace(part, suite=suite)
  text = forecast.describe([part], place, probe_steps=1)
  assert "not timed: the records of of_my_own are missing" in text
  assert "Make some." in text
