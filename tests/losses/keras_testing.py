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

"""The Keras losses by library, and the tests of those of one library."""

import pathlib
import pickle
import tempfile

from absl.testing import parameterized
import keras
import numpy as np
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
# Settings of each class of which none is the default.
_OTHER_SETTINGS = {
  "StructuralSimilarityLoss": {
    "region_size": 7,
    "sigma": 2.0,
    "beta": 0.2,
    "ce_weight": 0.3,
    "stability": 0.05,
    "stability_form": "variance",
    "ohem": False,
    "reweight": False,
  },
  "SSIMLoss": {
    "form": "contrast_structure",
    "region_size": 5,
    "sigma": 0.9,
    "ce_weight": 0.2,
  },
  "AffinityFieldLoss": {
    "kernel_sizes": [3, 7],
    "margin": 2.0,
    "edge_weight": 0.5,
    "same_weight": 0.25,
    "ce_weight": 0.75,
  },
}


def make(library, name="StructuralSimilarityLoss", **kwargs):
  """Makes a loss; that of the paper has `SETTINGS`."""
  if name == "StructuralSimilarityLoss":
    kwargs = {**SETTINGS, **kwargs}
  return getattr(LIBRARIES[library][1], name)(**kwargs)


def custom(library, name):
  """Makes a loss without any default; returns it and its arguments."""
  kwargs = {
    "ignore_class": 2,
    "from_logits": False,
    "reduction": "sum",
    "name": "mine",
    "dtype": "float64",
    "data_format": "channels_first",
    **_OTHER_SETTINGS.get(name, {}),
  }
  return getattr(LIBRARIES[library][1], name)(**kwargs), kwargs


def linear_model(library, size=(None, None), mask_value=None):
  """Logits of 3 classes, a linear map of 4 features of each pixel.

  Images of known size are traced several times faster.
  """
  layers = LIBRARIES[library][0].layers
  features = layers.Input([*size, 4])
  x = features
  if mask_value is not None:
    x = layers.Masking(mask_value)(x)
  logits = layers.Dense(3, name="head")(x)
  return LIBRARIES[library][0].Model(features, logits)


class LibraryTest(parameterized.TestCase):
  """What a loss does in the models of one library, which a subclass names."""

  library: str

  def setUp(self):
    super().setUp()
    self.labels = inputs.blocks([5, 6, 5], 3)
    self.features = inputs.noise(self.labels, 4, scale=1.0, seed=7)

  @classmethod
  def compiled_model(cls, layout):
    """One model for all fits to labels of one layout, with new weights."""
    models = cls.__dict__.get("_models")
    if models is None:
      models = cls._models = {}
    if layout not in models:
      models[layout] = linear_model(cls.library, (6, 5))
      models[layout].compile(
        optimizer=LIBRARIES[cls.library][0].optimizers.SGD(0.5),
        loss=make(cls.library),
      )
    kernel = np.random.default_rng(3).normal(size=[4, 3])
    models[layout].set_weights([kernel, np.zeros(3)])
    return models[layout]

  @parameterized.product(
    labels=("uint8", "float32", "one-hot"), weighted=(False, True)
  )
  def test_fit_takes_the_step_of_the_scalar(self, labels, weighted):
    model = self.compiled_model("one-hot" if labels == "one-hot" else "sparse")
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

  def test_fit_compiled_by_xla(self):
    results = []
    for jit in (False, True):
      model = linear_model(self.library, (6, 5))
      model.set_weights([np.eye(4, 3), np.zeros(3)])
      model.compile(
        optimizer=LIBRARIES[self.library][0].optimizers.SGD(1.0),
        loss=make(self.library),
        jit_compile=jit,
      )
      model.fit(self.features, self.labels, batch_size=5, verbose=0)
      results.append(model.get_weights()[0])
    inputs.assert_close(results[1], results[0], 1e-6)

  def test_mask_of_a_model_in_fit(self):
    self.features[:, :2] = -1.0
    labels = np.where(self.labels == 255, 0, self.labels)
    # The one of these models that takes images of any size.
    model = linear_model(self.library, mask_value=-1.0)
    loss = make(self.library, ignore_class=None)
    model.compile(optimizer="sgd", loss=loss)
    logits = model.predict(self.features, verbose=0)
    labels[:, :2] = 255
    expected = reference.structural_similarity(labels, logits, **SETTINGS)
    labels[:, :2] = 0
    history = model.fit(
      self.features, labels, batch_size=5, verbose=0, shuffle=False
    )
    inputs.assert_close(history.history["loss"][0], expected.total)

  @parameterized.parameters(*CLASSES)
  def test_pickle_and_keras_serialization(self, name):
    loss, kwargs = custom(self.library, name)
    keras_losses = LIBRARIES[self.library][0].losses
    for again in (
      pickle.loads(pickle.dumps(loss)),
      keras_losses.deserialize(keras_losses.serialize(loss)),
    ):
      self.assertIs(type(again), type(loss))
      self.assertEqual(again.get_config(), kwargs)

  @parameterized.parameters(*CLASSES)
  def test_save_and_load_with_the_loss_compiled_in(self, name):
    # Keras 3 exports SavedModels without a loss.
    forms = ["model.keras"] + ["saved_model"] * (self.library == "tf_keras")
    model = linear_model(self.library, (6, 5))
    loss = make(self.library, name, dtype="float64")
    model.compile(optimizer="sgd", loss=loss)
    data = (self.features[:2], self.labels[:2])
    model.fit(*data, verbose=0)
    loaded = []
    with tempfile.TemporaryDirectory() as folder:
      for form in forms:
        path = str(pathlib.Path(folder) / form)
        model.save(path)
        loaded.append(LIBRARIES[self.library][0].models.load_model(path))
    history = model.fit(*data, shuffle=False, verbose=0).history
    for again in loaded:
      self.assertIsInstance(again.loss, type(loss))
      self.assertEqual(again.loss.get_config(), model.loss.get_config())
      # The loss that it shows is that before the step.
      self.assertEqual(
        again.fit(*data, shuffle=False, verbose=0).history, history
      )
      inputs.assert_close(again.get_weights()[0], model.get_weights()[0], 1e-6)
