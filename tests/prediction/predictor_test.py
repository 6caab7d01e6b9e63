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

import math

from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl.prediction import predictor as predictor_lib
from tests import models


class InferenceTest(tf.test.TestCase, parameterized.TestCase):
  @parameterized.parameters((5, 9), (6, 7), (1, 1), (8, 13))
  def test_logits_have_the_size_of_any_image(self, height, width):
    image = np.random.RandomState(0).randint(0, 256, [2, height, width, 3])
    logits = predictor_lib.predict_logits(models.Blocks(), image)
    self.assertAllEqual(logits.shape, [2, height, width, 3])
    self.assertAllClose(logits[:, ::4, ::4], image[:, ::4, ::4] / 25.5)

  @parameterized.parameters((5, 5), (6, 9), (9, 9), (1, 1))
  def test_padding_reaches_the_next_multiple_plus_one(self, size, padded):
    image = tf.zeros([1, size, size, 3])
    result = predictor_lib.pad_for(models.Blocks(4), image)
    self.assertAllEqual(result.shape, [1, padded, padded, 3])
    self.assertAllEqual(result[:, :size, :size], image)
    if padded > size:
      self.assertAllEqual(
        result[:, size:], 127.5 * np.ones_like(result[:, size:])
      )

  def test_padding_has_the_colour_of_the_model(self):
    image = tf.random.uniform([2, 3, 5, 3], 0, 255, seed=0)
    model = models.Blocks(4)
    for colour in (12.5, (123.15, 115.9, 103.06)):
      model.padding = colour
      result = predictor_lib.pad_for(model, image)
      self.assertAllEqual(result[:, :3], image)
      self.assertAllEqual(
        result[:, 3:],
        np.broadcast_to(np.float32(colour), result[:, 3:].shape),
      )

  def test_small_images_are_padded_to_what_the_model_needs(self):
    model = models.Blocks(4)
    model.least_size = 20, 7
    for size, expected in (((3, 3), (21, 9)), ((22, 9), (25, 9))):
      padded = predictor_lib.pad_for(model, tf.zeros([1, *size, 3]))
      self.assertEqual(tuple(padded.shape[1:3]), expected)

  @parameterized.parameters((9, 13), (8, 10), (1, 6))
  def test_the_nearest_logits_are_taken_with_aligned_corners(self, *size):
    image = np.random.RandomState(1).randint(0, 256, [2, *size, 3])
    model = models.Blocks()
    coarse = model(tf.cast(image, tf.float32), training=False).numpy()
    rows, columns = (
      [int(i * (old - 1) / max(new - 1, 1) + 0.5) for i in range(new)]
      for old, new in zip(coarse.shape[1:3], size, strict=True)
    )
    logits = predictor_lib.Nearest()(model, image)
    self.assertAllEqual(logits, coarse[:, rows][:, :, columns])
    predictor = predictor_lib.Predictor(logits=predictor_lib.Nearest())
    self.assertAllEqual(
      predictor.compiled(model)(tf.cast(image, tf.float32)),
      coarse.argmax(-1)[:, rows][:, :, columns],
    )
    self.assertEqual(str(predictor), "nearest logits")

  @parameterized.parameters(4, 8, 16, 32)
  def test_sides_of_every_residue_are_padded_in_a_graph(self, stride):
    padded = tf.function(
      lambda images: predictor_lib.pad_for(models.Blocks(stride), images),
      input_signature=[tf.TensorSpec([None, None, None, 3])],
    )
    for side in range(1, 2 * stride + 2):
      expected = math.ceil((side - 1) / stride) * stride + 1
      other = 2 * stride + 2 - side
      result = padded(tf.zeros([1, side, other, 3]))
      self.assertEqual(result.shape[1], expected)
      self.assertEqual(
        result.shape[2], math.ceil((other - 1) / stride) * stride + 1
      )
