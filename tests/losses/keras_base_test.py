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

import warnings

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from tests.losses import inputs
from tests.losses import keras_testing
from tests.losses import reference


class PixelLossTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    # As many images as columns: a [batch] weight would broadcast along them.
    self.labels = inputs.blocks([5, 6, 5], 3)
    self.logits = inputs.noise(self.labels, 3)
    self.expected = reference.structural_similarity(
      self.labels, self.logits, **keras_testing.SETTINGS
    )

  @keras_testing.EACH_LIBRARY
  def test_reductions(self, library):
    size = self.labels.size
    for reduction, expected in (
      ("sum_over_batch_size", self.expected.total),
      ("sum", self.expected.total * size),
      ("none", self.expected.pixels * size),
      (None, self.expected.pixels * size),
    ):
      loss = keras_testing.make(library, reduction=reduction)
      inputs.assert_close(loss(self.labels, self.logits), expected)

  @keras_testing.EACH_LOSS
  def test_other_reductions_are_refused(self, library, name):
    for reduction in ("auto", "mean", "mean_with_sample_weight"):
      with self.assertRaisesRegex(
        ValueError, f"plain mean is the loss.*Received: .*'{reduction}'"
      ):
        keras_testing.make(library, name, reduction=reduction)

  @parameterized.product(
    library=tuple(keras_testing.LIBRARIES),
    shape=([5], [5, 1], [5, 1, 1], [5, 1, 1, 1], [5, 6, 5], [5, 6, 5, 1]),
  )
  def test_sample_weight(self, library, shape):
    weight = np.float32(np.random.default_rng(3).random(shape))
    pixels = weight.reshape([5, 1, 1] if len(shape) < 3 else shape[:3])
    expected = (self.expected.pixels * pixels).sum()
    loss = keras_testing.make(library)
    inputs.assert_close(loss(self.labels, self.logits, weight), expected)
    with tf.GradientTape() as tape:
      logits = tf.Variable(self.logits)
      value = loss(self.labels, logits, sample_weight=weight)
    inputs.assert_close(
      tape.gradient(value, logits),
      self.expected.gradient * pixels[..., None],
    )

  @keras_testing.EACH_LIBRARY
  def test_other_sample_weights_are_refused(self, library):
    for shape in ([], [5, 6], [5, 6, 1], [5, 6, 5, 3], [1, 6, 5]):
      with self.assertRaisesRegex(ValueError, r"one weight per image, \[batch"):
        keras_testing.make(library)(self.labels, self.logits, np.ones(shape))

  @parameterized.product(
    library=tuple(keras_testing.LIBRARIES),
    name=keras_testing.CLASSES,
    classes=(1, 3),
    layout=("sparse", "one-hot", "none"),
  )
  def test_keras_mask_acts_like_ignored_pixels(
    self, library, name, classes, layout
  ):
    labels = np.minimum(self.labels, classes - 1) % 255
    mask = self.labels != 255
    logits = self.logits[..., :classes]
    loss = keras_testing.make(
      library, name, ignore_class=None if layout == "none" else 255
    )
    expected = keras_testing.make(library, name)(
      np.where(mask, labels, 255), logits
    )
    if layout == "one-hot" and classes > 1:
      labels = np.eye(classes)[labels]
    for shape in (mask.shape, [*mask.shape, 1]):
      masked = tf.constant(logits)
      masked._keras_mask = tf.reshape(mask, shape)
      inputs.assert_close(loss(labels, masked), expected.numpy(), 1e-6)
    masked._keras_mask = tf.constant(mask[:, 0])
    with self.assertRaisesRegex(ValueError, "mask must have one value per"):
      loss(labels, masked)
    if layout == "sparse":
      masked._keras_mask = tf.constant(mask)
      labels[1, 2, 3] = 9
      with self.assertRaisesRegex(tf.errors.InvalidArgumentError, "9 and 9"):
        loss(labels, masked)

  @keras_testing.EACH_LOSS
  def test_all_void_is_zero(self, library, name):
    labels = np.full_like(self.labels, 255)
    logits = tf.Variable(self.logits)
    with tf.GradientTape() as tape:
      value = keras_testing.make(library, name)(labels, logits)
    self.assertEqual(value, 0)
    np.testing.assert_array_equal(
      tape.gradient(value, logits), np.zeros_like(self.logits)
    )
    masked = tf.constant(self.logits)
    masked._keras_mask = tf.zeros(self.labels.shape, tf.bool)
    self.assertEqual(keras_testing.make(library, name)(labels * 0, masked), 0)

  @parameterized.product(
    library=tuple(keras_testing.LIBRARIES),
    dtype=(None, "float16", "bfloat16", "float64"),
  )
  def test_dtype_is_that_of_the_result_alone(self, library, dtype):
    # 257 is not a bfloat16 and 1e5 no float16.
    labels = np.full([1, 3, 3], 257)
    logits = np.zeros([1, 3, 3, 258], np.float32)
    logits[..., 0] = -1e5
    loss = keras_testing.make(library, "SoftmaxCrossEntropyLoss", dtype=dtype)
    value = loss(labels, logits)
    self.assertEqual(value.dtype, dtype or "float32")
    np.testing.assert_allclose(
      tf.cast(value, tf.float32), np.log(257), rtol=5e-3
    )

  @keras_testing.EACH_LIBRARY
  def test_half_precision_logits(self, library):
    for dtype in (tf.float16, tf.bfloat16):
      logits = tf.cast(self.logits, dtype)
      value = keras_testing.make(library)(self.labels, logits)
      expected = reference.structural_similarity(
        self.labels,
        tf.cast(logits, tf.float32).numpy(),
        **keras_testing.SETTINGS,
      )
      self.assertEqual(value.dtype, tf.float32)
      inputs.assert_close(value, expected.total)

  @parameterized.product(
    model=tuple(keras_testing.LIBRARIES),
    loss=tuple(keras_testing.LIBRARIES),
    eagerly=(False, True),
  )
  def test_a_model_takes_the_losses_of_its_own_keras(
    self, model, loss, eagerly
  ):
    library, _ = keras_testing.LIBRARIES[model]
    head = library.layers.Dense(3)
    image = library.layers.Input([6, 5, 3])
    network = library.Model(image, head(image))
    network.compile(
      "sgd", keras_testing.make(loss), run_eagerly=eagerly, jit_compile=False
    )
    head.set_weights([np.eye(3), np.zeros(3)])
    data = self.logits, self.labels
    weight = np.float32(np.random.default_rng(3).random(self.labels.shape))
    if model == loss:
      history = network.fit(
        *data, sample_weight=weight, batch_size=5, verbose=0
      )
      expected = (self.expected.pixels * weight).sum()
      inputs.assert_close(history.history["loss"][0], expected)
    else:
      with self.assertRaisesRegex(ValueError, "is of one Keras and the model"):
        network.fit(*data, sample_weight=weight, batch_size=5, verbose=0)

  @keras_testing.EACH_LOSS
  def test_a_loss_may_be_called_by_any_code(self, library, name):
    loss = keras_testing.make(library, name)
    eager = loss(self.labels, self.logits)
    graph = tf.function(lambda: loss(self.labels, self.logits))()
    inputs.assert_close(graph, eager.numpy())

  @keras_testing.EACH_LOSS
  def test_probabilities_instead_of_logits_are_warned_of_once(
    self, library, name
  ):
    for dtype in (tf.float32, tf.float16):
      loss = keras_testing.make(library, name)
      probabilities = tf.cast(tf.nn.softmax(self.logits), dtype)
      with self.assertWarnsRegex(UserWarning, "takes logits, but received"):
        loss(self.labels, probabilities)
      with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss(self.labels, probabilities)

  @keras_testing.EACH_LIBRARY
  def test_logits_and_wanted_probabilities_are_not_warned_of(self, library):
    softmax = tf.nn.softmax(self.logits)
    with warnings.catch_warnings():
      warnings.simplefilter("error")
      for predictions in (
        self.logits,
        np.zeros_like(self.logits),
        softmax * 2,
        tf.sigmoid(self.logits),
        tf.where(softmax > 0.9, -softmax, softmax),
      ):
        keras_testing.make(library)(self.labels, predictions)
      options = {"from_logits": False}
      keras_testing.make(library, **options)(self.labels, softmax)
      one_class = np.zeros_like(self.labels)
      ones = tf.ones([*self.labels.shape, 1])
      keras_testing.make(library)(one_class, ones)
      tf.function(keras_testing.make(library))(self.labels, softmax)


if __name__ == "__main__":
  absltest.main()
