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

import functools

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl import losses
from tests.losses import inputs
from tests.losses import reference


def loss_of(**settings):
  settings = losses.AffinitySettings(**settings)
  return lambda y, x: losses.affinity_terms(y, x, settings=settings).loss


class AffinityFieldTest(parameterized.TestCase):
  @parameterized.product(
    kernel_sizes=((3,), (5,), (3, 7)),
    logits=("noise", "fitted", "flat"),
  )
  def test_value_and_gradient(self, kernel_sizes, logits):
    labels = inputs.blocks([1, 5, 6], 3)
    logits = {
      "noise": inputs.noise(labels, 3, 2.0),
      "fitted": inputs.fitted(labels, 3, 2.0, 0.5),
      "flat": np.zeros([*labels.shape, 3], np.float32),
    }[logits]
    oracle = functools.partial(
      reference.affinity, labels, kernel_sizes=kernel_sizes
    )
    value, gradient = inputs.value_and_gradient(
      loss_of(kernel_sizes=kernel_sizes), labels, logits
    )
    inputs.assert_close(value / value.size, oracle(np.float64(logits)))
    inputs.assert_close(
      gradient, reference.numerical_gradient(oracle, logits), 1e-4
    )

  def test_adaptive_weights_and_their_gradient(self):
    labels = inputs.blocks([1, 6, 5], 3)
    logits = inputs.noise(labels, 3, 2.0)
    settings = losses.AffinitySettings(kernel_sizes=(3, 5, 7))
    scores = np.float32(np.random.default_rng(2).normal(size=[2, 3, 3]))

    def oracle(scores):
      exp = np.exp(scores)
      return reference.affinity(
        labels,
        np.float64(logits),
        kernel_sizes=(3, 5, 7),
        size_weights=exp / exp.sum(-1, keepdims=True),
      )

    variable = tf.Variable(scores)
    with tf.GradientTape() as tape:
      terms = losses.affinity_terms(
        labels,
        logits,
        settings=settings,
        size_weights=losses.adaptive_weights(variable),
      )
      mean = tf.reduce_mean(terms.loss)
    inputs.assert_close(mean, oracle(scores).sum())
    inputs.assert_close(
      tape.gradient(mean, variable),
      reference.numerical_gradient(oracle, scores),
      1e-4,
    )

  def test_zero_scores_weigh_all_sizes_alike(self):
    labels = inputs.blocks([1, 6, 5], 3)
    logits = inputs.noise(labels, 3)
    settings = losses.AffinitySettings(kernel_sizes=(3, 5, 7))
    found = [
      losses.affinity_terms(
        labels, logits, settings=settings, size_weights=weights
      ).loss
      for weights in (None, losses.adaptive_weights(tf.zeros([2, 3, 3])))
    ]
    inputs.assert_close(*found)

  def test_one_class_has_no_edges_and_equal_pixels_no_force(self):
    labels = np.ones([1, 4, 5], np.int32)
    logits = np.zeros([1, 4, 5, 3], np.float32) + [1.0, 2.0, 0.0]
    terms = losses.affinity_terms(labels, np.float32(logits))
    self.assertEqual(float(terms.edge), 0.0)
    np.testing.assert_allclose(terms.same, 0, atol=1e-7)
    labels[:, :2] = 0
    terms = losses.affinity_terms(labels, np.float32(logits))
    # Equal probabilities of two classes: the whole margin.
    np.testing.assert_allclose(terms.edge, 3.0, rtol=1e-6)

  @parameterized.parameters(np.inf, np.nan)
  def test_predictions_at_ignored_pixels_do_not_matter(self, wild):
    labels = inputs.blocks([2, 7, 6], 3)
    logits = inputs.noise(labels, 3)
    void = (labels == inputs.VOID)[..., None]
    function = loss_of(kernel_sizes=(3, 5))
    tame = inputs.value_and_gradient(function, labels, logits)
    found = inputs.value_and_gradient(
      function, labels, np.where(void, np.float32(wild), logits)
    )
    for a, b in zip(found, tame, strict=True):
      np.testing.assert_array_equal(a, b)
    self.assertEqual(np.abs(found[1] * void).max(), 0)

  def test_saturated_probabilities_keep_value_and_gradient_finite(self):
    labels = inputs.blocks([1, 6, 5], 3)
    logits = inputs.fitted(labels, 3, -500.0, 100.0)
    for part in inputs.value_and_gradient(loss_of(), labels, logits):
      self.assertTrue(np.all(np.isfinite(part)))

  def test_nothing_valid_and_no_pair(self):
    labels = np.full([2, 5, 6], inputs.VOID)
    logits = inputs.noise(labels, 4)
    value, gradient = inputs.value_and_gradient(loss_of(), labels, logits)
    np.testing.assert_array_equal(value, np.zeros([2, 5, 6]))
    np.testing.assert_array_equal(gradient, np.zeros([2, 5, 6, 4]))
    labels[0, 2, 2] = 1
    terms = losses.affinity_terms(labels, logits)
    self.assertEqual(float(terms.edge + terms.same), 0.0)

  def test_parts_add_up(self):
    labels = inputs.blocks([2, 7, 6], 3)
    settings = losses.AffinitySettings(
      edge_weight=0.5, same_weight=2.0, ce_weight=0.3
    )
    terms = losses.affinity_terms(
      labels, inputs.noise(labels, 3), settings=settings
    )
    np.testing.assert_allclose(
      tf.reduce_mean(terms.loss),
      0.3 * terms.cross_entropy + 0.5 * terms.edge + 2.0 * terms.same,
      rtol=1e-6,
    )

  def test_weights_of_another_shape_are_refused(self):
    with self.assertRaisesRegex(ValueError, r"\[2, 3, 1\].*\(2, 3, 3\)"):
      losses.affinity_terms(
        np.zeros([1, 4, 4], np.int32),
        np.zeros([1, 4, 4, 3], np.float32),
        size_weights=tf.zeros([2, 3, 3]),
      )


if __name__ == "__main__":
  absltest.main()
