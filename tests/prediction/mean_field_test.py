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

"""Tests of the sampled mean field."""

import dataclasses

from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl.prediction import crf
from deeplab_ssl.prediction import mean_field
from tests.prediction import mean_field_reference as reference

_COVERED = reference.COVERED


class WindowTest(tf.test.TestCase, parameterized.TestCase):
  @parameterized.parameters(
    # Not all samples are seen; sizes are no multiples of anything.
    (17, 23, {"spacing": 2, "reach": 1}, 3),
    (13, 9, {"spacing": 1, "reach": 2}, 2),
    (14, 15, {"spacing": 3, "reach": 9}, 1),
    # Every remainder of a side by that of a tile, 4 * spacing.
    *(
      (side, 20 - side, {"spacing": 2, "reach": 1}, 1) for side in range(8, 16)
    ),
    # One sample in all.
    (3, 4, {"spacing": 10, "reach": 12}, 2),
  )
  def test_equals_a_slow_mean_field(self, height, width, window, steps):
    images, log_p = reference.inputs(height, width)
    settings = mean_field.Settings(steps=steps, bilateral_xy=6.0, **window)
    self.assertAllClose(
      mean_field.window(images, log_p, settings=settings)[0],
      reference.slow_mean_field(images[0], log_p[0], settings, sampled=True),
      rtol=0,
      atol=2e-5,
    )

  def test_samples_approximate_the_fully_connected_crf(self):
    images, noise = reference.inputs(20, 24)
    sides = tf.one_hot(np.arange(24) // 12, reference.CLASSES)
    log_p = crf.log_probabilities(noise + sides)
    settings = dataclasses.replace(_COVERED, steps=3, bilateral_xy=12.0)
    refined = mean_field.window(images, log_p, settings=settings)[0]
    full = reference.slow_mean_field(
      images[0], log_p[0], settings, sampled=False
    )
    agreement = np.mean(np.argmax(refined, -1) == np.argmax(full, -1))
    changed = np.mean(np.argmax(log_p[0], -1) != np.argmax(full, -1))
    self.assertGreater(changed, 0.2)
    self.assertGreater(agreement, 0.95)

  def test_without_steps_or_weights_it_returns_the_input(self):
    images, log_p = reference.inputs(9, 12)
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
    images, _ = reference.inputs(10, 12)
    log_p = tf.zeros([1, 10, 12, reference.CLASSES])
    refined = mean_field.window(images, log_p, settings=_COVERED)
    self.assertAllClose(refined, np.full(refined.shape, 1 / reference.CLASSES))

  def test_a_flat_image_keeps_a_constant_prediction(self):
    images = tf.fill([1, 11, 8, 3], 90.0)
    log_p = tf.tile(tf.math.log([[[[0.5, 0.2, 0.3]]]]), [1, 11, 8, 1])
    refined = mean_field.window(images, log_p, settings=_COVERED)
    self.assertAllEqual(tf.argmax(refined, -1), np.zeros([1, 11, 8]))

  def test_an_outlier_takes_the_class_of_its_colour(self):
    images, _ = reference.inputs(12, 12)
    log_p = np.full([1, 12, 12, 2], np.log(0.1), np.float32)
    log_p[:, :, :6, 0] = log_p[:, :, 6:, 1] = np.log(0.9)
    log_p[0, 5, 3] = log_p[0, 5, 3, ::-1]
    refined = mean_field.window(images, log_p, settings=_COVERED)
    expected = np.arange(12) >= 6
    self.assertAllEqual(
      tf.argmax(refined, -1)[0], np.tile(expected, [12, 1]).astype(int)
    )

  def test_commutes_with_a_permutation_of_the_classes(self):
    images, log_p = reference.inputs(9, 12)
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
    images, log_p = reference.inputs(9, 15)
    self.assertAllClose(
      mean_field.window(
        np.flip(images, axis), tf.reverse(log_p, [axis]), settings=_COVERED
      ),
      tf.reverse(mean_field.window(images, log_p, settings=_COVERED), [axis]),
      atol=1e-5,
    )

  def test_images_of_a_batch_do_not_see_each_other(self):
    images, log_p = reference.inputs(15, 10, batch=2)
    settings = dataclasses.replace(_COVERED, reach=1)
    both = mean_field.window(images, log_p, settings=settings)
    for i in range(2):
      one = mean_field.window(
        images[i : i + 1], log_p[i : i + 1], settings=settings
      )
      self.assertAllClose(both[i], one[0])

  def test_steps_continue_each_other(self):
    # A second step from the beliefs of the first, not from the unary.
    images, log_p = reference.inputs(9, 9)
    one, two = (
      mean_field.window(
        images, log_p, settings=dataclasses.replace(_COVERED, steps=n)
      )
      for n in (1, 2)
    )
    self.assertNotAllClose(one, two)
    k = reference.kernels(images[0].astype(np.float64), _COVERED, sampled=True)
    beliefs = np.reshape(one, [-1, reference.CLASSES])
    message = 3.0 * k[0] @ beliefs + 10.0 * k[1] @ beliefs
    expected = reference.softmax(
      np.reshape(log_p, [-1, reference.CLASSES]) + message
    )
    self.assertAllClose(
      np.reshape(two, [-1, reference.CLASSES]), expected, atol=1e-5
    )

  def test_colours_far_from_all_samples_stay_finite(self):
    images, log_p = reference.inputs(12, 12)
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
