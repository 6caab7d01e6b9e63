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
from unittest import mock

from absl.testing import parameterized
import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.prediction import crf
from deeplab_ssl.prediction import mean_field
from deeplab_ssl.prediction import predictor as predictor_lib

_CLASSES = 3
# The window covers these images, and their grids are symmetric.
_COVERED = mean_field.Settings(
  steps=2, bilateral_xy=6.0, spacing=3, reach=9, bilateral_rgb=40.0
)


def _inputs(height, width, batch=1, seed=0):
  """Two-coloured noisy images and smooth random log probabilities."""
  rng = np.random.RandomState(seed)
  images = np.full([batch, height, width, 3], 80.0)
  images[:, :, width // 2 :] = (140.0, 90.0, 60.0)
  images = np.round(images + rng.normal(0, 15, images.shape)).clip(0, 255)
  logits = rng.normal(0, 1.5, [batch, height, width, _CLASSES])
  return images.astype(np.float32), crf.log_probabilities(
    tf.constant(logits, tf.float32)
  )


def _softmax(x):
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


def _kernels(image, settings, sampled):
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


def _slow_mean_field(image, log_probabilities, settings, sampled):
  """The mean field of one image, in float64 from the equations."""
  kernels = _kernels(image.astype(np.float64), settings, sampled)
  unary = np.asarray(log_probabilities, np.float64)
  shape = unary.shape
  unary = unary.reshape([-1, shape[-1]])
  beliefs = _softmax(unary)
  for _ in range(settings.steps):
    beliefs = _softmax(
      unary
      + settings.smoothness_weight * kernels[0] @ beliefs
      + settings.bilateral_weight * kernels[1] @ beliefs
    )
  return beliefs.reshape(shape)


class WindowTest(tf.test.TestCase, parameterized.TestCase):
  @parameterized.parameters(
    # Not all samples are seen; sizes are no multiples of anything.
    (17, 23, {"spacing": 2, "reach": 1}, 3),
    (13, 9, {"spacing": 1, "reach": 2}, 2),
    (14, 15, {"spacing": 3, "reach": 9}, 1),
    # One sample in all.
    (3, 4, {"spacing": 10, "reach": 12}, 2),
  )
  def test_equals_a_slow_mean_field(self, height, width, window, steps):
    images, log_p = _inputs(height, width)
    settings = mean_field.Settings(steps=steps, bilateral_xy=6.0, **window)
    self.assertAllClose(
      mean_field.window(images, log_p, settings=settings)[0],
      _slow_mean_field(images[0], log_p[0], settings, sampled=True),
      rtol=0,
      atol=2e-5,
    )

  def test_samples_approximate_the_fully_connected_crf(self):
    images, noise = _inputs(20, 24)
    sides = tf.one_hot(np.arange(24) // 12, _CLASSES)
    log_p = crf.log_probabilities(noise + sides)
    settings = dataclasses.replace(_COVERED, steps=3, bilateral_xy=12.0)
    refined = mean_field.window(images, log_p, settings=settings)[0]
    full = _slow_mean_field(images[0], log_p[0], settings, sampled=False)
    agreement = np.mean(np.argmax(refined, -1) == np.argmax(full, -1))
    changed = np.mean(np.argmax(log_p[0], -1) != np.argmax(full, -1))
    self.assertGreater(changed, 0.2)
    self.assertGreater(agreement, 0.95)

  def test_without_steps_or_weights_it_returns_the_input(self):
    images, log_p = _inputs(9, 12)
    for settings in (
      dataclasses.replace(_COVERED, steps=0),
      dataclasses.replace(
        _COVERED, smoothness_weight=0.0, bilateral_weight=0.0
      ),
    ):
      self.assertAllClose(
        mean_field.window(images, log_p, settings=settings), tf.exp(log_p)
      )

  def test_uniform_beliefs_stay_uniform(self):
    images, _ = _inputs(10, 12)
    log_p = tf.zeros([1, 10, 12, _CLASSES])
    refined = mean_field.window(images, log_p, settings=_COVERED)
    self.assertAllClose(refined, np.full(refined.shape, 1 / _CLASSES))

  def test_a_flat_image_keeps_a_constant_prediction(self):
    images = tf.fill([1, 11, 8, 3], 90.0)
    log_p = tf.tile(tf.math.log([[[[0.5, 0.2, 0.3]]]]), [1, 11, 8, 1])
    refined = mean_field.window(images, log_p, settings=_COVERED)
    self.assertAllEqual(tf.argmax(refined, -1), np.zeros([1, 11, 8]))

  def test_an_outlier_takes_the_class_of_its_colour(self):
    images, _ = _inputs(12, 12)
    log_p = np.full([1, 12, 12, 2], np.log(0.1), np.float32)
    log_p[:, :, :6, 0] = log_p[:, :, 6:, 1] = np.log(0.9)
    log_p[0, 5, 3] = log_p[0, 5, 3, ::-1]
    refined = mean_field.window(images, log_p, settings=_COVERED)
    expected = np.arange(12) >= 6
    self.assertAllEqual(
      tf.argmax(refined, -1)[0], np.tile(expected, [12, 1]).astype(int)
    )

  def test_commutes_with_a_permutation_of_the_classes(self):
    images, log_p = _inputs(9, 12)
    order = [2, 0, 1]
    self.assertAllClose(
      mean_field.window(
        images, tf.gather(log_p, order, axis=-1), settings=_COVERED
      ),
      tf.gather(
        mean_field.window(images, log_p, settings=_COVERED), order, axis=-1
      ),
    )

  @parameterized.parameters(1, 2)
  def test_commutes_with_flips(self, axis):
    images, log_p = _inputs(9, 15)
    self.assertAllClose(
      mean_field.window(
        np.flip(images, axis), tf.reverse(log_p, [axis]), settings=_COVERED
      ),
      tf.reverse(mean_field.window(images, log_p, settings=_COVERED), [axis]),
      atol=1e-5,
    )

  def test_images_of_a_batch_do_not_see_each_other(self):
    images, log_p = _inputs(15, 10, batch=2)
    settings = dataclasses.replace(_COVERED, reach=1)
    both = mean_field.window(images, log_p, settings=settings)
    for i in range(2):
      one = mean_field.window(
        images[i : i + 1], log_p[i : i + 1], settings=settings
      )
      self.assertAllClose(both[i], one[0])

  def test_steps_continue_each_other(self):
    # A second step from the beliefs of the first, not from the unary.
    images, log_p = _inputs(9, 9)
    one, two = (
      mean_field.window(
        images, log_p, settings=dataclasses.replace(_COVERED, steps=n)
      )
      for n in (1, 2)
    )
    self.assertNotAllClose(one, two)
    k = _kernels(images[0].astype(np.float64), _COVERED, sampled=True)
    beliefs = np.reshape(one, [-1, _CLASSES])
    message = 3.0 * k[0] @ beliefs + 10.0 * k[1] @ beliefs
    expected = _softmax(np.reshape(log_p, [-1, _CLASSES]) + message)
    self.assertAllClose(np.reshape(two, [-1, _CLASSES]), expected, atol=1e-5)

  def test_colours_far_from_all_samples_stay_finite(self):
    images, log_p = _inputs(12, 12)
    images[0, 0, 0] = 255.0
    settings = dataclasses.replace(_COVERED, bilateral_rgb=1.0)
    refined = mean_field.window(images, log_p * 1000.0, settings=settings)
    self.assertAllInRange(refined, 0.0, 1.0)

  @parameterized.parameters(
    ("steps", -1),
    ("steps", 1.5),
    ("spacing", 0),
    ("reach", -1),
    ("smoothness_xy", 0.0),
    ("bilateral_xy", -60.0),
    ("bilateral_rgb", float("nan")),
    ("smoothness_weight", -3.0),
    ("bilateral_weight", float("inf")),
  )
  def test_bad_settings_are_named(self, name, value):
    with self.assertRaisesRegex(ValueError, f"`{name}` must .*{value}"):
      mean_field.Settings(**{name: value})

  @parameterized.parameters(
    ([1, 4, 5], [1, 4, 5, 2], "images"),
    ([1, 4, 5, 1], [1, 4, 5, 2], "images"),
    ([1, 4, 5, 3], [1, 5, 4, 2], "log_probabilities"),
    ([1, 4, 5, 3], [4, 5, 2], "log_probabilities"),
  )
  def test_bad_shapes_are_named(self, images, log_p, name):
    with self.assertRaisesRegex(ValueError, f"Argument `{name}` must be"):
      mean_field.window(tf.zeros(images), tf.zeros(log_p))


class DenseTest(tf.test.TestCase, parameterized.TestCase):
  def setUp(self):
    super().setUp()
    pytest.importorskip(
      "pydensecrf", reason="needs pydensecrf: pip install pydensecrf2"
    )

  @parameterized.parameters(1, 3)
  def test_approximates_the_fully_connected_crf(self, steps):
    images, log_p = _inputs(16, 20, batch=2)
    settings = mean_field.Settings(steps=steps, bilateral_xy=12.0)
    refined = crf.dense(images, log_p, settings=settings)
    for i in range(2):
      full = _slow_mean_field(images[i], log_p[i], settings, sampled=False)
      # The permutohedral lattice is an approximation itself.
      self.assertLess(np.mean(np.abs(refined[i] - full)), 0.05)
      same = np.argmax(refined[i], -1) == np.argmax(full, -1)
      self.assertGreater(np.mean(same), 0.95)

  def test_without_steps_it_returns_the_input(self):
    images, log_p = _inputs(8, 6)
    settings = mean_field.Settings(steps=0)
    self.assertAllClose(
      crf.dense(images, log_p, settings=settings), tf.exp(log_p)
    )

  def test_is_the_same_in_a_graph(self):
    images, log_p = _inputs(8, 6)
    refine = tf.function(crf.dense)
    self.assertAllClose(refine(images, log_p), crf.dense(images, log_p))


class LogProbabilitiesTest(tf.test.TestCase):
  def test_softmax(self):
    logits = tf.constant([[2.0, -1.0, 0.5]])
    self.assertAllClose(
      tf.exp(crf.log_probabilities(logits)), tf.nn.softmax(logits)
    )

  def test_sigmoids_are_normalised_over_the_classes(self):
    logits = tf.constant([[2.0, -1.0, 0.5]])
    p = tf.sigmoid(logits)
    self.assertAllClose(
      tf.exp(crf.log_probabilities(logits, "sigmoid")), p / tf.reduce_sum(p)
    )

  def test_extreme_logits_stay_finite(self):
    for activation in ("softmax", "sigmoid"):
      log_p = crf.log_probabilities(
        tf.constant([[1e4, -1e4, -2e4]]), activation
      )
      self.assertAllInRange(log_p, -1e5, 0.0)

  def test_an_unknown_activation_is_refused(self):
    with self.assertRaisesRegex(ValueError, "'relu'"):
      crf.log_probabilities(tf.zeros([1, 2]), "relu")


class RefinementTest(tf.test.TestCase, parameterized.TestCase):
  @parameterized.parameters("softmax", "sigmoid")
  def test_predicts_labels_of_the_last_beliefs(self, activation):
    images, logits = _inputs(9, 12)
    refine = crf.Refinement(_COVERED, activation=activation)
    labels = refine(images, logits)
    self.assertEqual(labels.dtype, tf.int32)
    log_p = crf.log_probabilities(logits, activation)
    beliefs = mean_field.window(images, log_p, settings=_COVERED)
    self.assertAllEqual(labels, tf.argmax(beliefs, -1))

  @parameterized.parameters("softmax", "sigmoid")
  def test_without_steps_it_predicts_the_largest_logit(self, activation):
    images, logits = _inputs(9, 12)
    refine = crf.Refinement(
      dataclasses.replace(_COVERED, steps=0), activation=activation
    )
    self.assertAllEqual(
      refine(images, logits), predictor_lib.MOST_LIKELY(images, logits)
    )

  def test_tells_its_steps_and_kind(self):
    settings = mean_field.Settings(steps=5)
    self.assertEqual(str(crf.Refinement(settings)), "5 CRF steps (window)")
    self.assertEqual(
      str(crf.Refinement(dataclasses.replace(settings, steps=1))),
      "1 CRF step (window)",
    )

  @parameterized.parameters(
    ({"kind": "lattice"}, "`kind` must be one of .*'lattice'"),
    ({"activation": "relu"}, "'relu'"),
  )
  def test_bad_attributes_are_refused_at_once(self, options, message):
    with self.assertRaisesRegex(ValueError, message):
      crf.Refinement(**options)

  def test_missing_pydensecrf_is_told_at_once_with_the_remedies(self):
    missing = {"pydensecrf": None, "pydensecrf.densecrf": None}
    with mock.patch.dict(sys.modules, missing):
      with self.assertRaisesRegex(ImportError, r"\[crf\].*--crf=window"):
        crf.Refinement(kind="dense")
