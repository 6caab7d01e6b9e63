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

"""Tests of dropout that follows the steps of a training."""

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.modeling import dropout
from tests import replicas


def following(seed=1, rate=0.25):
  layer, step = dropout.Dropout(rate), tf.Variable(0, dtype=tf.int64)
  layer.follow(step, seed)
  return layer, step


def test_the_step_and_the_seed_decide():
  images = tf.ones([2, 8, 9, 4])
  layer, step = following()
  first = layer(images, training=True)
  step.assign(1)
  second = layer(images, training=True)
  again, step = following()
  np.testing.assert_array_equal(again(images, training=True), first)
  step.assign(1)
  np.testing.assert_array_equal(again(images, training=True), second)
  other, _ = following(seed=2)
  assert np.any(first != second)
  assert np.any(first != other(images, training=True))
  assert np.any(first[0] != first[1])


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_the_share_is_dropped_and_the_mean_stays(dtype):
  layer, _ = following(rate=0.25)
  outputs = layer(tf.ones([4, 50, 50, 8], dtype), training=True).numpy()
  values = np.unique(outputs)
  np.testing.assert_allclose(values, [0, 1 / 0.75], rtol=1e-3)
  assert (outputs == 0).mean() == pytest.approx(0.25, abs=0.01)


def test_nothing_is_dropped_without_training_or_rate():
  images = tf.random.uniform([2, 3, 3, 1], seed=1)
  np.testing.assert_array_equal(following()[0](images), images)
  none, _ = following(rate=0.0)
  np.testing.assert_array_equal(none(images, training=True), images)


def test_a_layer_that_follows_nothing_drops_anew():
  layer, images = dropout.Dropout(0.5), tf.ones([1, 40, 40, 1])
  first, second = (layer(images, training=True).numpy() for _ in range(2))
  assert np.any(first != second)
  assert set(np.unique(first)) == {0.0, 2.0}


def test_replicas_drop_as_one_device_does():
  images = tf.ones([6, 5, 5, 2])
  layer, _ = following(seed=3)
  whole = layer(images, training=True)
  strategy = replicas.two_replicas()
  with strategy.scope():
    shared, _ = following(seed=3)

  @tf.function
  def drop():
    return strategy.run(lambda: shared(images[:3], training=True))

  parts = strategy.experimental_local_results(drop())
  np.testing.assert_array_equal(tf.concat(parts, 0), whole)


def test_the_variable_stays_the_callers():
  layer, _ = following()
  layer(tf.ones([1, 2, 2, 1]), training=True)
  assert not layer.variables
  assert dropout.Dropout.from_config(layer.get_config()).rate == 0.25
