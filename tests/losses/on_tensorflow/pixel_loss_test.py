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

from deeplab_ssl import losses
from deeplab_ssl.losses import encoded_labels
from deeplab_ssl.losses.on_tensorflow import pixel_loss
from tests import replicas
from tests.losses import inputs


def _prepare(labels, logits, activation="sigmoid", from_logits=True):
  return pixel_loss.prepare(labels, logits, 255, from_logits, activation)


@pytest.mark.parametrize(
  "function", [_prepare, losses.structural_similarity_terms]
)
@pytest.mark.parametrize(
  "labels, logits, message",
  [
    ([2, 4, 5], [2, 4, 5], "known number of classes.*shape"),
    ([2, 4, 5], [2, 4, 5, None], "known number of classes"),
    ([2, 4, 6], [2, 4, 5, 3], r"same batch.*\(2, 4, 6\).*upsample the logits"),
    ([1, 4, 5], [2, 4, 5, 3], "same batch, height and width"),
    ([2, 4, 5, 2], [2, 4, 5, 3], "logits of 3 classes"),
    ([2, 4], [2, 4, 5, 3], r"Received labels of shape \(2, 4\)"),
  ],
)
def test_shapes_that_do_not_fit_are_refused(function, labels, logits, message):
  with pytest.raises(ValueError, match=message):
    tf.function(function).get_concrete_function(
      tf.TensorSpec(labels, tf.int32), tf.TensorSpec(logits)
    )


def test_sizes_known_only_at_run_time_are_checked_too():
  function = tf.function(
    lambda labels, logits: _prepare(labels, logits)[1],
    input_signature=[
      tf.TensorSpec([None, None, None], tf.int32),
      tf.TensorSpec([None, None, None, 2]),
    ],
  )
  for shape in ([1, 1, 1], [1, 6, 1], [1, 5, 6], [2, 6, 6]):
    with pytest.raises(tf.errors.InvalidArgumentError, match="same batch"):
      function(np.zeros(shape, np.int32), np.zeros([1, 6, 6, 2], np.float32))


@pytest.mark.parametrize(
  "function", [_prepare, losses.structural_similarity_terms]
)
def test_class_indices_instead_of_logits_are_refused(function):
  with pytest.raises(ValueError, match="before argmax"):
    function(np.zeros([1, 4, 4]), np.zeros([1, 4, 4, 2], np.int32))


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_probabilities_become_logits_that_give_them_again(activation):
  labels = inputs.blocks([2, 3, 4], 3)
  probabilities = np.random.default_rng(0).dirichlet([1.0] * 3, labels.shape)
  _, logits = _prepare(
    labels, np.float32(probabilities), activation, from_logits=False
  )
  odds = np.exp(np.float64(logits))
  if activation == "sigmoid":
    found = odds / (1 + odds)
  else:
    found = odds / odds.sum(-1, keepdims=True)
  valid = labels != inputs.VOID
  np.testing.assert_allclose(found[valid], probabilities[valid], atol=1e-6)


def test_a_map_has_the_total_as_its_mean_and_shows_illegal_labels():
  total = tf.constant([[[1.0, 2.0], [3.0, 4.0]]])
  illegal = tf.zeros(total.shape, tf.bool)
  scaled = pixel_loss.as_mean(total, illegal)
  np.testing.assert_array_equal(scaled, [[[4.0, 8.0], [12.0, 16.0]]])
  illegal = tf.constant([[[False, True], [False, False]]])
  found = pixel_loss.as_mean(total, illegal)
  np.testing.assert_array_equal(found, [[[4.0, np.nan], [12.0, 16.0]]])


def test_a_known_gradient_is_weighted_by_what_comes_from_above():
  logits = tf.zeros([1, 1, 2, 2])
  value = tf.constant([[[5.0, 7.0]]])
  slope = tf.constant([[[[1.0, 2.0], [3.0, 4.0]]]])
  with tf.GradientTape() as tape:
    tape.watch([logits, value, slope])
    found = pixel_loss.with_gradient(logits, value, slope)
    weighted = tf.reduce_sum(found * [10.0, 100.0])
  np.testing.assert_array_equal(found, value)
  gradient, *others = tape.gradient(weighted, [logits, value, slope])
  np.testing.assert_array_equal(gradient, [[[[10.0, 20.0], [300.0, 400.0]]]])
  assert others == [None, None]


def _valid_pixels(valid):
  valid = tf.constant(valid)[None, None]
  encoded = encoded_labels.Labels(
    classes=tf.cast(valid, tf.int32) - 1,
    illegal=tf.zeros_like(valid),
  )
  return pixel_loss.valid_pixels(encoded)


@pytest.mark.parametrize(
  "valid, alone, shared",
  [
    ([[True, True, False], [True, False, False]], 2, 1.5),
    # One pixel for the whole batch: half of it for each of two replicas.
    ([[False] * 3, [False] * 3], 1, 0.5),
  ],
)
def test_counts_are_means_over_the_replicas_and_not_zero(valid, alone, shared):
  assert _valid_pixels(valid[0]) == alone
  strategy = replicas.two_replicas()

  def of_replica():
    context = tf.distribute.get_replica_context()
    first = context.replica_id_in_sync_group == 0
    return _valid_pixels(valid[0] if first else valid[1])

  found = strategy.experimental_local_results(strategy.run(of_replica))
  assert [float(count) for count in found] == [shared, shared]
