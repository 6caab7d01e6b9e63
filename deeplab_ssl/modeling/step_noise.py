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
"""Noise that is drawn the same again when a training goes on."""

import contextlib

import tensorflow as tf
import tf_keras


class StepNoise(tf_keras.layers.Layer):
  """A layer that draws in training.

  Keras' own layers draw from a state that no checkpoint holds. Once this layer
  follows the steps of a training, its draws depend on the seed, the step and
  the place of an image in the global batch alone.

  Args:
    stream: a number that no other layer of the model has. What is drawn from
      the seed of a training must not repeat what else is: 0 and 1 are those of
      the input.
  """

  def __init__(self, stream: int, **kwargs):
    super().__init__(**kwargs)
    self._stream = stream
    self._step = None
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
    # Functions, since Keras would take a variable for one of the layer's.
    self._step = lambda: step
    self._step_seed = lambda: tf.random.experimental.stateless_fold_in(
      tf.constant([seed, self._stream], tf.int64), step
    )

  def uniform(self, shape: tf.Tensor) -> tf.Tensor:
    """Draws for the images of this replica, as one of all in the batch.

    Args:
      shape: int32 vector, of which the first element is the number of images
        that the layer is called with.

    Returns:
      float32 in [0, 1), of that shape.
    """
    if self._step_seed is None:
      return tf.random.uniform(shape)
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
