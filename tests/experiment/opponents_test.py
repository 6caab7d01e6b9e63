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
import pytest
import tensorflow as tf
import tf_keras

from deeplab_ssl.experiment import opponents
from tests import replicas


class _Product(opponents.Opponent):
  """Its loss is its one variable times the mean of the logits."""

  logged = ("mean",)

  def __init__(self, rate=1.0):
    super().__init__(tf_keras.optimizers.legacy.SGD(rate), "product")
    self.factor = tf.Variable(2.0)

  def own_loss(self, images, labels, logits):
    del images, labels
    mean = tf.reduce_mean(logits)
    return self.factor * mean, {"mean": mean}


def test_the_gradient_is_that_of_its_own_loss():
  opponent = _Product()
  (gradient,), logs = opponent.gradients(None, None, tf.constant([1.0, 5.0]))
  assert gradient == 3.0
  assert set(logs) == set(opponent.logged) and logs["mean"] == 3.0


def test_nothing_flows_back_to_the_logits():
  logits = tf.constant([1.0, 5.0])
  with tf.GradientTape() as tape:
    tape.watch(logits)
    gradients, _ = _Product().gradients(None, None, logits)
  assert tape.gradient(gradients, logits) is None


def test_a_step_moves_its_variables_by_its_own_optimizer():
  opponent = _Product(rate=0.5)
  opponent.apply_gradients([tf.constant(3.0)])
  assert opponent.factor == 2.0 - 0.5 * 3.0
  with pytest.raises(ValueError, match="zip"):
    opponent.apply_gradients([])


def test_the_sum_over_replicas_is_the_gradient_of_the_whole_batch():
  strategy = replicas.two_replicas()
  with strategy.scope():
    opponent = _Product()

  def of_replica():
    context = tf.distribute.get_replica_context()
    first = context.replica_id_in_sync_group == 0
    logits = tf.constant([1.0, 5.0] if first else [3.0, 11.0])
    return opponent.gradients(None, None, logits)[0][0]

  total = strategy.reduce("SUM", strategy.run(of_replica), axis=None)
  np.testing.assert_allclose(total, np.mean([1.0, 5.0, 3.0, 11.0]))


def test_a_loss_that_is_not_finite_names_the_opponent():
  with pytest.raises(
    tf.errors.InvalidArgumentError, match="loss of the product is not finite"
  ):
    _Product().gradients(None, None, tf.constant([np.inf]))


def test_a_subclass_must_give_the_losses():
  opponent = opponents.Opponent(None, "bare")
  for loss in (opponent.segmentation_loss, opponent.own_loss):
    with pytest.raises(NotImplementedError):
      loss(None, None, None)
