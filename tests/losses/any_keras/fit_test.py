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

"""The losses in models of Keras 3, on the backend that it is set to."""

import pickle

import keras
from keras import ops
import numpy as np
import pytest

from deeplab_ssl import losses
from tests.losses import backends
from tests.losses import inputs
from tests.losses import reference

_CLASSES = 3
_NAMES = (
  "StructuralSimilarityLoss",
  "SoftmaxCrossEntropyLoss",
  "SigmoidCrossEntropyLoss",
  "SSIMLoss",
  "AffinityFieldLoss",
)
# A region other than the default and a beta that drops about half.
_SETTINGS = {"region_size": 5, "beta": 0.12}
_LABELS = inputs.blocks([4, 6, 5], _CLASSES)
_FEATURES = inputs.noise(_LABELS, 4, scale=1.0, seed=7)
_KERNEL = np.float32(np.random.default_rng(3).normal(size=[4, _CLASSES]))


def _ssl(**kwargs):
  return losses.StructuralSimilarityLoss(**_SETTINGS | kwargs)


class Subclassed(keras.Model):
  def __init__(self):
    super().__init__()
    self.head = keras.layers.Dense(_CLASSES)

  def call(self, features):
    return self.head(features)


def _functional(**kwargs):
  features = keras.Input([6, 5, 4])
  logits = keras.layers.Dense(_CLASSES, **kwargs)(features)
  return keras.Model(features, logits)


def _compiled(model, loss, rate=0.5, **kwargs):
  model(_FEATURES[:1])  # Makes the weights of a subclass.
  model.set_weights([_KERNEL, np.zeros(_CLASSES)])
  model.compile(keras.optimizers.SGD(rate), loss=loss, **kwargs)
  return model


def _fit(model, labels, **kwargs):
  options = {"batch_size": 4, "shuffle": False, "verbose": 0}
  return model.fit(_FEATURES, labels, **options | kwargs).history


def _expected(weights=1.0):
  """The loss of one batch, and the gradient of the kernel."""
  found = reference.structural_similarity(
    _LABELS, _FEATURES @ _KERNEL, **_SETTINGS
  )
  weights = np.broadcast_to(weights, _LABELS.shape)
  slope = np.einsum("bhwi,bhwc,bhw->ic", _FEATURES, found.gradient, weights)
  return (found.pixels * weights).sum(), slope


def _assert_step(model, history, weights=1.0):
  total, slope = _expected(weights)
  inputs.assert_close(history["loss"][0], total)
  step = (_KERNEL - ops.convert_to_numpy(model.trainable_variables[0])) / 0.5
  # The step is the difference of two float32 weights.
  inputs.assert_close(step, slope, 1e-5 + 1e-6 / np.abs(slope).max())


@pytest.mark.parametrize("make", [_functional, Subclassed])
@pytest.mark.parametrize("layout", ["sparse", "one-hot", "channel"])
def test_fit_takes_the_step_of_the_scalar(make, layout):
  labels = {
    "sparse": _LABELS,
    "one-hot": backends.one_hot(_LABELS, _CLASSES),
    "channel": _LABELS[..., None].astype("uint8"),
  }[layout]
  model = _compiled(make(), _ssl())
  _assert_step(model, _fit(model, labels))


@pytest.mark.parametrize("shape", [[4], [4, 6, 5], [4, 6, 5, 1]])
def test_sample_weights_are_of_images_or_pixels(shape):
  weights = np.random.default_rng(0).uniform(0.5, 2, shape).astype("float32")
  model = _compiled(_functional(), _ssl())
  history = _fit(model, _LABELS, sample_weight=weights)
  per_pixel = weights.reshape([4, 1, 1] if shape == [4] else [4, 6, 5])
  _assert_step(model, history, per_pixel)


def test_weights_of_other_shapes_are_refused():
  with pytest.raises(ValueError, match="one weight per image"):
    _ssl()(
      _LABELS, _FEATURES @ _KERNEL, sample_weight=np.ones([5]).reshape(1, 5)
    )


@pytest.mark.parametrize("shape", [[3], [3, 1, 1], [3, 6, 5]])
def test_weights_of_more_images_than_there_are_are_refused(shape):
  logits = (_FEATURES @ _KERNEL)[:1]
  with pytest.raises(ValueError, match="one weight per image"):
    _ssl()(_LABELS[:1], logits, sample_weight=np.ones(shape))


def test_weights_of_channels_first_may_have_the_width_of_one():
  logits = np.moveaxis((_FEATURES @ _KERNEL)[:, :, :1], -1, 1)
  labels, weights = _LABELS[:, :, :1], np.ones([4, 1, 6, 1])
  loss = _ssl(data_format="channels_first")
  assert float(loss(labels, logits, sample_weight=weights)) == pytest.approx(
    float(loss(labels, logits)), rel=1e-6
  )


def test_logits_for_probabilities_are_warned_of():
  with pytest.warns(UserWarning, match="outside of .*from_logits=True"):
    _ssl(from_logits=False)(_LABELS, 10 * _FEATURES @ _KERNEL)


@pytest.mark.parametrize(
  ("options", "message"),
  [
    ({"ignore_class": "void"}, "`ignore_class` must be an integer"),
    ({"ignore_class": 255.0}, "`ignore_class`.*255.0"),
    ({"ignore_class": [0, 255]}, "`ignore_class`"),
    ({"from_logits": "no"}, "`from_logits` must be True or False"),
  ],
)
def test_arguments_that_are_none_are_refused(options, message):
  with pytest.raises(ValueError, match=message):
    _ssl(**options)


def test_a_head_of_one_channel_is_told_what_it_lacks():
  labels = np.where(_LABELS == 2, 1, _LABELS)
  with pytest.raises(backends.LABEL_ERRORS, match="needs two channels"):
    _ssl()(labels, (_FEATURES @ _KERNEL)[..., :1])


def test_outputs_have_losses_of_their_own():
  features = keras.Input([6, 5, 4])
  outputs = {
    name: keras.layers.Dense(_CLASSES, name=name)(features)
    for name in ("main", "side")
  }
  model = keras.Model(features, outputs)
  model.set_weights([_KERNEL, np.zeros(_CLASSES)] * 2)
  model.compile(
    keras.optimizers.SGD(0.5),
    loss={"main": _ssl(), "side": losses.SoftmaxCrossEntropyLoss()},
    loss_weights={"main": 1.0, "side": 0.4},
  )
  history = _fit(model, {"main": _LABELS, "side": _LABELS})
  side, _, _ = reference.softmax_cross_entropy(_LABELS, _FEATURES @ _KERNEL)
  inputs.assert_close(history["loss"][0], _expected()[0] + 0.4 * side)


def test_masked_pixels_are_ignored():
  features = _FEATURES.copy()
  features[:, :2] = -1.0
  inner = keras.Input([6, 5, 4])
  logits = keras.layers.Dense(_CLASSES)(keras.layers.Masking(-1.0)(inner))
  model = _compiled(keras.Model(inner, logits), _ssl(ignore_class=None))
  labels = np.where(_LABELS == inputs.VOID, 0, _LABELS)
  found = model.evaluate(features, labels, batch_size=4, verbose=0)
  void = labels.copy()
  void[:, :2] = inputs.VOID
  expected = reference.structural_similarity(
    void, features @ _KERNEL, **_SETTINGS
  )
  inputs.assert_close(found, expected.total)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_computes_the_loss_in_float32(policy):
  model = _compiled(_functional(dtype=policy), _ssl())
  logits = model.predict(_FEATURES, batch_size=4, verbose=0)
  history = _fit(model, _LABELS)
  expected = reference.structural_similarity(
    _LABELS, np.float32(logits), **_SETTINGS
  )
  inputs.assert_close(history["loss"][0], expected.total)
  assert np.isfinite(model.get_weights()[0]).all()


def test_channels_first_is_said_or_that_of_keras():
  logits = np.moveaxis(_FEATURES @ _KERNEL, -1, 1)
  said = _ssl(data_format="channels_first")
  before = keras.config.image_data_format()
  keras.config.set_image_data_format("channels_first")
  try:
    kept = _ssl()
  finally:
    keras.config.set_image_data_format(before)
  weights = np.arange(1.0, 5.0)
  for loss in (said, kept):
    assert loss.get_config()["data_format"] == "channels_first"
    found = loss(_LABELS, logits, sample_weight=weights)
    inputs.assert_close(float(found), _expected(weights[:, None, None])[0])
    one_hot = np.moveaxis(backends.one_hot(_LABELS, _CLASSES), -1, 1)
    inputs.assert_close(float(loss(one_hot, logits)), _expected()[0])


def test_probabilities_for_logits_are_warned_of():
  for axis, data_format in ((-1, "channels_last"), (1, "channels_first")):
    logits = np.moveaxis(_FEATURES @ _KERNEL, -1, axis)
    p = ops.softmax(ops.convert_to_tensor(logits), axis=axis)
    with pytest.warns(UserWarning, match="from_logits=False"):
      _ssl(data_format=data_format)(_LABELS, p)


@pytest.mark.skipif(
  backends.NAME == "jax", reason="compiled code of JAX tells nothing of it"
)
@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_fit_warns_of_a_model_that_ends_in_an_activation(activation):
  if activation == "sigmoid" and backends.NAME == "torch":
    pytest.skip("values of a sigmoid may be logits")
  model = _compiled(_functional(activation=activation), _ssl())
  with pytest.warns(UserWarning, match="from_logits=False"):
    _fit(model, _LABELS)


@pytest.mark.parametrize("name", _NAMES)
def test_a_model_is_saved_with_its_loss(name, tmp_path):
  loss = getattr(losses, name)(reduction="sum", dtype="float32")
  model = _compiled(_functional(), loss)
  model.save(tmp_path / "model.keras")
  again = keras.models.load_model(tmp_path / "model.keras")
  assert type(again.loss) is type(loss)
  assert again.loss.get_config() == loss.get_config()
  evaluated = [
    one.evaluate(_FEATURES, _LABELS, verbose=0) for one in (model, again)
  ]
  assert evaluated[0] == pytest.approx(evaluated[1], rel=1e-6)
  unpickled = pickle.loads(pickle.dumps(loss))
  assert unpickled.get_config() == loss.get_config()


def test_an_illegal_label_is_never_silent():
  labels = _LABELS.copy()
  labels[0, 0, 0] = 77
  model = _compiled(_functional(), _ssl(), rate=0.1)
  try:
    history = _fit(model, labels)
  except backends.LABEL_ERRORS as error:
    assert "ignore class (255)" in str(error)
  else:
    assert np.isnan(history["loss"][0])
  # The gradient of that pixel is 0, not NaN.
  assert np.isfinite(model.get_weights()[0]).all()
