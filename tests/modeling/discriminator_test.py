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
import tensorflow as tf

from deeplab_ssl import modeling

_CLASSES = 3


def _inputs(size, batch=2, seed=0):
  rng = np.random.RandomState(seed)
  images = rng.uniform(0, 255, [batch, size, size, 3])
  maps = rng.dirichlet(np.ones(_CLASSES), [batch, size, size])
  return tf.constant(images, tf.float32), tf.constant(maps, tf.float32)


class DiscriminatorTest(tf.test.TestCase, parameterized.TestCase):
  @parameterized.product(
    kind=["base", "large_fov"],
    encoding=["basic", "product", "scaling"],
    size=[1, 13, 24],
  )
  def test_one_logit_per_image_of_any_size(self, kind, encoding, size):
    model = modeling.build_discriminator(kind, _CLASSES, encoding)
    logits = model(_inputs(size))
    self.assertEqual(logits.shape, [2])
    self.assertAllEqual(np.isfinite(logits), [True, True])

  @parameterized.parameters(("base", 18), ("large_fov", 34))
  def test_field_of_view_of_a_vote(self, kind, expected):
    model = modeling.build_discriminator(kind, _CLASSES)
    # Positive weights let no ReLU or maximum hide a position.
    for variable in model.trainable_variables:
      variable.assign(tf.abs(variable))
    images, maps = _inputs(64, batch=1)
    seen = np.zeros([64, 64], bool)
    for seed in range(4):  # A maximum passes on but one of four positions.
      images, maps = _inputs(64, batch=1, seed=seed)
      seen |= self._seen_by_one_vote(model, images, maps)
    rows, columns = np.nonzero(seen)
    self.assertEqual(np.ptp(rows) + 1, expected)
    self.assertEqual(np.ptp(columns) + 1, expected)

  def _seen_by_one_vote(self, model, images, maps):
    with tf.GradientTape() as tape:
      tape.watch(maps)
      vote = model.votes(images, maps)[0, 8, 8]
    return np.any(tape.gradient(vote, maps)[0], axis=-1)

  @parameterized.parameters(
    ("base", "basic", _CLASSES), ("large_fov", "product", 3 * _CLASSES)
  )
  def test_channels_are_those_of_the_encoding(self, kind, encoding, channels):
    model = modeling.build_discriminator(kind, _CLASSES, encoding)
    shapes = [v.shape.as_list() for v in model.trainable_variables]
    self.assertEqual(shapes[0], [3, 3, channels, 96])
    self.assertEqual(shapes[-1], [1])

  def test_product_is_every_map_in_every_colour(self):
    images, maps = _inputs(13)
    product = modeling.build_discriminator("base", _CLASSES, "product")
    plain = modeling.build_discriminator("base", 3 * _CLASSES, "basic")
    plain.set_weights(product.get_weights())
    colours = images.numpy() / 255
    products = [
      colours[..., c] * maps.numpy()[..., k]
      for c in range(3)
      for k in range(_CLASSES)
    ]
    self.assertAllClose(
      product((images, maps)),
      plain((images, np.stack(products, -1).astype(np.float32))),
      rtol=1e-5,
    )

  @parameterized.parameters("basic", "scaling")
  def test_without_product_the_image_does_not_matter(self, encoding):
    model = modeling.build_discriminator("base", _CLASSES, encoding)
    images, maps = _inputs(13)
    self.assertAllEqual(model((images, maps)), model((images + 9.0, maps)))

  @parameterized.parameters(
    ({"kind": "medium"}, "kind='medium'"),
    ({"encoding": "sum"}, "encoding='sum'"),
  )
  def test_unknown_arguments_are_refused(self, arguments, message):
    with self.assertRaisesRegex(ValueError, message):
      modeling.build_discriminator(**arguments)
