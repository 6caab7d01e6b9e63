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
import tf_keras

from deeplab_ssl.training import loss_scaling


def _optimizer(scale, dynamic=True):
  inner = tf_keras.optimizers.legacy.SGD(1.0)
  return tf_keras.mixed_precision.LossScaleOptimizer(
    inner, dynamic=dynamic, initial_scale=scale
  )


def test_a_plain_optimizer_scales_nothing():
  optimizer = tf_keras.optimizers.legacy.SGD(1.0)
  assert not loss_scaling.is_scaled(optimizer)
  loss = tf.constant(3.0)
  assert loss_scaling.scaled(loss, optimizer) is loss
  (gradient,) = loss_scaling.unscaled([loss], optimizer)
  assert gradient is loss


def test_unscaling_undoes_the_scale():
  optimizer = _optimizer(256)
  assert float(loss_scaling.scaled(tf.constant(3.0), optimizer)) == 768
  (gradient,) = loss_scaling.unscaled([tf.constant(512.0)], optimizer)
  assert float(gradient) == 2


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(
  "optimizer",
  [
    None,
    tf_keras.optimizers.legacy.SGD(1.0),
    _optimizer(1),
    _optimizer(256, dynamic=False),
  ],
  ids=["none", "plain", "lowest", "fixed"],
)
def test_what_no_lower_scale_mends_is_an_error(optimizer, value):
  with pytest.raises(
    tf.errors.InvalidArgumentError, match="network's gradient"
  ):
    loss_scaling.check(tf.constant(value), "network", optimizer)


@pytest.mark.parametrize("value", [0.0, 2.5, np.inf])
def test_an_overflow_passes_while_the_scale_can_be_lowered(value):
  norm = loss_scaling.check(tf.constant(value), "network", _optimizer(2))
  assert float(norm) == value


def test_skipped_steps_are_counted():
  optimizer = _optimizer(8)
  skipped, weight = loss_scaling.SkippedSteps(optimizer), tf.Variable(1.0)

  @tf.function
  def step(gradient):
    with skipped:
      optimizer.apply_gradients([(gradient, weight)])

  for gradient in (1.0, np.inf, np.nan, 0.5):
    step(tf.constant(gradient))
  assert {name: float(value) for name, value in skipped.logs().items()} == {
    "loss_scale": 2.0,
    "skipped_steps": 2.0,
  }
  assert float(weight) == -0.5
