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

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl import losses
from tests.losses import inputs
from tests.losses import reference


def sigmoid_reference(labels, logits):
  found = reference.structural_similarity(
    labels, logits, region_size=1, ce_weight=1.0
  )
  return found.total, found.pixels, found.gradient


FUNCTIONS = {
  "softmax": (losses.softmax_cross_entropy, reference.softmax_cross_entropy),
  "sigmoid": (losses.sigmoid_cross_entropy, sigmoid_reference),
}
BOTH = parameterized.parameters("softmax", "sigmoid")


class CrossEntropyTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    self.labels = inputs.blocks([2, 5, 6], 4)
    self.logits = inputs.noise(self.labels, 4)

  def assert_equals_reference(self, name, labels, logits):
    function, oracle = FUNCTIONS[name]
    total, pixels, gradient = oracle(labels, logits)
    value, slope = inputs.value_and_gradient(function, labels, logits)
    inputs.assert_close(value.mean(dtype=np.float64), total)
    inputs.assert_close(value / value.size, pixels)
    inputs.assert_close(slope, gradient)

  @parameterized.product(
    name=("softmax", "sigmoid"),
    classes=(2, 21),
    logits=("noise", "fitted", "wrong"),
  )
  def test_value_and_gradient(self, name, classes, logits):
    labels = inputs.blocks([2, 5, 6], classes)
    logits = {
      "noise": inputs.noise(labels, classes),
      "fitted": inputs.fitted(labels, classes, 2.0, 0.5),
      "wrong": inputs.fitted(labels, classes, -20.0, 1.0),
    }[logits]
    self.assert_equals_reference(name, labels, logits)

  @BOTH
  def test_one_class(self, name):
    labels = inputs.blocks([1, 4, 5], 1)
    self.assert_equals_reference(name, labels, inputs.noise(labels, 1))

  def test_a_fitted_sample_keeps_its_gradient(self):
    # sigmoid(x) - 1 would be 0 in float32.
    labels = inputs.blocks([1, 4, 5], 3)
    logits = inputs.fitted(labels, 3, 20.0, 1.0)
    self.assert_equals_reference("sigmoid", labels, logits)

  @BOTH
  def test_extreme_logits(self, name):
    logits = np.sign(self.logits) * np.float32(1e4)
    logits += np.arange(4, dtype=np.float32)
    self.assert_equals_reference(name, self.labels, logits)

  @BOTH
  def test_label_layouts_agree(self, name):
    function, _ = FUNCTIONS[name]
    expected = inputs.value_and_gradient(function, self.labels, self.logits)
    rows = np.eye(4)[np.where(self.labels == 255, 0, self.labels)]
    rows[self.labels == 255] = 0
    for labels in (self.labels[..., None], np.float32(self.labels), rows):
      found = inputs.value_and_gradient(function, labels, self.logits)
      np.testing.assert_array_equal(found[0], expected[0])
      np.testing.assert_array_equal(found[1], expected[1])

  @BOTH
  def test_probabilities_agree_with_logits(self, name):
    function, _ = FUNCTIONS[name]
    probability = tf.nn.softmax if name == "softmax" else tf.sigmoid
    logits = self.logits / 3
    expected = inputs.value_and_gradient(function, self.labels, logits)
    found = inputs.value_and_gradient(
      lambda y, x: function(y, probability(x), from_logits=False),
      self.labels,
      logits,
    )
    inputs.assert_close(found[0], expected[0])
    inputs.assert_close(found[1], expected[1])

  @parameterized.product(
    name=("softmax", "sigmoid"),
    wild=(np.inf, np.nan, -1e30),
    from_logits=(True, False),
  )
  def test_predictions_at_ignored_pixels_do_not_matter(
    self, name, wild, from_logits
  ):
    function, _ = FUNCTIONS[name]
    tame = tf.nn.softmax(self.logits).numpy()
    void = self.labels == 255
    found = []
    for fill in (0.5, wild):
      predictions = np.where(void[..., None], np.float32(fill), tame)
      found.append(
        inputs.value_and_gradient(
          lambda y, x: function(y, x, from_logits=from_logits),
          self.labels,
          predictions,
        )
      )
    np.testing.assert_array_equal(found[1][0], found[0][0])
    np.testing.assert_array_equal(found[1][1], found[0][1])
    self.assertEqual(np.abs(found[1][1][void]).max(), 0)

  @parameterized.product(
    name=("softmax", "sigmoid"), dtype=(tf.float16, tf.bfloat16)
  )
  def test_half_precision_logits(self, name, dtype):
    function, _ = FUNCTIONS[name]
    logits = tf.cast(self.logits, dtype)
    value, gradient = inputs.value_and_gradient(function, self.labels, logits)
    expected, slope = inputs.value_and_gradient(
      function, self.labels, tf.cast(logits, tf.float32)
    )
    self.assertEqual(value.dtype, np.float32)
    np.testing.assert_array_equal(value, expected)
    np.testing.assert_array_equal(gradient, slope.astype(gradient.dtype))

  @BOTH
  def test_nothing_valid(self, name):
    value, gradient = inputs.value_and_gradient(
      FUNCTIONS[name][0], np.full([2, 5, 6], 255), self.logits
    )
    np.testing.assert_array_equal(value, np.zeros([2, 5, 6]))
    np.testing.assert_array_equal(gradient, np.zeros([2, 5, 6, 4]))

  @parameterized.product(name=("softmax", "sigmoid"), jit=(True, False))
  def test_graph_modes_and_illegal_labels(self, name, jit):
    function, _ = FUNCTIONS[name]

    @tf.function(
      jit_compile=jit,
      input_signature=[
        tf.TensorSpec([None, None, None], tf.int32),
        tf.TensorSpec([None, None, None, 4]),
      ],
    )
    def compiled(labels, logits):
      with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = function(labels, logits)
        mean = tf.reduce_mean(loss)
      return loss, tape.gradient(mean, logits)

    expected = inputs.value_and_gradient(function, self.labels, self.logits)
    for found, value in zip(
      compiled(self.labels, self.logits), expected, strict=True
    ):
      inputs.assert_close(found, value, 1e-6)
    self.labels[1, 2, 3] = -7
    with self.assertRaisesRegex(tf.errors.InvalidArgumentError, "-7"):
      function(self.labels, self.logits)
    if not jit:
      with self.assertRaisesRegex(tf.errors.InvalidArgumentError, "-7"):
        compiled(self.labels, self.logits)
      return
    value, gradient = compiled(self.labels, self.logits)
    np.testing.assert_array_equal(np.isnan(value), self.labels == -7)
    self.assertTrue(np.all(np.isfinite(gradient)))
    np.testing.assert_array_equal(gradient[1, 2, 3], np.zeros(4))

  @BOTH
  def test_shapes_that_do_not_fit_are_refused(self, name):
    function, _ = FUNCTIONS[name]
    with self.assertRaisesRegex(ValueError, "upsample the logits"):
      function(self.labels, self.logits[:, :4])
    with self.assertRaisesRegex(ValueError, "logits of 3 classes"):
      function(np.eye(4)[self.labels % 4], self.logits[..., :3])


if __name__ == "__main__":
  absltest.main()
