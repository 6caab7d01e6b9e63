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


from absl.testing import parameterized
import numpy as np
import scipy.special
import tensorflow as tf

from deeplab_ssl.prediction import export_folder
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import views
from tests import models


def _image(height, width, seed=0):
  random = np.random.RandomState(seed)
  return random.randint(0, 256, [1, height, width, 3]).astype(np.float32)


def _resize(values, size):
  """Bilinear with aligned corners, float64, one axis after the other."""
  for axis, new in zip((1, 2), size, strict=True):
    old = values.shape[axis]
    at = np.arange(new) * (old - 1) / max(new - 1, 1)
    low = np.minimum(at.astype(int), max(old - 2, 0))
    high = np.minimum(low + 1, old - 1)
    share = (at - low).reshape([-1 if i == axis else 1 for i in range(4)])
    values = (1 - share) * values.take(low, axis) + share * values.take(
      high, axis
    )
  return values


def _reference(image, scales, flips, function, padding=True):
  """The mean probabilities as the original computes them, in float64."""
  height, width = image.shape[1:3]
  below, right = ((1 - side) % 4 if padding else 0 for side in (height, width))
  padded = np.pad(
    image.astype(np.float64),
    [[0, 0], [0, below], [0, right], [0, 0]],
    constant_values=127.5,
  )
  size = padded.shape[1:3]
  total = []
  for scale in scales:
    for flip in flips:
      view = padded[:, :, ::-1] if flip else padded
      view = _resize(view, [int((s - 1) * scale + 1) for s in size])
      logits = models.Blocks()(view, training=False)
      between = [int((s - 1) * max(scale, 1) / 4 + 1) for s in size]
      logits = _resize(logits, between)
      logits = logits[:, :, ::-1] if flip else logits
      total.append(function(_resize(logits, size)))
  return np.mean(total, 0)[:, :height, :width]


class ViewsTest(tf.test.TestCase, parameterized.TestCase):
  @parameterized.parameters([(1.0,)], [(0.5, 1.0, 1.75)], [(0.75,)])
  def test_an_image_may_be_seen_at_its_own_size(self, scales):
    image = _image(10, 15)
    own = views.Views(scales, True, own_size=True)
    expected = _reference(
      image, scales, [False, True], lambda x: tf.nn.softmax(x).numpy(), False
    )
    found = tf.nn.softmax(own(models.Blocks(), image))
    self.assertAllClose(found, expected, rtol=1e-4, atol=1e-5)
    self.assertIn("own size", str(own))

  def test_the_model_is_told_the_scale_of_a_view(self):
    class Told(models.Blocks):
      scales = ()

      def __call__(self, images, training, scale=1.0):
        self.scales += (scale,)
        return super().__call__(images, training)

    model = Told()
    views.Views((0.5, 1.0, 1.25))(model, _image(9, 9))
    self.assertEqual(model.scales, (0.5, 1.0, 1.25))

  def test_tiles_have_no_own_size(self):
    with self.assertRaisesRegex(ValueError, "false with `tile_size`"):
      views.Views(tile_size=(33, 33), tile_overlap=8, own_size=True)

  @parameterized.product(
    scales=[(1.0,), (0.5, 1.0, 1.75), (0.75,)],
    flip=[False, True],
    activation=["softmax", "sigmoid"],
  )
  def test_probabilities_are_the_mean_of_the_originals(
    self, scales, flip, activation
  ):
    image = _image(30, 41)
    ours, function = {
      "softmax": (tf.nn.softmax, lambda x: scipy.special.softmax(x, -1)),
      "sigmoid": (tf.sigmoid, scipy.special.expit),
    }[activation]
    look = views.Views(scales, flip, activation=activation)
    flips = [False, True] if flip else [False]
    expected = _reference(image, scales, flips, function)
    graph = tf.function(lambda x: look(models.Blocks(), x))
    for function in (lambda x: look(models.Blocks(), x), graph):
      self.assertAllClose(ours(function(image)), expected, atol=2e-5)

  def test_one_view_is_the_plain_prediction(self):
    image = _image(9, 14)
    self.assertAllEqual(
      views.Views()(models.Blocks(), image),
      predictor_lib.predict_logits(models.Blocks(), image),
    )

  def test_certain_probabilities_stay_finite(self):
    image = np.full([1, 5, 5, 3], 255, np.float32) * [1, 0, 0]
    model = models.Blocks(gain=1e4)
    for activation in ("softmax", "sigmoid"):
      look = views.Views((1.0,), True, activation=activation)
      logits = look(model, image)
      self.assertAllEqual(tf.argmax(logits, -1), np.zeros([1, 5, 5]))
      self.assertTrue(np.isfinite(logits).all())

  @parameterized.parameters(
    ({"scales": ()}, r"positive numbers in \[0.01, 16\]. Received: \(\)"),
    ({"scales": (1.0, -0.5)}, "positive numbers in"),
    ({"scales": (float("nan"),)}, "positive numbers in"),
    ({"scales": (1e9,)}, "positive numbers in"),
    ({"tile_size": (100_000, 100_000)}, "at most 89478485 pixels"),
    ({"activation": "relu"}, "'relu'"),
    ({"tile_size": (64, 64), "tile_overlap": 64}, "overlap=64"),
    ({"tile_size": (64,)}, "height, width"),
  )
  def test_wrong_settings_are_refused(self, settings, message):
    with self.assertRaisesRegex(ValueError, message):
      views.Views(**settings)

  def test_a_predictor_tells_how_it_predicts(self):
    self.assertEqual(str(predictor_lib.Predictor()), "scale 1")
    look = views.Views((0.5, 1.0), True, (65, 33), 8)
    self.assertEqual(
      str(predictor_lib.Predictor(look)),
      "scales 0.5, 1, mirrored, tiles of 65 x 33",
    )

  @parameterized.parameters(*export_folder.Format)
  def test_all_but_tiles_in_tflite_can_be_exported(self, export_format):
    for look in (
      predictor_lib.Whole(),
      views.Views((0.5, 2.0), add_flipped_images=True),
      views.Views(tile_size=(65, 33), tile_overlap=8),
    ):
      predictor = predictor_lib.Predictor(look)
      if export_format.label == "a TFLite model" and "tiles" in str(look):
        with self.assertRaisesRegex(
          ValueError, "tiles of 65 x 33 cannot be .*TFLite.* without --tflite"
        ):
          predictor.check_exportable(export_format)
      else:
        predictor.check_exportable(export_format)

  def test_the_model_never_sees_more_than_a_tile(self):
    seen = []

    class Watched(models.Blocks):
      def __call__(self, images, training):
        seen.append(tuple(images.shape[1:3]))
        return super().__call__(images, training)

    look = views.Views((1.0, 2.0), True, (17, 33), 4)
    look(Watched(), _image(40, 70))
    self.assertEqual(set(seen), {(17, 33)})


if __name__ == "__main__":
  tf.test.main()
