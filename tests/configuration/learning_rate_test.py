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

import json

import numpy as np
import pytest

from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import learning_rate
from tests import original

_CASES = json.loads((original.TESTDATA / "learning_rates.json").read_text())


@pytest.mark.parametrize("case", _CASES)
def test_learning_rates_equal_the_original(case):
  schedule = learning_rate.DeepLabLearningRate(**case["args"])
  rates = [float(schedule(step)) for step in case["steps"]]
  np.testing.assert_allclose(rates, case["learning_rate"], rtol=1e-6, atol=0)


@pytest.mark.parametrize(
  "arguments, message",
  [
    ({"learning_policy": "poli"}, "'poli'"),
    ({"slow_start_burnin_type": "ramp"}, "'ramp'"),
    ({"slow_start_step": 10, "training_number_of_steps": 10}, "Received: 10"),
    ({"learning_policy": "multi_steps", "boundaries": [1]}, "one rate more"),
    (
      {
        "learning_policy": "multi_steps",
        "boundaries": [2, 2],
        "boundary_learning_rates": [0.1, 0.2, 0.3],
      },
      r"boundaries must rise. Received: .2, 2",
    ),
  ],
)
def test_bad_schedule_is_refused(arguments, message):
  with pytest.raises(ValueError, match=message):
    learning_rate.DeepLabLearningRate(**arguments)


@pytest.mark.parametrize(
  "values",
  [
    {"base_learning_rate": -0.1},
    {"base_learning_rate": 0},
    {"base_learning_rate": float("inf")},
    {"base_learning_rate": float("nan")},
    {"base_learning_rate": 1e30},
    {"end_learning_rate": -1},
    {"slow_start_learning_rate": 1e30},
    {"slow_start_step": -100},
    {"learning_power": -1},
    {"learning_rate_decay_step": 0},
    {"learning_rate_decay_factor": 0},
    {"training_number_of_steps": -1},
    {"decay_steps": -1},
    {"boundaries": [1.5]},
    {"boundary_learning_rates": [-1]},
  ],
)
def test_values_out_of_range_are_refused(values):
  (name,) = values
  config = learning_rate.DeepLabLrConfig(**values)
  with pytest.raises(ValueError, match=f"rate.{name} must be"):
    fields.check_values(config, "rate")
