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

import numpy as np
import tensorflow as tf

from deeplab_ssl.configuration import learning_rate
from deeplab_ssl.experiment import optimization


def test_momentum_follows_tf1_when_the_rate_changes():
  rates = [1e-4, 1e-4, 7e-3, 6e-3]
  gradients = np.random.RandomState(0).randn(4, 3)
  expected, accumulated = np.ones(3), np.zeros(3)
  variable = tf.Variable(np.ones(3, np.float32))
  optimizer = optimization.Momentum(
    learning_rate.DeepLabLearningRate(
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


def test_optimizer_round_trips_through_its_config():
  optimizer = optimization.Momentum(0.1, 0.8)
  clone = optimization.Momentum.from_config(optimizer.get_config())
  assert clone.get_config() == optimizer.get_config()


def test_only_optimizers_that_there_are_can_be_chosen():
  # Model Garden lists these, but they are still to come.
  assert not {"slide", "adafactor"} & set(optimization.OPTIMIZERS)
  assert {"momentum", "adam", "sgd"} < set(optimization.OPTIMIZERS)
