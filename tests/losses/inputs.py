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

"""Labels and logits for the tests, and how they are put through a loss."""

import numpy as np

VOID = 255


def blocks(shape, classes, seed=0, cell=3, void=0.15):
  """Labels [B, H, W] in square patches, with ignored pixels strewn in."""
  rng = np.random.default_rng(seed)
  batch, height, width = shape
  coarse = [batch, -(-height // cell), -(-width // cell)]
  labels = np.kron(
    rng.integers(0, classes, coarse), np.ones([1, cell, cell], np.int32)
  )[:, :height, :width]
  return np.where(rng.random(shape) < void, VOID, labels).astype(np.int32)


def noise(labels, classes, scale=3.0, seed=1):
  """Logits that know nothing of the labels."""
  rng = np.random.default_rng(seed)
  return np.float32(rng.normal(size=[*labels.shape, classes]) * scale)


def fitted(labels, classes, margin, spread, seed=1):
  """Logits around +-margin with the right signs; wrong with margin < 0."""
  signs = 2 * np.eye(classes)[np.where(labels == VOID, 0, labels)] - 1
  return np.float32(signs * margin) + noise(labels, classes, spread, seed)


def ramp(labels, classes, slope):
  """Logits that vary slowly over the image, around -1, 0, 1, -1, ..."""
  _, height, width = labels.shape
  plane = np.add.outer(np.arange(height), 2 * np.arange(width)) * slope
  centres = np.arange(classes) % 3 - 1
  return np.float32(
    plane[None, :, :, None] + centres + np.zeros([*labels.shape, 1])
  )


def value_and_gradient(function, labels, logits):
  """Returns a loss map as a numpy array and the gradient of its mean."""
  import tensorflow as tf  # Not where a test is of another backend.

  logits = tf.convert_to_tensor(logits)
  with tf.GradientTape() as tape:
    tape.watch(logits)
    value = function(tf.convert_to_tensor(labels), logits)
    mean = tf.reduce_mean(value)
  return value.numpy(), tape.gradient(mean, logits).numpy()


def assert_close(actual, expected, tolerance=1e-5):
  """Requires a small error relative to the largest expected magnitude."""
  actual = np.asarray(actual, np.float64)
  np.testing.assert_array_equal(actual.shape, np.shape(expected))
  scale = np.max(np.abs(expected), initial=0)
  np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * scale)
