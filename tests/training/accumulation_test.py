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

from deeplab_ssl import modeling
from deeplab_ssl.training import accumulation


def _model(**options):
  tf_keras.utils.set_random_seed(1)
  model = modeling.build_deeplab(
    backbone="mobilenet_v2_mini",
    output_stride=8,
    atrous_rates=[2],
    aspp_convs_filters=8,
    decoder_output_stride=4,
    decoder_filters=8,
    num_classes=3,
    logits_init_stddev=0.15,
    fine_tune_batch_norm=False,
    **options,
  )
  # Statistics under which random weights make features of about 1.
  for variable in model.variables:
    if "moving_variance" in variable.name:
      variable.assign(tf.fill(variable.shape, 0.05))
  model.follow_steps(tf.Variable(5, dtype=tf.int64), seed=2, total_steps=10)
  return model


def _images():
  return tf.random.stateless_uniform([6, 25, 33, 3], [1, 2], maxval=255.0)


def _whole(model, images, slope):
  with tf.GradientTape() as tape:
    logits = model(images, training=True)
  return logits, tape.gradient(logits, model.trainable_variables, slope)


@pytest.mark.parametrize(
  "count",
  [2, *(pytest.param(count, marks=pytest.mark.slow) for count in (3, 6))],
)
def test_parts_make_the_whole_with_its_dropout(count):
  model, images = _model(), _images()
  logits = model(images, training=True)
  slope = tf.random.stateless_normal(logits.shape, [3, 4])
  logits, expected = _whole(model, images, slope)
  assert np.abs(logits - model(images)).max() > 1e-3  # Dropout acts.

  @tf.function
  def in_parts(images):
    found = accumulation.logits_in_parts(model, images, count)
    return found, accumulation.gradients_in_parts(
      model, model.trainable_variables, images, slope, count
    )

  found, gradients = in_parts(images)
  np.testing.assert_allclose(found, logits, rtol=1e-4, atol=1e-5)
  for a, b in zip(gradients, expected, strict=True):
    scale = np.abs(b).max() + 1e-6
    np.testing.assert_allclose(a / scale, b / scale, atol=1e-4)


@pytest.mark.parametrize("recompute", [False, True])
def test_recomputed_blocks_have_the_gradient(recompute):
  model, images = _model(recompute=recompute), _images()[:2]
  slope = tf.ones_like(model(images))
  _, expected = _whole(_model(), images, slope)
  _, found = tf.function(_whole)(model, images, slope)
  for a, b in zip(found, expected, strict=True):
    scale = np.abs(b).max() + 1e-6
    np.testing.assert_allclose(a / scale, b / scale, atol=1e-4)


def test_no_gradient_comes_back_from_logits_in_parts():
  model, images = _model(), _images()
  with tf.GradientTape() as tape:
    logits = accumulation.logits_in_parts(model, images, 2)
  assert tape.gradient(logits, model.trainable_variables[0]) is None
