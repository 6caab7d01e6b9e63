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

from deeplab_ssl.modeling import step_noise
from tests import replicas


def _following(stream=5, seed=1):
  layer, step = step_noise.StepNoise(stream), tf.Variable(0, dtype=tf.int64)
  layer.follow(step, seed)
  return layer, step


def _draw(layer, images=4):
  return layer.uniform(tf.constant([images, 2, 3])).numpy()


def test_the_stream_the_seed_and_the_step_decide():
  layer, step = _following()
  first = _draw(layer)
  assert first.shape == (4, 2, 3)
  np.testing.assert_array_equal(_draw(_following()[0]), first)
  assert np.any(_draw(_following(stream=6)[0]) != first)
  assert np.any(_draw(_following(seed=2)[0]) != first)
  step.assign(1)
  assert np.any(_draw(layer) != first)


def test_a_layer_that_follows_nothing_draws_anew():
  layer = step_noise.StepNoise(5)
  assert np.any(_draw(layer) != _draw(layer))


def test_a_part_of_a_batch_draws_its_share():
  layer, _ = _following()
  whole = _draw(layer)
  for index in (0, 1):
    with layer.part_of_batch(index, 2):
      part = _draw(layer, 2)
    np.testing.assert_array_equal(part, whole[2 * index : 2 * index + 2])
  np.testing.assert_array_equal(_draw(layer), whole)


def test_replicas_draw_as_one_device_does():
  whole = _draw(_following()[0])
  strategy = replicas.two_replicas()
  with strategy.scope():
    layer, _ = _following()

  @tf.function
  def draw():
    return strategy.run(lambda: layer.uniform(tf.constant([2, 2, 3])))

  parts = strategy.experimental_local_results(draw())
  np.testing.assert_array_equal(tf.concat(parts, 0), whole)
