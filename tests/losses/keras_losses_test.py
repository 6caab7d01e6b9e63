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

import json
import pathlib
import pickle
import tempfile

from absl.testing import absltest
from absl.testing import parameterized
import keras
import numpy as np
import tensorflow as tf
import tf_keras

from deeplab_ssl import losses
from tests.losses import inputs
from tests.losses import reference

LIBRARIES = {"keras": (keras, losses), "tf_keras": (tf_keras, losses.legacy)}
CLASSES = (
  "StructuralSimilarityLoss",
  "SoftmaxCrossEntropyLoss",
  "SigmoidCrossEntropyLoss",
  "SSIMLoss",
  "AffinityFieldLoss",
)
EACH_LIBRARY = parameterized.parameters(*LIBRARIES)
EACH_LOSS = parameterized.product(library=tuple(LIBRARIES), name=CLASSES)
# A region other than the default and a beta that drops about half.
SETTINGS = {"region_size": 5, "beta": 0.12}


def make(library, name="StructuralSimilarityLoss", **kwargs):
  if name == "StructuralSimilarityLoss":
    kwargs = {**SETTINGS, **kwargs}
  return getattr(LIBRARIES[library][1], name)(**kwargs)


def linear_model(library, classes=3, mask_value=None):
  """Logits that are a linear map of 4 features of each pixel."""
  layers = LIBRARIES[library][0].layers
  features = layers.Input([None, None, 4])
  x = features
  if mask_value is not None:
    x = layers.Masking(mask_value)(x)
  logits = layers.Dense(classes, name="head")(x)
  return LIBRARIES[library][0].Model(features, logits)


class KerasLossTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    # As many images as columns: a [batch] weight would broadcast along them.
    self.labels = inputs.blocks([5, 6, 5], 3)
    self.logits = inputs.noise(self.labels, 3)
    self.features = inputs.noise(self.labels, 4, scale=1.0, seed=7)
    self.expected = reference.structural_similarity(
      self.labels, self.logits, **SETTINGS
    )

  @EACH_LIBRARY
  def test_reductions(self, library):
    size = self.labels.size
    for reduction, expected in (
      ("sum_over_batch_size", self.expected.total),
      ("sum", self.expected.total * size),
      ("none", self.expected.pixels * size),
      (None, self.expected.pixels * size),
    ):
      loss = make(library, reduction=reduction)
      inputs.assert_close(loss(self.labels, self.logits), expected)

  @EACH_LOSS
  def test_other_reductions_are_refused(self, library, name):
    for reduction in ("auto", "mean", "mean_with_sample_weight"):
      with self.assertRaisesRegex(
        ValueError, f"plain mean is the loss.*Received: .*'{reduction}'"
      ):
        make(library, name, reduction=reduction)

  @EACH_LOSS
  def test_equals_the_function(self, library, name):
    value = make(library, name)(self.labels, self.logits)
    pair = self.labels, np.float64(self.logits)
    expected = {
      "StructuralSimilarityLoss": lambda: self.expected.total,
      "SoftmaxCrossEntropyLoss": lambda: reference.softmax_cross_entropy(*pair)[
        0
      ],
      "SigmoidCrossEntropyLoss": lambda: self.expected.cross_entropy,
      "SSIMLoss": lambda: reference.ssim(*pair).sum(),
      "AffinityFieldLoss": lambda: reference.affinity(*pair).sum(),
    }[name]()
    self.assertEqual(value.dtype, tf.float32)
    inputs.assert_close(value, expected)

  @parameterized.product(
    library=tuple(LIBRARIES),
    shape=([5], [5, 1], [5, 1, 1], [5, 1, 1, 1], [5, 6, 5], [5, 6, 5, 1]),
  )
  def test_sample_weight(self, library, shape):
    weight = np.float32(np.random.default_rng(3).random(shape))
    pixels = weight.reshape([5, 1, 1] if len(shape) < 3 else shape[:3])
    expected = (self.expected.pixels * pixels).sum()
    loss = make(library)
    inputs.assert_close(loss(self.labels, self.logits, weight), expected)
    with tf.GradientTape() as tape:
      logits = tf.Variable(self.logits)
      value = loss(self.labels, logits, sample_weight=weight)
    inputs.assert_close(
      tape.gradient(value, logits),
      self.expected.gradient * pixels[..., None],
    )

  @EACH_LIBRARY
  def test_other_sample_weights_are_refused(self, library):
    for shape in ([], [5, 6], [5, 6, 1], [5, 6, 5, 3], [1, 6, 5]):
      with self.assertRaisesRegex(ValueError, r"one weight per image, \[batch"):
        make(library)(self.labels, self.logits, np.ones(shape))

  @parameterized.product(
    library=tuple(LIBRARIES),
    name=CLASSES,
    classes=(1, 3),
    layout=("sparse", "one-hot", "none"),
  )
  def test_keras_mask_acts_like_ignored_pixels(
    self, library, name, classes, layout
  ):
    labels = np.minimum(self.labels, classes - 1) % 255
    mask = self.labels != 255
    logits = self.logits[..., :classes]
    loss = make(library, name, ignore_class=None if layout == "none" else 255)
    expected = make(library, name)(np.where(mask, labels, 255), logits)
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

  @EACH_LIBRARY
  def test_mask_of_a_model_in_fit(self, library):
    self.features[:, :2] = -1.0
    labels = np.where(self.labels == 255, 0, self.labels)
    model = linear_model(library, mask_value=-1.0)
    loss = make(library, ignore_class=None)
    model.compile(optimizer="sgd", loss=loss)
    logits = model.predict(self.features, verbose=0)
    labels[:, :2] = 255
    expected = reference.structural_similarity(labels, logits, **SETTINGS)
    labels[:, :2] = 0
    history = model.fit(
      self.features, labels, batch_size=5, verbose=0, shuffle=False
    )
    inputs.assert_close(history.history["loss"][0], expected.total)

  @EACH_LOSS
  def test_all_void_is_zero(self, library, name):
    labels = np.full_like(self.labels, 255)
    logits = tf.Variable(self.logits)
    with tf.GradientTape() as tape:
      value = make(library, name)(labels, logits)
    self.assertEqual(value, 0)
    np.testing.assert_array_equal(
      tape.gradient(value, logits), np.zeros_like(self.logits)
    )
    masked = tf.constant(self.logits)
    masked._keras_mask = tf.zeros(self.labels.shape, tf.bool)
    self.assertEqual(make(library, name)(labels * 0, masked), 0)

  @parameterized.product(
    library=tuple(LIBRARIES),
    labels=("uint8", "float32", "one-hot"),
    weighted=(False, True),
  )
  def test_fit_takes_the_step_of_the_scalar(self, library, labels, weighted):
    model = linear_model(library)
    optimizer = LIBRARIES[library][0].optimizers.SGD(0.5)
    model.compile(optimizer=optimizer, loss=make(library))
    kernel, bias = (w.copy() for w in model.get_weights())
    logits = np.float32(self.features @ kernel + bias)
    expected = reference.structural_similarity(self.labels, logits, **SETTINGS)
    if labels == "one-hot":
      y_true = np.eye(3)[np.where(self.labels == 255, 0, self.labels)]
      y_true *= (self.labels != 255)[..., None]
    else:
      y_true = self.labels.astype(labels)
    weight = np.arange(1.0, 6.0)
    history = model.fit(
      self.features,
      y_true,
      sample_weight=weight if weighted else None,
      batch_size=5,
      shuffle=False,
      verbose=0,
    )
    weight = weight[:, None, None] if weighted else np.ones([5, 1, 1])
    total = (expected.pixels * weight).sum()
    slope = np.einsum(
      "bhwi,bhwc,b->ic", self.features, expected.gradient, weight[:, 0, 0]
    )
    inputs.assert_close(history.history["loss"][0], total)
    step = (kernel - model.get_weights()[0]) / 0.5
    # The step is the difference of two float32 weights.
    inputs.assert_close(step, slope, 1e-5 + 4e-7 / np.abs(slope).max())
    evaluated = model.evaluate(self.features, y_true, batch_size=5, verbose=0)
    logits = model.predict(self.features, verbose=0)
    expected = reference.structural_similarity(self.labels, logits, **SETTINGS)
    inputs.assert_close(evaluated, expected.total)

  @EACH_LIBRARY
  def test_fit_compiled_by_xla(self, library):
    results = []
    for jit in (False, True):
      model = linear_model(library)
      model.set_weights([np.eye(4, 3), np.zeros(3)])
      model.compile(
        optimizer=LIBRARIES[library][0].optimizers.SGD(1.0),
        loss=make(library),
        jit_compile=jit,
      )
      model.fit(self.features, self.labels, batch_size=5, verbose=0)
      results.append(model.get_weights()[0])
    inputs.assert_close(results[1], results[0], 1e-6)

  @parameterized.product(
    library=tuple(LIBRARIES), dtype=(None, "float16", "bfloat16", "float64")
  )
  def test_dtype_is_that_of_the_result_alone(self, library, dtype):
    # 257 is not a bfloat16 and 1e5 no float16.
    labels = np.full([1, 3, 3], 257)
    logits = np.zeros([1, 3, 3, 258], np.float32)
    logits[..., 0] = -1e5
    loss = make(library, "SoftmaxCrossEntropyLoss", dtype=dtype)
    value = loss(labels, logits)
    self.assertEqual(value.dtype, dtype or "float32")
    np.testing.assert_allclose(
      tf.cast(value, tf.float32), np.log(257), rtol=5e-3
    )

  @EACH_LIBRARY
  def test_half_precision_logits(self, library):
    for dtype in (tf.float16, tf.bfloat16):
      logits = tf.cast(self.logits, dtype)
      value = make(library)(self.labels, logits)
      expected = reference.structural_similarity(
        self.labels, tf.cast(logits, tf.float32).numpy(), **SETTINGS
      )
      self.assertEqual(value.dtype, tf.float32)
      inputs.assert_close(value, expected.total)


class ConfigTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    self.labels = inputs.blocks([2, 6, 5], 3)
    self.logits = inputs.noise(self.labels, 3)
    self.features = inputs.noise(self.labels, 4, scale=1.0, seed=7)

  def custom(self, library, name):
    kwargs = {
      "ignore_class": 2,
      "from_logits": False,
      "reduction": "sum",
      "name": "mine",
      "dtype": "float64",
    }
    if name == "StructuralSimilarityLoss":
      kwargs.update(
        region_size=7,
        sigma=2.0,
        beta=0.2,
        ce_weight=0.3,
        stability=0.05,
        stability_form="variance",
        ohem=False,
        reweight=False,
      )
    if name == "SSIMLoss":
      kwargs |= {
        "form": "contrast_structure",
        "region_size": 5,
        "sigma": 0.9,
        "ce_weight": 0.2,
      }
    if name == "AffinityFieldLoss":
      kwargs |= {
        "kernel_sizes": [3, 7],
        "margin": 2.0,
        "edge_weight": 0.5,
        "same_weight": 0.25,
        "ce_weight": 0.75,
      }
    return getattr(LIBRARIES[library][1], name)(**kwargs), kwargs

  @EACH_LOSS
  def test_config_holds_every_argument(self, library, name):
    loss, kwargs = self.custom(library, name)
    config = loss.get_config()
    self.assertEqual(config, kwargs)
    self.assertEqual(json.loads(json.dumps(config)), kwargs)
    again = type(loss).from_config(config)
    self.assertEqual(again.get_config(), config)
    # And every default can be rebuilt, too.
    default = make(library, name)
    self.assertEqual(
      type(loss).from_config(default.get_config()).get_config(),
      default.get_config(),
    )

  @EACH_LOSS
  def test_pickle_and_keras_serialization(self, library, name):
    loss, kwargs = self.custom(library, name)
    keras_losses = LIBRARIES[library][0].losses
    for again in (
      pickle.loads(pickle.dumps(loss)),
      keras_losses.deserialize(keras_losses.serialize(loss)),
    ):
      self.assertIs(type(again), type(loss))
      self.assertEqual(again.get_config(), kwargs)

  @EACH_LOSS
  def test_save_and_load_with_the_loss_compiled_in(self, library, name):
    # Keras 3 exports SavedModels without a loss.
    forms = ["model.keras"] + ["saved_model"] * (library == "tf_keras")
    model = linear_model(library)
    model.compile(optimizer="sgd", loss=make(library, name, dtype="float64"))
    model.fit(self.features, self.labels, verbose=0)
    loaded = []
    with tempfile.TemporaryDirectory() as folder:
      for form in forms:
        path = str(pathlib.Path(folder) / form)
        model.save(path)
        loaded.append(LIBRARIES[library][0].models.load_model(path))
    data = (self.features, self.labels)
    value = model.evaluate(*data, verbose=0)
    model.fit(*data, verbose=0)
    for again in loaded:
      self.assertIsInstance(again.loss, getattr(LIBRARIES[library][1], name))
      self.assertEqual(again.loss.get_config(), model.loss.get_config())
      self.assertEqual(again.evaluate(*data, verbose=0), value)
      again.fit(*data, verbose=0)
      inputs.assert_close(again.get_weights()[0], model.get_weights()[0], 1e-6)

  def test_positional_arguments_are_those_of_the_documentation(self):
    loss = losses.StructuralSimilarityLoss(5, 2.0, 0.2)
    self.assertEqual(
      loss.settings, losses.Settings(region_size=5, sigma=2.0, beta=0.2)
    )
    self.assertEqual(losses.SigmoidCrossEntropyLoss(7).ignore_class, 7)
    loss = losses.StructuralSimilarityLoss()
    self.assertEqual(loss.settings, losses.Settings())


if __name__ == "__main__":
  absltest.main()
