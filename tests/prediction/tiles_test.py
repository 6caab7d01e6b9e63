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

"""Tests of logits that are computed tile by tile."""

import math

from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import tiles
from tests import models


def _image(height, width, seed=0):
  random = np.random.RandomState(seed)
  return random.randint(0, 256, [1, height, width, 3]).astype(np.float32)


class TilesTest(tf.test.TestCase, parameterized.TestCase):
  @parameterized.parameters(
    (30, 17, 8, [0, 9, 13]),
    (35, 17, 8, [0, 9, 18]),
    (17, 17, 8, [0]),
    (3, 17, 0, [0]),
    (34, 17, 0, [0, 17]),
  )
  def test_tiles_cover_a_side_and_end_with_it(
    self, side, tile, overlap, expected
  ):
    self.assertAllEqual(tiles.tile_offsets(side, tile, overlap), expected)

  @parameterized.parameters((17, 8), (9, 0), (5, 4))
  def test_sides_of_every_residue_are_covered(self, tile, overlap):
    for side in range(1, 3 * tile + 2):
      offsets = tiles.tile_offsets(tf.constant(side), tile, overlap).numpy()
      rest = max(side - tile, 0)
      self.assertLen(offsets, math.ceil(rest / (tile - overlap)) + 1)
      self.assertEqual((offsets[0], offsets[-1]), (0, rest))
      self.assertAllInRange(np.diff(offsets), 1, tile - overlap)

  @parameterized.parameters((30, 41), (8, 60), (12, 12), (17, 17))
  def test_a_local_model_is_the_same_in_tiles(self, height, width):
    # Sampled on every pixel, so that a tile has no border of its own.
    model = models.Blocks(stride=1)
    image = _image(height, width)
    plain = predictor_lib.predict_logits(model, image)
    tiled = tf.function(
      lambda x: tiles.tiled_logits(model, x, (17, 13), 4),
      input_signature=[tf.TensorSpec([None, None, None, 3])],
    )
    self.assertAllClose(tiled(image), plain, atol=1e-5)

  def test_overlapping_tiles_are_averaged(self):
    class Number:
      """Answers with the mean of what it sees."""

      size_step, num_classes = 1, 1
      least_size, padding = (1, 1), 127.5

      def __call__(self, images, training):
        del training
        mean = tf.reduce_mean(images, [1, 2, 3], keepdims=True)
        return mean * tf.ones_like(images[..., :1])

    image = np.zeros([1, 3, 6, 3], np.float32)
    image[:, :, 3:] = 12
    logits = tiles.tiled_logits(Number(), image, (3, 4), 2)
    self.assertAllClose(logits[0, 0, :, 0], [3, 3, 6, 6, 9, 9])

  @parameterized.parameters(
    ((17,), 4), ((17, 13), 13), ((17, 13), -1), ((17, 13, 1), 0)
  )
  def test_tiles_that_cannot_overlap_are_refused(self, tile_size, overlap):
    with self.assertRaisesRegex(ValueError, f"overlap={overlap}"):
      tiles.check_tiles(tile_size, overlap)
    with self.assertRaisesRegex(ValueError, f"overlap={overlap}"):
      tiles.tiled_logits(models.Blocks(), _image(9, 9), tile_size, overlap)


if __name__ == "__main__":
  tf.test.main()
