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

"""Tests of the keys of the trainer."""

import dataclasses

from official.core import config_definitions
import pytest

from deeplab_ssl.configuration import fields
from deeplab_ssl.experiment import trainer_config

_OPTIMIZER = "optimizer_config"


def _with_steps(**values):
  return trainer_config.TrainerConfig(**{"train_steps": 9} | values)


@pytest.mark.parametrize(
  "name",
  [
    "train_steps",
    "steps_per_loop",
    "summary_interval",
    "checkpoint_interval",
    "validation_interval",
    "max_to_keep",
  ],
)
@pytest.mark.parametrize("value", [0, -1, 2.5, 1e3, True, None, "9"])
def test_a_number_of_steps_is_a_positive_integer(name, value):
  with pytest.raises(ValueError, match=f"trainer.{name} must be an integer of"):
    fields.check_values(_with_steps(**{name: value}), "trainer")


@pytest.mark.parametrize(
  "values",
  [
    {"validation_steps": 0},
    {"validation_steps": -2},
    {"best_checkpoint_eval_metric": "miou"},
    {"best_checkpoint_eval_metric": None},
    {"best_checkpoint_metric_comp": "better"},
    {"best_checkpoint_export_subdir": "../../escape"},
    {"best_checkpoint_export_subdir": "/tmp/best"},
    {"validation_summary_subdir": "a/../../b"},
    {"loss_upper_bound": 0},
    {"recovery_begin_steps": -1},
    {"recovery_max_trials": -2},
    {"continuous_eval_timeout": 60},
    {"eval_tf_while_loop": True},
  ],
)
def test_is_refused(values):
  (name,) = values
  with pytest.raises(ValueError, match=f"trainer.{name} must be"):
    fields.check_values(_with_steps(**values), "trainer")


@pytest.mark.parametrize(
  "values",
  [
    {"validation_steps": 3},
    {"best_checkpoint_eval_metric": "iou/road"},
    {"best_checkpoint_eval_metric": "pixel_accuracy"},
    {"best_checkpoint_export_subdir": "best/of"},
    {"recovery_max_trials": -1},
  ],
)
def test_fits(values):
  fields.check_values(_with_steps(**values), "trainer")


def test_every_key_of_model_garden_is_declared_with_its_default():
  garden = config_definitions.TrainerConfig()
  ours = trainer_config.TrainerConfig()
  for field in dataclasses.fields(garden):
    # Our loop over the steps can be left after each; a graph could not.
    if field.name not in (_OPTIMIZER, "train_tf_while_loop"):
      assert fields.keys_of(type(ours))[field.name].meaning
      assert getattr(ours, field.name) == getattr(garden, field.name)
