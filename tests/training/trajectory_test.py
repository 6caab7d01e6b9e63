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

"""Five training steps of the original, step by step."""

import json

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl import losses
from deeplab_ssl import modeling
from deeplab_ssl.training import gradient_multipliers
from deeplab_ssl.training import optimization
from tests import original
from tests import synth_checkpoint


def _train(name, steps):
  """Replays a fixture; returns its arrays and what our code gave per step."""
  fixture = np.load(original.TESTDATA / f"{name}_seed1_65x65.npz")
  meta = json.loads((original.TESTDATA / f"{name}.meta.json").read_text())
  config = meta["config"]
  model = original.build(
    config["man"],
    fine_tune_batch_norm=config["fine_tune_batch_norm"],
    weight_decay=config["weight_decay"],
  )
  model.head.dropout.rate = 0.0
  optimizer = optimization.Momentum(
    optimization.DeepLabLearningRate(
      base_learning_rate=config["base_learning_rate"],
      training_number_of_steps=config["training_number_of_steps"],
      slow_start_step=config["slow_start_step"],
      slow_start_learning_rate=config["slow_start_learning_rate"],
    ),
    config["momentum"],
  )
  images = synth_checkpoint.synth_images(1, config["batch"], 65, 65)
  labels = synth_checkpoint.synth_labels(1, config["batch"], 65, 65, 21)
  variables = model.trainable_variables
  factors = gradient_multipliers.multipliers_of(
    model,
    variables,
    last_layer_gradient_multiplier=config["last_layer_gradient_multiplier"],
    last_layers_contain_logits_only=config["last_layers_contain_logits_only"],
  )
  names = {v.ref(): n for n, v in model.slim_variables().items()}
  initial = {n: v.numpy() for n, v in model.slim_variables().items()}

  @tf.function
  def step():
    with tf.GradientTape() as tape:
      logits = modeling.upsample_logits(model(images, training=True), (65, 65))
      loss = tf.reduce_mean(losses.softmax_cross_entropy(labels, logits))
      l2 = tf.add_n(model.losses)
      total = loss + l2
    gradients = tape.gradient(total, variables)
    optimizer.apply_gradients(
      [
        (g * f, v)
        for g, f, v in zip(gradients, factors, variables, strict=True)
      ]
    )
    return loss, l2, [tf.norm(g) for g in gradients]

  ours = []
  for _ in range(steps):
    loss, l2, norms = step()
    now = {n: v.numpy() for n, v in model.slim_variables().items()}
    ours.append(
      {
        "cross_entropy": float(loss),
        "l2": float(l2),
        "gradients": {
          names[v.ref()]: float(n)
          for v, n in zip(variables, norms, strict=True)
        },
        "deltas": {n: np.linalg.norm(now[n] - initial[n]) for n in now},
      }
    )
  return fixture, ours


@pytest.mark.parametrize(
  "name, delta_gate",
  [
    ("train_mobilenetv2_frozenbn_gentle", 0.03),
    ("train_mobilenetv2_frozenbn_ll10", None),
  ],
)
def test_trajectory_equals_the_original(name, delta_gate):
  fixture, ours = _train(name, 3)
  for step, tolerance in ((0, 1e-5), (1, 2e-4)):
    np.testing.assert_allclose(
      ours[step]["cross_entropy"],
      fixture["cross_entropy"][step],
      rtol=tolerance,
    )
  np.testing.assert_allclose(
    [o["l2"] for o in ours], fixture["l2_loss"][:3], rtol=1e-5
  )
  for variable, norm in zip(
    fixture["grad_var_names"], fixture["grad_l2_step0"], strict=True
  ):
    np.testing.assert_allclose(
      ours[0]["gradients"][str(variable)], norm, rtol=0.01, err_msg=variable
    )
  checks = [(0, 0.02)] + ([(2, delta_gate)] if delta_gate else [])
  for step, tolerance in checks:
    for i, variable in enumerate(fixture["var_names"]):
      np.testing.assert_allclose(
        ours[step]["deltas"][str(variable)],
        fixture["delta_l2"][step, i],
        rtol=tolerance,
        atol=1e-9,
        err_msg=f"step {step} {variable}",
      )
