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

"""Tests of losses/on_tensorflow/activations.py."""

import pytest
import tensorflow as tf

from deeplab_ssl.losses.on_tensorflow import activations


@pytest.mark.parametrize(
  ("function", "expected"),
  [
    (tf.nn.softmax, True),
    (tf.sigmoid, True),
    (lambda x: tf.cast(tf.identity(tf.nn.softmax(x)), tf.float16), True),
    (lambda x: tf.image.resize(tf.nn.softmax(x), [8, 8]), True),
    (tf.identity, False),
    (tf.nn.relu, False),
    (lambda x: tf.math.log(tf.nn.softmax(x)), False),
  ],
)
def test_a_graph_says_what_predictions_are(function, expected):
  seen = []

  @tf.function
  def run(x):
    seen.append(activations.are_probabilities(function(x)))
    return x

  run(tf.zeros([1, 4, 4, 2]))
  assert seen == [expected]


def test_of_eager_predictions_nothing_is_known():
  assert not activations.are_probabilities(tf.nn.softmax(tf.zeros([1, 2])))
