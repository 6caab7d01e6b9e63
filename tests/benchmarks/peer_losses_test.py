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

"""Losses of others against float64, and what void may do to them."""

import numpy as np
import pytest
import tensorflow as tf

from benchmarks import peer_losses
from benchmarks import rmi_loss
from tests.benchmarks import peer_reference
from tests.losses import inputs

LOSSES = {
  "dice": (
    peer_losses.dice,
    lambda y, x: peer_reference.tversky(y, x, 0.5, 0.5),
  ),
  "tversky": (
    peer_losses.tversky,
    lambda y, x: peer_reference.tversky(y, x, 0.7, 0.3),
  ),
  "focal": (peer_losses.focal, peer_reference.focal),
  "lovasz": (peer_losses.lovasz, peer_reference.lovasz),
  "jaccard_metric": (
    lambda *args, **options: peer_losses.jaccard_metric(*args, **options).loss,
    peer_reference.jaccard_metric,
  ),
  "rmi": (
    lambda *args, **options: rmi_loss.rmi_terms(*args, **options).loss,
    peer_reference.rmi,
  ),
}
ALL = pytest.mark.parametrize("name", LOSSES)


def _batch(classes=4, void=0.15):
  labels = inputs.blocks([2, 21, 26], classes, void=void)
  return labels, inputs.noise(labels, classes)


@ALL
@pytest.mark.parametrize("void", [0.0, 0.15])
def test_values_are_those_of_the_formulas(name, void):
  function, reference = LOSSES[name]
  labels, logits = _batch(void=void)
  value, _ = inputs.value_and_gradient(function, labels, logits)
  np.testing.assert_allclose(value, reference(labels, logits), rtol=1e-5)


@ALL
def test_a_class_that_is_absent(name):
  function, reference = LOSSES[name]
  labels, logits = _batch()
  labels[labels == 2] = 1
  value, _ = inputs.value_and_gradient(function, labels, logits)
  np.testing.assert_allclose(value, reference(labels, logits), rtol=1e-5)


@ALL
def test_gradients_are_finite_differences_of_the_formulas(name):
  function, reference = LOSSES[name]
  labels, logits = _batch(3)
  # The errors of Lovasz's loss are sorted; small steps must not reorder them.
  _, gradient = inputs.value_and_gradient(function, labels, logits)
  rng = np.random.default_rng(0)
  for place in rng.integers(0, logits.shape, [12, 4]):
    changed = []
    for step in (1e-5, -1e-5):
      moved = np.float64(logits)
      moved[tuple(place)] += step
      changed.append(reference(labels, moved))
    slope = (changed[0] - changed[1]) / 2e-5
    np.testing.assert_allclose(
      gradient[tuple(place)], slope, rtol=2e-3, atol=3e-8
    )


@ALL
def test_predictions_at_void_do_not_matter(name):
  function, _ = LOSSES[name]
  labels, logits = _batch()
  expected = inputs.value_and_gradient(function, labels, logits)
  logits[labels == 255] = np.nan
  value, gradient = inputs.value_and_gradient(function, labels, logits)
  np.testing.assert_array_equal(value, expected[0])
  np.testing.assert_array_equal(gradient, expected[1])
  np.testing.assert_array_equal(gradient[labels == 255], 0)


@ALL
def test_nothing_valid_has_no_gradient(name):
  function, _ = LOSSES[name]
  labels, logits = _batch()
  labels[:] = 255
  value, gradient = inputs.value_and_gradient(function, labels, logits)
  assert np.isfinite(value)
  if name != "rmi":  # Its ridge leaves a constant.
    assert value == 0
  np.testing.assert_array_equal(gradient, np.zeros_like(gradient))


@ALL
def test_labels_that_are_no_classes_are_refused(name):
  function, _ = LOSSES[name]
  labels, logits = _batch()
  labels[0, 0, 0] = 77
  with pytest.raises(tf.errors.InvalidArgumentError, match="77"):
    function(labels, logits)


@ALL
def test_a_fitted_batch_is_near_the_least_value(name):
  function, _ = LOSSES[name]
  labels, noise = _batch()
  wrong, _ = inputs.value_and_gradient(function, labels, noise)
  fitted = inputs.fitted(labels, 4, 12.0, 0.1)
  right, _ = inputs.value_and_gradient(function, labels, fitted)
  assert right < wrong
  if name != "rmi":
    assert 0 <= right < 0.01
