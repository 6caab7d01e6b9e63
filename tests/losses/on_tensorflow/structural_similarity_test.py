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

import functools

from absl.testing import absltest
from absl.testing import parameterized
import hypothesis
from hypothesis import strategies as st
import numpy as np
import tensorflow as tf

from deeplab_ssl import losses
from tests.losses import inputs
from tests.losses import reference

REGIONS = (1, 3, 5, 7, 9, 11)
SETTINGS = {
  "paper": {},
  "beta 0.06": {"beta": 0.06},
  "beta 0.4": {"beta": 0.4},
  "sigma 0.7": {"sigma": 0.7},
  "sigma 6": {"sigma": 6.0, "ce_weight": 0.2},
  "equation 16": {"stability_form": "variance"},
  "stability": {"stability": 0.2, "stability_form": "variance"},
  "ssl alone": {"ce_weight": 0.0},
  "bce alone": {"ce_weight": 1.0},
  "reweighting only": {"ohem": False, "ce_weight": 0.0},
  "ohem only": {"reweight": False},
  "neither": {"ohem": False, "reweight": False, "ce_weight": 0.0},
}


def terms(labels, logits, **kwargs):
  names = ("ignore_class", "from_logits")
  others = {name: kwargs.pop(name) for name in names if name in kwargs}
  return losses.structural_similarity_terms(
    labels, logits, settings=losses.Settings(**kwargs), **others
  )


def evaluate(labels, logits, **kwargs):
  return inputs.value_and_gradient(
    lambda y, x: terms(y, x, **kwargs).loss, labels, logits
  )


def assert_equals_reference(labels, logits, **kwargs):
  expected = reference.structural_similarity(labels, logits, **kwargs)
  found = []

  def loss(y, x):
    found.append(terms(y, x, **kwargs))
    return found[0].loss

  value, gradient = inputs.value_and_gradient(loss, labels, logits)
  inputs.assert_close(value.mean(dtype=np.float64), expected.total)
  inputs.assert_close(value / value.size, expected.pixels)
  inputs.assert_close(gradient, expected.gradient)

  (parts,) = found
  samples = max((labels != 255).sum() * logits.shape[-1], 1)
  inputs.assert_close(parts.cross_entropy, expected.cross_entropy)
  inputs.assert_close(parts.structural, expected.structural)
  inputs.assert_close(parts.hard_fraction, expected.hard.sum() / samples)
  for actual, error in (
    (parts.error_mean, expected.error.sum() / samples),
    (parts.error_max, expected.error.max()),
  ):
    # e is the difference of two numbers of about 1.
    np.testing.assert_allclose(actual, error, rtol=1e-5, atol=1e-6)


class ReferenceTest(parameterized.TestCase):
  @parameterized.product(region_size=REGIONS, name=tuple(SETTINGS))
  def test_value_and_gradient(self, region_size, name):
    labels = inputs.blocks([2, 9, 10], 3)
    logits = inputs.noise(labels, 3)
    assert_equals_reference(
      labels, logits, region_size=region_size, **SETTINGS[name]
    )

  @parameterized.product(
    region_size=(1, 3, 11),
    shape=([3, 1, 1], [1, 2, 3], [1, 4, 19], [2, 17, 1]),
    classes=(1, 2, 21),
  )
  def test_images_smaller_than_the_window(self, region_size, shape, classes):
    labels = inputs.blocks(shape, classes)
    logits = inputs.noise(labels, classes)
    assert_equals_reference(labels, logits, region_size=region_size)

  @parameterized.product(
    region_size=(3, 11),
    name=(*SETTINGS, "beta 0"),
    logits=("saturated", "wrong", "ramp", "faint ramp"),
  )
  def test_flat_predictions(self, region_size, name, logits):
    # In float32 the two moments of these cancel: a deviation of 3e-4 appears
    # beside C4 = 0.01 where there is none.
    labels = inputs.blocks([1, 9, 10], 3, cell=5)
    logits = {
      "saturated": inputs.fitted(labels, 3, 7.0, 0.5),
      "wrong": inputs.fitted(labels, 3, -9.0, 0.5),
      "ramp": inputs.ramp(labels, 3, 0.1),
      "faint ramp": inputs.ramp(labels, 3, 1e-3),
    }[logits]
    assert_equals_reference(
      labels,
      logits,
      region_size=region_size,
      **SETTINGS.get(name, {"beta": 0.0}),
    )

  @parameterized.parameters(1e4, 300.0)
  def test_extreme_logits(self, scale):
    labels = inputs.blocks([1, 6, 7], 3)
    logits = np.sign(inputs.noise(labels, 3)) * np.float32(scale)
    value, gradient = evaluate(labels, logits)
    self.assertTrue(np.all(np.isfinite(value)))
    self.assertTrue(np.all(np.isfinite(gradient)))
    assert_equals_reference(labels, logits)


class PaperTest(parameterized.TestCase):
  def test_figure_2(self):
    # The figure takes the statistics over the whole 3x3 patch with uniform
    # weights and without C4. A 5x5 window with a wide gaussian sees all of a
    # 3x3 image from each of its pixels, corners too, with equal weights.
    truth = np.array([[0, 0, 0], [1, 0, 1], [1, 1, 1]])
    p = np.array([[0.1, 0.1, 0.1], [0.8, 0.8, 0.9], [0.8, 0.9, 0.8]])
    settings = dict(region_size=5, sigma=1e4, stability=1e-8)
    # Two classes: class 1 is the figure's binary image.
    probabilities = np.float32(np.stack([1 - p, p], -1))[None]
    find = functools.partial(
      losses.structural_similarity_terms,
      truth[None],
      probabilities,
      from_logits=False,
    )
    error, _ = losses.structural_error(
      truth[None], probabilities, from_logits=False, **settings
    )
    # Swapping the classes mirrors both maps: the two channels agree.
    inputs.assert_close(error[0, ..., 0], error[0, ..., 1].numpy())
    error = error[0, ..., 1].numpy()
    bce = find(settings=losses.Settings(ce_weight=1.0)).loss
    bce = bce.numpy()[0] / 2
    self.assertAlmostEqual(bce.sum(), 2.8057, delta=5e-5)
    self.assertAlmostEqual(bce[1, 1] / bce.sum(), 0.5736, delta=5e-5)
    weighted = error * bce
    self.assertAlmostEqual(weighted.sum(), 3.0596, delta=5e-5)
    self.assertAlmostEqual(weighted[1, 1] / weighted.sum(), 0.9074, delta=5e-5)
    # The same from the loss itself: the plain mean of e times bce.
    alone = losses.Settings(ce_weight=0.0, ohem=False, **settings)
    total = find(settings=alone).structural * 18
    self.assertAlmostEqual(float(total), 2 * 3.0596, delta=1e-4)
    # e is the difference of the maps (c) and (d).
    y_nor, p_nor = ((x - x.mean()) / x.std() for x in (truth, p))
    np.testing.assert_array_equal(np.unique(y_nor.round(2)), [-1.12, 0.89])
    np.testing.assert_array_equal(
      np.unique(p_nor.round(2)), [-1.41, 0.61, 0.89]
    )
    inputs.assert_close(error, np.abs(y_nor - p_nor))


class GradientTest(parameterized.TestCase):
  @parameterized.parameters({}, {"ohem": False}, {"reweight": False})
  def test_error_and_selection_are_constants(self, **ablation):
    labels = inputs.blocks([2, 8, 9], 3)
    logits = inputs.noise(labels, 3)
    settings = dict(region_size=5, beta=0.14)
    error, hard = losses.structural_error(labels, logits, **settings)
    error, hard = error.numpy(), hard.numpy()
    valid = (labels != 255)[..., None] * np.ones_like(error)
    if not ablation.get("ohem", True):
      hard = valid
    if not ablation.get("reweight", True):
      error = valid
    n, m = valid[..., 0].sum(), hard.sum()
    weight = 0.3 / n + 0.7 * error * hard / m
    y = np.eye(3)[np.where(labels == 255, 0, labels)]
    x = np.float64(logits)
    p = 1 / (1 + np.exp(-x))
    _, gradient = evaluate(
      labels, logits, ce_weight=0.3, **settings, **ablation
    )
    inputs.assert_close(gradient, weight * valid * (p - y), 1e-6)

    # Finite differences of the loss with e and f frozen.
    def frozen(x):
      return np.logaddexp(0, x) - x * y

    step = 1e-5
    slope = (frozen(x + step) - frozen(x - step)) / (2 * step)
    inputs.assert_close(gradient, weight * valid * slope, 1e-6)

  def test_nothing_flows_through_the_maps(self):
    labels = inputs.blocks([1, 5, 5], 2)
    logits = tf.constant(inputs.noise(labels, 2))
    with tf.GradientTape(persistent=True) as tape:
      tape.watch(logits)
      error, _ = losses.structural_error(labels, logits)
      found = terms(labels, logits)
    self.assertIsNone(tape.gradient(error, logits))
    for name in ("hard_fraction", "error_mean", "error_max"):
      self.assertIsNone(tape.gradient(getattr(found, name), logits))

  def test_upstream_weights_scale_each_pixel(self):
    labels = inputs.blocks([2, 5, 6], 2)
    logits = inputs.noise(labels, 2)
    weights = np.float32(np.random.default_rng(0).random([2, 5, 6]))
    _, gradient = evaluate(labels, logits)
    _, weighted = inputs.value_and_gradient(
      lambda y, x: weights * terms(y, x).loss, labels, logits
    )
    inputs.assert_close(weighted, gradient * weights[..., None], 1e-6)


class InputsTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    self.labels = inputs.blocks([2, 9, 10], 4)
    self.logits = inputs.noise(self.labels, 4)
    self.value, self.gradient = evaluate(self.labels, self.logits)

  def assert_same(self, found, tolerance=1e-6):
    inputs.assert_close(found[0], self.value, tolerance)
    inputs.assert_close(found[1], self.gradient, tolerance)

  def test_label_layouts_agree(self):
    rows = np.eye(4)[np.where(self.labels == 255, 0, self.labels)]
    rows[self.labels == 255] = 0
    for labels in (self.labels[..., None], np.float32(self.labels), rows):
      self.assert_same(evaluate(labels, self.logits), 0)

  def test_probabilities_agree_with_logits(self):
    # Moderate ones: a float32 probability near 1 has lost its logit.
    self.logits /= 3
    self.value, self.gradient = evaluate(self.labels, self.logits)
    self.assert_same(
      inputs.value_and_gradient(
        lambda y, x: terms(y, tf.sigmoid(x), from_logits=False).loss,
        self.labels,
        self.logits,
      ),
      1e-5,
    )

  @parameterized.parameters(tf.float16, tf.bfloat16, tf.float64)
  def test_logits_of_any_precision(self, dtype):
    logits = tf.cast(self.logits, dtype)
    rounded = tf.cast(logits, tf.float32).numpy()
    expected, slope = evaluate(self.labels, rounded)
    value, gradient = evaluate(self.labels, logits)
    self.assertEqual(value.dtype, np.float32)
    self.assertEqual(gradient.dtype, logits.numpy().dtype)
    np.testing.assert_array_equal(value, expected)
    np.testing.assert_array_equal(gradient, slope.astype(gradient.dtype))

  @parameterized.product(
    wild=(np.inf, -np.inf, np.nan, 1e30), from_logits=(True, False)
  )
  def test_predictions_at_ignored_pixels_do_not_matter(self, wild, from_logits):
    tame = self.logits if from_logits else tf.sigmoid(self.logits).numpy()
    expected = evaluate(self.labels, tame, from_logits=from_logits)
    predictions = np.where(
      (self.labels == 255)[..., None], np.float32(wild), tame
    )
    value, gradient = evaluate(
      self.labels, predictions, from_logits=from_logits
    )
    np.testing.assert_array_equal(value, expected[0])
    np.testing.assert_array_equal(gradient, expected[1])
    self.assertEqual(np.abs(gradient[self.labels == 255]).max(), 0)
    self.assertEqual(np.abs(value[self.labels == 255]).max(), 0)

  @parameterized.product(region_size=(1, 3, 11), ohem=(True, False))
  def test_nothing_valid(self, region_size, ohem):
    labels = np.full([2, 4, 5], 255)
    logits = np.full([2, 4, 5, 3], np.nan, np.float32)
    value, gradient = evaluate(
      labels, logits, region_size=region_size, ohem=ohem
    )
    np.testing.assert_array_equal(value, np.zeros([2, 4, 5]))
    np.testing.assert_array_equal(gradient, np.zeros([2, 4, 5, 3]))
    for part in terms(labels, logits, region_size=region_size, ohem=ohem)[1:]:
      self.assertEqual(part, 0)

  def test_nothing_hard(self):
    labels = inputs.blocks([1, 6, 6], 2)
    logits = inputs.fitted(labels, 2, 50.0, 0.0)
    parts = terms(labels, logits)
    self.assertEqual(parts.hard_fraction, 0)
    self.assertEqual(parts.structural, 0)
    assert_equals_reference(labels, logits)

  @parameterized.parameters(1, 3)
  def test_empty_batch(self, region_size):
    # A replica's share of a short last batch.
    value, gradient = evaluate(
      self.labels[:0], self.logits[:0], region_size=region_size
    )
    self.assertEqual(value.shape, (0, 9, 10))
    self.assertEqual(gradient.shape, (0, 9, 10, 4))

  @parameterized.parameters("static", "dynamic", "jit")
  def test_graph_modes_agree_with_eager(self, mode):
    @tf.function(
      jit_compile=mode == "jit",
      input_signature=None
      if mode == "static"
      else [
        tf.TensorSpec([None, None, None], tf.int32),
        tf.TensorSpec([None, None, None, 4]),
      ],
    )
    def compiled(labels, logits):
      with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = terms(labels, logits).loss
        mean = tf.reduce_mean(loss)
      return loss, tape.gradient(mean, logits)

    def run(labels, logits):
      found = compiled(tf.constant(labels), tf.constant(logits))
      return [x.numpy() for x in found]

    self.assert_same(run(self.labels, self.logits))
    labels, logits = self.labels[:1, :7], self.logits[:1, :7]
    if mode == "dynamic":
      inputs.assert_close(
        run(labels, logits)[1], evaluate(labels, logits)[1], 1e-6
      )
      with self.assertRaises(tf.errors.InvalidArgumentError):
        run(labels, self.logits)
    # An illegal label: XLA cannot raise.
    self.labels[0, 4, 4] = 77
    if mode != "jit":
      with self.assertRaisesRegex(tf.errors.InvalidArgumentError, "77"):
        run(self.labels, self.logits)
      return
    value, gradient = run(self.labels, self.logits)
    np.testing.assert_array_equal(np.isnan(value), self.labels == 77)
    np.testing.assert_array_equal(gradient[0, 4, 4], np.zeros(4))
    self.labels[0, 4, 4] = 255
    inputs.assert_close(gradient, evaluate(self.labels, self.logits)[1], 1e-6)

  def test_illegal_labels_are_named(self):
    self.labels[1, 2, 3] = 4
    with self.assertRaisesRegex(tf.errors.InvalidArgumentError, "4 and 4"):
      terms(self.labels, self.logits)
    with self.assertRaisesRegex(tf.errors.InvalidArgumentError, "4 and 4"):
      losses.structural_error(self.labels, self.logits)


@st.composite
def problems(draw):
  shape = [draw(st.integers(1, 2)), *draw(st.tuples(*[st.integers(1, 8)] * 2))]
  classes = draw(st.integers(1, 4))
  seed = draw(st.integers(0, 999))
  cell = draw(st.integers(1, 4))
  labels = inputs.blocks(
    shape, classes, seed, cell, draw(st.sampled_from([0, 0.3]))
  )
  scale = draw(st.sampled_from([0.1, 3.0, 30.0]))
  settings = {
    "region_size": draw(st.sampled_from(REGIONS)),
    "sigma": draw(st.sampled_from([0.8, 1.5, 5.0])),
    "beta": draw(st.sampled_from([0.05, 0.1, 0.3])),
    "stability_form": draw(st.sampled_from(["std", "variance"])),
    "ohem": draw(st.booleans()),
    "reweight": draw(st.booleans()),
  }
  return labels, inputs.noise(labels, classes, scale, seed + 1), settings


class LawsTest(parameterized.TestCase):
  @hypothesis.given(problems(), st.randoms())
  @hypothesis.settings(max_examples=25)
  def test_order_of_classes_images_and_directions(self, problem, random):
    labels, logits, settings = problem
    batch, *_, classes = logits.shape
    old = list(range(classes))
    new = random.sample(old, classes)  # new[c] is the class that becomes c
    images = random.sample(range(batch), batch)
    lookup = np.full(256, 255)
    lookup[new] = old

    def move(x):
      x = x[images]
      x = x[:, ::-1] if random_flags[0] else x
      x = x[:, :, ::-1] if random_flags[1] else x
      return np.ascontiguousarray(np.swapaxes(x, 1, 2))

    random_flags = [random.random() < 0.5 for _ in range(2)]
    value, gradient = evaluate(labels, logits, **settings)
    moved = evaluate(
      np.int32(lookup[move(labels)]), move(logits[..., new]), **settings
    )
    inputs.assert_close(moved[0], move(value))
    inputs.assert_close(moved[1], move(gradient[..., new]))

  @hypothesis.given(problems(), st.tuples(*[st.integers(0, 3)] * 4))
  @hypothesis.settings(max_examples=25)
  def test_ignored_surroundings_equal_none(self, problem, pad):
    labels, logits, settings = problem
    pad = [(0, 0), pad[:2], pad[2:]]
    wide = np.pad(labels, pad, constant_values=255)
    wild = np.pad(logits, [*pad, (0, 0)], constant_values=np.inf)
    inner = tuple(
      slice(before, before + size)
      for (before, _), size in zip(pad, labels.shape, strict=True)
    )
    value, gradient = evaluate(labels, logits, **settings)
    padded = evaluate(wide, wild, **settings)
    ratio = labels.size / wide.size
    inputs.assert_close(padded[0][inner] * ratio, value)
    inputs.assert_close(padded[1][inner], gradient)
    self.assertAlmostEqual(
      padded[0].mean(), value.mean(), delta=1e-5 * value.mean()
    )

  @hypothesis.given(problems())
  @hypothesis.settings(max_examples=25)
  def test_bounds(self, problem):
    labels, logits, settings = problem
    names = ("region_size", "sigma", "stability_form")
    shape = {name: settings[name] for name in names}
    error, _ = losses.structural_error(labels, logits, **shape)
    value, gradient = evaluate(labels, logits, **settings)
    self.assertGreaterEqual(np.min(error), 0)
    # The theoretical maximum of a full window; a window cut by the border or
    # by ignored pixels weights its centre more, which allows less.
    e_max = losses.max_structural_error(**shape)
    self.assertLessEqual(np.max(error), e_max * (1 + 1e-5))
    self.assertGreaterEqual(value.min(), 0)
    self.assertTrue(np.all(np.isfinite(gradient)))

  @hypothesis.given(problems())
  @hypothesis.settings(max_examples=15)
  def test_the_hard_share_falls_with_beta(self, problem):
    labels, logits, settings = problem
    settings["ohem"] = True
    shares = [
      float(terms(labels, logits, **{**settings, "beta": beta}).hard_fraction)
      for beta in (0.0, 0.06, 0.1, 0.3, 0.9)
    ]
    self.assertEqual(shares, sorted(shares, reverse=True))
    self.assertBetween(shares[0], 0, 1)


if __name__ == "__main__":
  absltest.main()
