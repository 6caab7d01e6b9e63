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
import tensorflow as tf

from deeplab_ssl.training import optimization
from tests import original

_CASES = json.loads((original.TESTDATA / "learning_rates.json").read_text())


@pytest.mark.parametrize("case", _CASES)
def test_learning_rates_equal_the_original(case):
  schedule = optimization.DeepLabLearningRate(**case["args"])
  rates = [float(schedule(step)) for step in case["steps"]]
  np.testing.assert_allclose(rates, case["learning_rate"], rtol=1e-6, atol=0)


def test_momentum_follows_tf1_when_the_rate_changes():
  rates = [1e-4, 1e-4, 7e-3, 6e-3]
  gradients = np.random.RandomState(0).randn(4, 3)
  expected, accumulated = np.ones(3), np.zeros(3)
  variable = tf.Variable(np.ones(3, np.float32))
  optimizer = optimization.Momentum(
    optimization.DeepLabLearningRate(
      learning_policy="multi_steps",
      boundaries=[1, 2],
      boundary_learning_rates=[1e-4, 7e-3, 6e-3],
    ),
    momentum=0.9,
  )
  for rate, gradient in zip(rates, gradients, strict=True):
    accumulated = 0.9 * accumulated + gradient
    expected -= rate * accumulated
    optimizer.apply_gradients([(tf.constant(gradient, tf.float32), variable)])
  np.testing.assert_allclose(variable, expected, rtol=1e-6)


@pytest.mark.parametrize(
  "arguments, message",
  [
    ({"learning_policy": "poli"}, "'poli'"),
    ({"slow_start_burnin_type": "ramp"}, "'ramp'"),
    ({"slow_start_step": 10, "training_number_of_steps": 10}, "Received: 10"),
    ({"learning_policy": "multi_steps", "boundaries": [1]}, "one rate more"),
  ],
)
def test_bad_schedule_is_refused(arguments, message):
  with pytest.raises(ValueError, match=message):
    optimization.DeepLabLearningRate(**arguments)


def test_optimizer_round_trips_through_its_config():
  optimizer = optimization.Momentum(0.1, 0.8)
  clone = optimization.Momentum.from_config(optimizer.get_config())
  assert clone.get_config() == optimizer.get_config()
