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

import dataclasses
import sys

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl import losses
from deeplab_ssl.experiment import affinity
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import loss_registry


def _batch():
  rng = np.random.RandomState(0)
  labels = rng.randint(0, 5, [2, 17, 13, 1]).astype(np.int32)
  labels[0, :4] = 255
  return labels, tf.random.normal([2, 17, 13, 5], seed=1)


@pytest.mark.parametrize(
  ("config", "reference"),
  [
    ({"type": "ce"}, losses.SoftmaxCrossEntropyLoss()),
    ({"type": "bce"}, losses.SigmoidCrossEntropyLoss()),
    (
      {"type": "ssl", "region_size": 5, "beta": 0.05, "reweight": False},
      losses.StructuralSimilarityLoss(region_size=5, beta=0.05, reweight=False),
    ),
    (
      {"type": "ssim", "form": "contrast_structure", "ce_weight": 0.2},
      losses.SSIMLoss("contrast_structure", ce_weight=0.2),
    ),
    (
      {"type": "affinity", "kernel_sizes": [3, 5], "margin": 2.0},
      losses.AffinityFieldLoss((3, 5), margin=2.0),
    ),
  ],
)
def test_a_configuration_is_the_loss_of_its_name(config, reference):
  labels, logits = _batch()
  config = configs.LossConfig(**config)
  loss, logs = loss_registry.compute_loss(config, labels, logits, 255)
  np.testing.assert_allclose(loss, reference(labels, logits), rtol=1e-6)
  assert set(logs) == set(loss_registry.logged_names(config))


def test_statistics_are_logged_when_asked_for():
  labels, logits = _batch()
  config = configs.LossConfig(log_statistics=True)
  _, logs = loss_registry.compute_loss(config, labels, logits, 255)
  assert set(logs) == set(loss_registry.logged_names(config))
  assert logs["truth_max"] > logs["prediction_max"] > logs["error_median"] > 0


def test_the_affinity_field_fades():
  labels, logits = _batch()
  config = configs.LossConfig(type="affinity", decay_steps=100)
  terms = losses.affinity_terms(labels, logits)
  for step, factor in ((0, 1.0), (50, 0.1**0.5), (100, 0.1), (200, 0.1)):
    loss, _ = loss_registry.compute_loss(
      config, labels, logits, 255, lambda step=step: step
    )
    expected = terms.cross_entropy + factor * (terms.edge + terms.same)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_kernel_sizes_by_default():
  plain = configs.LossConfig(type="affinity")
  adaptive = configs.LossConfig(type="adaptive_affinity")
  for config, sizes in ((plain, (3,)), (adaptive, (3, 5, 7))):
    constants = loss_registry.pick(affinity.AffinityConstants, config)
    adaptive = loss_registry.row_of(config).opponent is not None
    assert constants.settings(adaptive).kernel_sizes == sizes


@pytest.mark.parametrize(
  ("config", "message"),
  [
    ({"type": "nowhere"}, "'nowhere'"),
    ({"type": "ce", "beta": 2.0}, "`beta` must be in"),
    ({"stability": float("inf")}, "`stability` must be finite"),
    ({"region_size": 4}, "region_size"),
    ({"beta": "abc"}, "`beta` must be a number"),
    ({"type": "ssim", "form": "foo"}, "'foo'"),
    ({"type": "affinity", "kernel_sizes": [4]}, "kernel_sizes"),
    ({"region_size": 1, "log_statistics": True}, "log_statistics"),
    ({"type": "affinity", "field_decay": -1.0}, "field_decay.*-1"),
    ({"decay_steps": -1}, "decay_steps"),
    ({"size_weights_learning_rate": 0.0}, "size_weights_learning_rate"),
  ],
)
def test_bad_constants_are_refused(config, message):
  with pytest.raises(ValueError, match=message):
    loss_registry.check(configs.LossConfig(**config))


def test_a_configuration_has_the_defaults_of_the_losses():
  config = configs.LossConfig()
  for row in loss_registry.ROWS.values():
    for constants in row.constants:
      assert loss_registry.pick(constants, config) == constants()


def test_every_constant_of_a_loss_is_a_key_of_the_configuration():
  keys = {field.name for field in dataclasses.fields(configs.LossConfig)}
  for row in loss_registry.ROWS.values():
    for constants in row.constants:
      assert keys >= {field.name for field in dataclasses.fields(constants)}


def test_two_losses_cannot_give_a_constant_two_defaults(monkeypatch):
  @dataclasses.dataclass(frozen=True)
  class Other:
    beta: float = 0.7

  row = dataclasses.replace(
    loss_registry.ROWS["ce"], type="other", settings=Other
  )
  monkeypatch.setitem(loss_registry.ROWS, "other", row)
  with pytest.raises(TypeError, match="'beta' has the default 0.7 in Other"):
    list(loss_registry.config_fields())


@pytest.mark.parametrize("type_", loss_registry.TYPES)
def test_every_row_is_whole(type_):
  config = configs.Losses(type=type_)
  row = loss_registry.row_of(config)
  labels, logits = _batch()
  _, logs = loss_registry.compute_loss(config, labels, logits, 255)
  assert set(logs) == set(row.logged(config))
  assert row.label(config)
  assert row.activation in ("softmax", "sigmoid") and (
    config.activation == row.activation
  )


@pytest.mark.parametrize(
  ("type_", "constants"),
  [
    *((type_, {}) for type_ in loss_registry.TYPES),
    ("ce", {"top_k_percent_pixels": 0.5, "label_weights": [1.0] * 5}),
  ],
)
def test_void_may_have_a_channel_of_the_logits(type_, constants):
  """As that of ADE20K: its label is 0, and no pixel counts that has it."""
  config = configs.Losses(type=type_, **constants)
  labels, logits = _batch()
  as_class = np.where(labels == 255, 0, labels)
  as_no_class = np.where(as_class == 0, 255, as_class)
  results = []
  for these, void in ((as_class, 0), (as_no_class, 255)):
    with tf.GradientTape() as tape:
      tape.watch(logits)
      loss, _ = loss_registry.compute_loss(config, these, logits, void)
    results.append((loss, tape.gradient(loss, logits)))
  (loss, gradient), (other_loss, other_gradient) = results
  np.testing.assert_allclose(loss, other_loss, rtol=1e-6)
  np.testing.assert_allclose(gradient, other_gradient, atol=1e-8)
  assert not np.any(gradient.numpy()[as_class[..., 0] == 0])


def test_a_loss_of_ones_own_is_registered_in_time(monkeypatch):
  monkeypatch.setattr(loss_registry, "ROWS", dict(loss_registry.ROWS))
  row = dataclasses.replace(loss_registry.ROWS["ce"], type="mine")
  with pytest.raises(RuntimeError, match="'mine' comes too late"):
    loss_registry.register(row)
  monkeypatch.delitem(sys.modules, "deeplab_ssl.experiment.configs")
  loss_registry.register(row)
  labels, logits = _batch()
  config = configs.LossConfig(type="mine")
  found, _ = loss_registry.compute_loss(config, labels, logits, 255)
  expected = losses.SoftmaxCrossEntropyLoss()(labels, logits)
  np.testing.assert_allclose(found, expected, rtol=1e-6)
  with pytest.raises(ValueError, match="There is a loss 'mine' already"):
    loss_registry.register(row)
