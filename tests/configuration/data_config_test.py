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

"""Tests of the keys of the data."""

import dataclasses

from official.core import config_definitions
import pytest

from deeplab_ssl.configuration import data_config
from deeplab_ssl.configuration import fields


@pytest.mark.parametrize(
  "values",
  [
    {"global_batch_size": 0},
    {"global_batch_size": -1},
    {"global_batch_size": None},
    {"crop_size": None},
    {"crop_size": [33]},
    {"crop_size": [33, 0]},
    {"crop_size": [33, 33.0]},
    {"min_scale_factor": 0},
    {"max_scale_factor": float("nan")},
    {"scale_factor_step_size": -0.25},
    {"shuffle_buffer_size": 0},
    {"seed": -1},
    {"seed": 2**32},
    {"seed": 1.5},
    {"input_path": ["a", "b"]},
    {"tfds_label_map": [256]},
    {"flip": "yes"},
    {"cache": True},
    {"deterministic": True},
    {"enable_tf_data_service": True},
    {"prefetch_buffer_size": 4},
    {"drop_remainder": False},
  ],
)
def test_is_refused(values):
  (name,) = values
  config = data_config.DataConfig(**{"global_batch_size": 4} | values)
  with pytest.raises(ValueError, match=f"task.train_data.{name} must be"):
    fields.check_values(config, "task.train_data")


def test_every_key_of_model_garden_is_declared():
  keys = fields.keys_of(data_config.DataConfig)
  for field in dataclasses.fields(config_definitions.DataConfig):
    assert keys[field.name].meaning
  fields.check_values(data_config.DataConfig(global_batch_size=1), "data")
