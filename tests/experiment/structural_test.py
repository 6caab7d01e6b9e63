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

"""The structural similarity loss in a training: its logs and its schedule."""

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl import losses
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import loss_registry
from deeplab_ssl.experiment import structural
from tests.losses import inputs


@pytest.fixture(scope="module")
def batch():
  labels = inputs.blocks([2, 17, 13], 5)
  return labels[..., None], inputs.noise(labels, 5)


def _value_and_gradient(batch, config, step=0):
  labels, logits = batch
  return inputs.value_and_gradient(
    lambda y, x: loss_registry.compute_loss(
      config, y, x, 255, lambda: tf.constant(step, tf.int64)
    )[0],
    labels,
    logits,
  )


@pytest.mark.parametrize(
  "step, weight", [(0, 1.0), (25, 0.8125), (100, 0.25), (1000, 0.25)]
)
def test_lambda_falls_from_1_to_its_value(batch, step, weight):
  config = configs.LossConfig(ce_weight=0.25, ce_weight_fall_steps=100)
  found = _value_and_gradient(batch, config, step)
  expected = _value_and_gradient(batch, configs.LossConfig(ce_weight=weight))
  for value, reference in zip(found, expected, strict=True):
    inputs.assert_close(value, reference, 1e-6)
  _, logs = loss_registry.compute_loss(config, *batch, 255, lambda: step)
  assert logs["ce_weight"] == weight
  assert set(logs) == set(loss_registry.logged_names(config))


def test_a_schedule_begins_with_the_cross_entropy(batch):
  config = configs.LossConfig(ce_weight_fall_steps=100)
  found = _value_and_gradient(batch, config)
  expected = _value_and_gradient(batch, configs.LossConfig(type="bce"))
  for value, reference in zip(found, expected, strict=True):
    inputs.assert_close(value, reference, 1e-6)


def test_a_schedule_in_a_graph_follows_the_step(batch):
  config = configs.LossConfig(ce_weight_fall_steps=10)
  step = tf.Variable(0, dtype=tf.int64)

  @tf.function
  def weight():
    _, logs = loss_registry.compute_loss(config, *batch, 255, lambda: step)
    return logs["ce_weight"]

  seen = []
  for _ in range(12):
    seen.append(float(weight()))
    step.assign_add(1)
  np.testing.assert_allclose(seen, [1 - 0.05 * min(i, 10) for i in range(12)])


def test_there_is_no_schedule_by_default(batch):
  assert structural.WeightSchedule().weight(0.5, 3) == 0.5
  config = configs.LossConfig()
  assert "ce_weight" not in loss_registry.logged_names(config)


@pytest.mark.parametrize("steps, message", [(-1, "0 or more"), ("x", "number")])
def test_a_wrong_schedule_is_refused(steps, message):
  config = configs.LossConfig(ce_weight_fall_steps=steps)
  with pytest.raises(ValueError, match=f"ce_weight_fall_steps.*{message}"):
    loss_registry.check(config)


def test_both_gradients_are_logged_where_asked_for(batch):
  labels, logits = batch
  config = configs.LossConfig(ce_weight=0.25, log_gradients=True)
  value, gradient = _value_and_gradient(batch, config)
  _, logs = loss_registry.compute_loss(config, labels, logits, 255)
  assert set(logs) == set(loss_registry.logged_names(config))
  # That of the cross entropy is (p - y) / N; the gradient is linear in both.
  void = labels[..., 0] == 255
  truth = np.eye(5)[np.where(void, 0, labels[..., 0])]
  of_ce = (tf.sigmoid(logits).numpy() - truth) / (~void).sum()
  of_ce[void] = 0
  of_structure = (gradient - 0.25 * of_ce) / 0.75
  expected = {
    "cross_entropy_gradient": np.linalg.norm(of_ce),
    "structural_gradient": np.linalg.norm(of_structure),
    "structural_gradient_max": np.abs(of_structure).max(),
    "gradient_cosine": np.sum(of_ce * of_structure)
    / (np.linalg.norm(of_ce) * np.linalg.norm(of_structure)),
  }
  for name, norm in expected.items():
    np.testing.assert_allclose(logs[name], norm, rtol=1e-4)
  # What is logged leaves the loss and its gradient as they are.
  settings = losses.StructuralSimilaritySettings(ce_weight=0.25)
  alone = inputs.value_and_gradient(
    lambda y, x: tf.reduce_mean(
      losses.structural_similarity_terms(y, x, settings=settings).loss
    ),
    labels,
    logits,
  )
  np.testing.assert_array_equal(value, alone[0])
  np.testing.assert_array_equal(gradient, alone[1])
