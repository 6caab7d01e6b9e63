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

"""A slow mean field of the CRF, and inputs for it."""

import numpy as np
import tensorflow as tf

from deeplab_ssl.prediction import crf
from deeplab_ssl.prediction import mean_field

CLASSES = 3
# All samples are seen by all pixels of a small image.
COVERED = mean_field.Settings(
  steps=2, bilateral_xy=6.0, spacing=3, reach=9, bilateral_rgb=40.0
)


def inputs(height, width, batch=1, seed=0):
  """Two-coloured noisy images and smooth random log probabilities."""
  rng = np.random.RandomState(seed)
  images = np.full([batch, height, width, 3], 80.0)
  images[:, :, width // 2 :] = (140.0, 90.0, 60.0)
  images = np.round(images + rng.normal(0, 15, images.shape)).clip(0, 255)
  logits = rng.normal(0, 1.5, [batch, height, width, CLASSES])
  return images.astype(np.float32), crf.log_probabilities(
    tf.constant(logits, tf.float32)
  )


def softmax(x):
  x = np.exp(x - x.max(-1, keepdims=True))
  return x / x.sum(-1, keepdims=True)


def _gaussian(x, sigma):
  """The kernel of all pairs of rows of x, `[rows, rows]`."""
  return np.exp(-0.5 * np.sum(((x[:, None] - x[None]) / sigma) ** 2, -1))


def _samples_seen(size, settings):
  """`[size, size]`: 1 where a position of one axis sees a sample's, else 0."""
  count = -(-size // settings.spacing)
  first = (size - 1 - (count - 1) * settings.spacing) // 2
  cell_of = lambda i: (i + settings.spacing // 2 - first) // settings.spacing  # noqa: E731
  tile = 4
  seen = np.zeros([size, size])
  for i in range(size):
    start = cell_of(i) // tile * tile
    cells = range(start - settings.reach, start + tile + settings.reach)
    for k in cells:
      if 0 <= k < count:
        seen[i, first + k * settings.spacing] = 1
  return seen


def kernels(image, settings, sampled):
  """Both normalised kernels, `[pixels, pixels]`."""
  height, width, _ = image.shape
  places = np.array([(y, x) for y in range(height) for x in range(width)])
  smooth = _gaussian(places, settings.smoothness_xy)
  bilateral = _gaussian(places, settings.bilateral_xy) * _gaussian(
    image.reshape([-1, 3]), settings.bilateral_rgb
  )
  if sampled:
    bilateral *= np.kron(
      _samples_seen(height, settings), _samples_seen(width, settings)
    )
  return [
    k / np.sqrt(k.sum(1)[:, None] * k.sum(1)[None]) for k in (smooth, bilateral)
  ]


def slow_mean_field(image, log_probabilities, settings, sampled):
  """The mean field of one image, in float64 from the equations."""
  of_position, of_both = kernels(image.astype(np.float64), settings, sampled)
  unary = np.asarray(log_probabilities, np.float64)
  shape = unary.shape
  unary = unary.reshape([-1, shape[-1]])
  beliefs = softmax(unary)
  for _ in range(settings.steps):
    beliefs = softmax(
      unary
      + settings.smoothness_weight * of_position @ beliefs
      + settings.bilateral_weight * of_both @ beliefs
    )
  return beliefs.reshape(shape)
