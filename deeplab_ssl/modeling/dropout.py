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

"""Dropout that draws the same again when a training goes on."""

import contextlib

import tensorflow as tf
import tf_keras

# What is drawn from the seed of a training must not repeat what else is.
_DROPOUT = 2


class Dropout(tf_keras.layers.Layer):
  """Sets a share of the features to 0 in training and scales up the rest.

  Keras' own layer draws from a state that no checkpoint holds. Once this layer
  follows the steps of a training, its draws depend on the seed, the step and
  the place of an image in the global batch alone.

  Args:
    rate: the share, in [0, 1).
  """

  def __init__(self, rate: float, **kwargs):
    super().__init__(**kwargs)
    self.rate = rate
    self._step_seed = None
    self._part = (0, 1)

  @contextlib.contextmanager
  def part_of_batch(self, index: int | tf.Tensor, count: int):
    """While it is open, the layer is called with a part of a replica's batch.

    Args:
      index: number of the part, from 0.
      count: into how many equal parts the batch is divided.
    """
    self._part = (index, count)
    try:
      yield
    finally:
      self._part = (0, 1)

  def follow(self, step: tf.Variable, seed: int) -> None:
    """Draws from now on by the step of a training.

    Args:
      step: scalar, the steps that are done; it stays the caller's.
      seed: of the training.
    """
    # A function, since Keras would take a variable for one of the layer's.
    self._step_seed = lambda: tf.random.experimental.stateless_fold_in(
      tf.constant([seed, _DROPOUT], tf.int64), step
    )

  def call(self, inputs, training=None):
    """Returns `[batch, ...]`, a tensor like `inputs`."""
    if not training or not self.rate:
      return inputs
    if self._step_seed is None:
      return tf.nn.dropout(inputs, self.rate)
    kept = self._noise(tf.shape(inputs)) >= self.rate
    scale = tf.cast(1.0 / (1.0 - self.rate), inputs.dtype)
    return tf.where(kept, inputs * scale, tf.zeros_like(inputs))

  def _noise(self, shape):
    """Uniform noise for the images of this replica, of all in the batch."""
    replica = tf.distribute.get_replica_context()
    part, count = self._part
    batch, place = shape[0], part
    if replica is not None:
      place += replica.replica_id_in_sync_group * count
      count *= replica.num_replicas_in_sync
    first = place * batch
    whole = tf.concat([[batch * count], shape[1:]], 0)
    noise = tf.random.stateless_uniform(whole, self._step_seed())
    return noise[first : first + batch]

  def get_config(self):
    return super().get_config() | {"rate": self.rate}
