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

"""Tests of the keys of the devices."""

import dataclasses

from official.core import config_definitions
import pytest

from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import runtime_config


@pytest.mark.parametrize(
  "values",
  [
    {"num_gpus": -5},
    {"worker_timeout": 0},
    {"worker_timeout": "long"},
    {"num_gpus": 1.0},
    {"num_gpus": None},
    {"distribution_strategy": "parameter_server"},
    {"distribution_strategy": False},
    {"all_reduce_alg": "sum"},
    {"num_packs": -1},
    {"enable_xla": 2},
    {"loss_scale": "static"},
    {"loss_scale": 0},
    {"loss_scale": float("inf")},
    {"run_eagerly": True},
    {"worker_hosts": "a:1,b:1"},
    {"task_index": 0},
    {"mixed_precision_dtype": "float64"},
    {"mixed_precision_dtype": "mixed_float16"},
    {"mixed_precision_dtype": 16},
    {"gpu_thread_mode": "gpu_private"},
  ],
)
def test_is_refused(values):
  (name,) = values
  config = runtime_config.RuntimeConfig(**values)
  with pytest.raises(ValueError, match=f"runtime.{name} must be"):
    fields.check_values(config, "runtime")


def test_every_key_of_model_garden_is_declared_with_its_default():
  garden = config_definitions.RuntimeConfig()
  ours = runtime_config.RuntimeConfig()
  fields.check_values(ours, "runtime")
  assert ours.num_gpus == -1
  for field in dataclasses.fields(garden):
    assert fields.keys_of(type(ours))[field.name].meaning
    if field.name != "num_gpus":
      assert getattr(ours, field.name) == getattr(garden, field.name)
