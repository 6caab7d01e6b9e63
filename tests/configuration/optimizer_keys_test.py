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

"""Tests of the ranges of Model Garden's optimizers and schedules."""

import dataclasses

from official.modeling.optimization.configs import optimization_config
import pytest

from deeplab_ssl.configuration import optimizer_keys
from deeplab_ssl.experiment import optimization

_GROUPS = {
  f"{part}.{name}": getattr(config, name)
  for part, config, names in (
    ("optimizer", optimization.OptimizerConfig(), optimization.OPTIMIZERS),
    ("learning_rate", optimization.LrConfig(), optimization.LEARNING_RATES),
    ("warmup", optimization.WarmupConfig(), optimization.WARMUPS),
  )
  for name in names
}

# Its keys have declarations of their own.
_OF_DEEPLAB = "learning_rate.deeplab"


@pytest.mark.parametrize("place", _GROUPS)
def test_every_key_has_a_rule_that_its_default_keeps(place):
  config = _GROUPS[place]
  keys = optimizer_keys.keys_of(type(config))
  fields = {field.name for field in dataclasses.fields(config)}
  assert keys.keys() == fields
  wrong = {
    name
    for name, key in keys.items()
    # Where null is no value, it stands for "must be given".
    if getattr(config, name) is not None
    and not key.rule.fits(getattr(config, name))
  }
  assert not wrong


_OUT_OF_RANGE = [
  ("momentum", 5),
  ("momentum", -0.1),
  ("beta_1", 2),
  ("beta_2", 1.0),
  ("rho", 1),
  ("epsilon", -1e-7),
  ("clipnorm", 0),
  ("clipvalue", -1),
  ("global_clipnorm", float("inf")),
  ("weight_decay_rate", -1),
  ("learning_rate", 1e30),
  ("initial_learning_rate", None),
  ("warmup_learning_rate", -0.1),
  ("warmup_steps", 0),
  ("decay_steps", -5),
  ("values", [0.1, -0.1]),
]


@pytest.mark.parametrize("name, value", _OUT_OF_RANGE)
def test_values_out_of_range_are_refused_wherever_the_key_is(name, value):
  places = [
    place
    for place, config in _GROUPS.items()
    if name in optimizer_keys.keys_of(type(config)) and place != _OF_DEEPLAB
  ]
  assert places
  for place in places:
    key = optimizer_keys.keys_of(type(_GROUPS[place]))[name]
    with pytest.raises(ValueError, match=f"{place}.{name} must be"):
      key.check(f"{place}.{name}", value)


def test_the_moving_average_has_its_ranges():
  keys = optimizer_keys.keys_of(type(optimization_config.opt_cfg.EMAConfig()))
  assert not keys["average_decay"].rule.fits(1.5)
  assert keys["average_decay"].rule.fits(0.99)
