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

from deeplab_ssl import losses
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import loss_registry


def _opponent(**options):
  config = configs.Losses(type="adaptive_affinity", **options)
  return loss_registry.row_of(config).opponent(config, 4)


def _batch():
  rng = np.random.RandomState(0)
  labels = np.kron(rng.randint(0, 4, [2, 5, 5]), np.ones([1, 4, 4]))
  labels[0, :4] = 255
  logits = tf.random.normal([2, 20, 20, 4], seed=1) * 2
  return None, tf.constant(labels[..., None], tf.int32), logits


def test_the_network_descends_what_the_weights_ascend():
  opponent, batch = _opponent(), _batch()
  loss, logs = opponent.segmentation_loss(*batch)
  own, _ = opponent.own_loss(*batch)
  np.testing.assert_allclose(own, -loss, rtol=1e-6)
  terms = losses.affinity_terms(
    *batch[1:], settings=losses.AffinitySettings((3, 5, 7), ce_weight=0.0)
  )
  np.testing.assert_allclose(loss, tf.reduce_mean(terms.loss), rtol=1e-6)
  assert set(logs) == set(opponent.logged)


def test_a_step_of_the_weights_raises_the_loss():
  opponent, batch = _opponent(size_weights_learning_rate=10.0), _batch()
  before, _ = opponent.segmentation_loss(*batch)
  gradients, _ = opponent.gradients(*batch)
  opponent.apply_gradients(gradients)
  after, _ = opponent.segmentation_loss(*batch)
  assert after > before
  weights = losses.adaptive_weights(opponent.scores).numpy()
  np.testing.assert_allclose(weights.sum(-1), np.ones([2, 4]), rtol=1e-6)
  assert weights.std() > 1e-3  # They were all alike.
