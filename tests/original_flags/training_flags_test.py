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

"""Tests of the flags of train.py, beside the keys of our configuration."""

import functools

import pytest

from deeplab_ssl.experiment import configs
from deeplab_ssl.original_flags import training_flags

_FLAGS = {flag.name: flag for flag in training_flags.TRAIN}


@pytest.mark.parametrize("name", [n for n, f in _FLAGS.items() if f.key])
def test_every_key_is_there(name):
  path = _FLAGS[name].key.format(data="train_data")
  functools.reduce(getattr, path.split("."), configs.ExperimentConfig())


@pytest.mark.parametrize(
  "name, values, acts",
  [
    ("momentum", {"optimizer": "adam"}, False),
    ("adam_epsilon", {"optimizer": "adam"}, True),
    ("base_learning_rate", {"optimizer": "adam"}, False),
    ("learning_power", {"learning_policy": "step"}, False),
    ("learning_rate_decay_step", {"learning_policy": "step"}, True),
    ("slow_start_learning_rate", {}, False),
    ("slow_start_learning_rate", {"slow_start_step": 3}, True),
    ("hard_example_mining_step", {}, False),
    ("hard_example_mining_step", {"top_k_percent_pixels": 0.5}, True),
    ("drop_path_keep_prob", {"model_variant": "nas_pnasnet"}, True),
    (
      "drop_path_keep_prob",
      {"model_variant": "nas_pnasnet", "fine_tune_batch_norm": False},
      False,
    ),
  ],
)
def test_flags_need_others(name, values, acts):
  given = {n: flag.default for n, flag in _FLAGS.items()}
  given |= {"model_variant": "mobilenet_v2"} | values
  assert all(need.met(given) for need in _FLAGS[name].needs) is acts
