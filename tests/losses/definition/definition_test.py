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

"""The definition against float64, on the backend that Keras is set to."""

import keras
from keras import ops
import numpy as np
import pytest

from deeplab_ssl.losses import affinity_settings
from deeplab_ssl.losses import definition
from deeplab_ssl.losses import ssim_settings
from deeplab_ssl.losses import structural_settings
from tests.losses import backends
from tests.losses import inputs
from tests.losses import reference

_CLASSES = 3
_COMPILES = backends.NAME != "torch"  # Which compiles for minutes.


def _shares(labels, value):
  return value / labels.size


def _images():
  labels = inputs.blocks([2, 9, 7], _CLASSES)
  flat = np.zeros([2, 9, 7], np.int32)
  return {
    "noise": (labels, inputs.noise(labels, _CLASSES)),
    "fitted": (labels, inputs.fitted(labels, _CLASSES, 4.0, 0.5)),
    "saturated": (labels, inputs.fitted(labels, _CLASSES, 25.0, 3.0)),
    "wrong": (labels, inputs.fitted(labels, _CLASSES, -12.0, 0.1)),
    "smooth": (labels, inputs.ramp(labels, _CLASSES, 1e-3)),
    "flat": (flat, np.full([2, 9, 7, _CLASSES], 0.3, np.float32)),
    "void": (
      np.full([2, 9, 7], inputs.VOID, np.int32),
      inputs.noise(labels, _CLASSES),
    ),
  }


_IMAGES = _images()
_SSL = [
  {},
  {"region_size": 1},
  {"region_size": 7, "stability_form": "variance"},
  {"region_size": 11, "sigma": 2.5, "beta": 0.02},
  {"ohem": False, "ce_weight": 0.2},
  {"reweight": False},
]


def _ssl(settings):
  return lambda labels, logits: (
    definition.structural_similarity_terms(
      labels,
      logits,
      settings=structural_settings.StructuralSimilaritySettings(**settings),
    ).loss
  )


@pytest.mark.parametrize("settings", _SSL)
@pytest.mark.parametrize("image", _IMAGES)
def test_ssl_is_that_of_float64(image, settings):
  labels, logits = _IMAGES[image]
  value, slope = backends.value_and_gradient(_ssl(settings), labels, logits)
  expected = reference.structural_similarity(labels, logits, **settings)
  inputs.assert_close(_shares(labels, value), expected.pixels)
  inputs.assert_close(slope, expected.gradient)


def test_ssl_of_one_class():
  labels = inputs.blocks([1, 8, 8], 1)
  logits = inputs.noise(labels, 1)
  value, slope = backends.value_and_gradient(_ssl({}), labels, logits)
  expected = reference.structural_similarity(labels, logits)
  inputs.assert_close(_shares(labels, value), expected.pixels)
  inputs.assert_close(slope, expected.gradient)


def test_the_terms_are_those_of_float64():
  labels, logits = _IMAGES["noise"]
  terms = definition.structural_similarity_terms(labels, logits)
  expected = reference.structural_similarity(labels, logits)
  samples = (labels != inputs.VOID).sum() * _CLASSES
  wanted = {
    "cross_entropy": expected.cross_entropy,
    "structural": expected.structural,
    "hard_fraction": expected.hard.sum() / samples,
    "error_mean": expected.error.sum() / samples,
    "error_max": expected.error.max(),
  }
  for name, value in wanted.items():
    assert float(getattr(terms, name)) == pytest.approx(value, rel=1e-5), name


def test_the_error_is_that_of_float64():
  labels, logits = _IMAGES["fitted"]
  error, hard = definition.structural_error(labels, logits, region_size=5)
  expected = reference.structural_similarity(labels, logits, region_size=5)
  inputs.assert_close(ops.convert_to_numpy(error), expected.error)
  np.testing.assert_array_equal(ops.convert_to_numpy(hard), expected.hard)


@pytest.mark.parametrize("image", _IMAGES)
@pytest.mark.parametrize("name", ["softmax", "sigmoid"])
def test_cross_entropies_are_those_of_float64(name, image):
  labels, logits = _IMAGES[image]
  function = getattr(definition, f"{name}_cross_entropy")
  value, slope = backends.value_and_gradient(function, labels, logits)
  if name == "softmax":
    _, shares, gradient = reference.softmax_cross_entropy(labels, logits)
  else:
    only_bce = {"region_size": 1, "ce_weight": 1.0}
    found = reference.structural_similarity(labels, logits, **only_bce)
    shares, gradient = found.pixels, found.gradient
  if image == "saturated" and name == "softmax":
    # Below the resolution of the reference's own difference.
    assert shares.max() < 1e-15 and value.max() < 1e-10
    assert np.abs(slope).max() < 1e-10
    return
  inputs.assert_close(_shares(labels, value), shares)
  inputs.assert_close(slope, gradient)


def _numeric(function, labels, logits, at, step=1e-5):
  """The slope of a total of float64 at some samples, by finite differences."""
  found = []
  for place in at:
    moved = []
    for sign in (1, -1):
      there = np.float64(logits)
      there[place] += sign * step
      moved.append(function(labels, there).sum())
    found.append((moved[0] - moved[1]) / (2 * step))
  return np.array(found)


def _assert_slopes(slope, function, labels, logits):
  rng = np.random.default_rng(0)
  at = [
    tuple(rng.integers(0, size) for size in logits.shape) for _ in range(12)
  ]
  wanted = _numeric(function, labels, logits, at)
  inputs.assert_close(np.array([slope[place] for place in at]), wanted, 2e-4)


@pytest.mark.parametrize("image", ["noise", "fitted", "smooth", "flat", "void"])
@pytest.mark.parametrize("form", ["ssim", "contrast_structure"])
def test_ssim_is_that_of_float64(form, image):
  labels, logits = _IMAGES[image]
  options = {"form": form, "region_size": 5, "ce_weight": 0.3}
  value, slope = backends.value_and_gradient(
    lambda labels, logits: (
      definition.ssim_terms(
        labels, logits, settings=ssim_settings.SSIMSettings(**options)
      ).loss
    ),
    labels,
    logits,
  )

  def expected(labels, logits):
    return reference.ssim(labels, logits, **options)

  inputs.assert_close(_shares(labels, value), expected(labels, logits))
  _assert_slopes(slope, expected, labels, logits)


@pytest.mark.parametrize("image", ["noise", "fitted", "void"])
@pytest.mark.parametrize("sizes", [(3,), (3, 5)])
def test_affinity_is_that_of_float64(sizes, image):
  labels, logits = _IMAGES[image]
  settings = affinity_settings.AffinitySettings(kernel_sizes=sizes)
  value, slope = backends.value_and_gradient(
    lambda labels, logits: (
      definition.affinity_terms(labels, logits, settings=settings).loss
    ),
    labels,
    logits,
  )

  def expected(labels, logits):
    return reference.affinity(labels, logits, kernel_sizes=sizes)

  # 1 - p of float32 has an error of 6e-8, which of what is fitted is much.
  tolerance = 2e-4 if image == "fitted" else 1e-5
  inputs.assert_close(
    _shares(labels, value), expected(labels, logits), tolerance
  )
  _assert_slopes(slope, expected, labels, logits)


def test_adaptive_weights_are_a_softmax():
  weights = definition.adaptive_weights(ops.zeros([2, 3, 2]))
  np.testing.assert_allclose(ops.convert_to_numpy(weights), 0.5)


def test_statistics_of_the_normalised_maps():
  labels, logits = _IMAGES["noise"]
  found = definition.normalized_statistics(labels, logits)
  error, _ = definition.structural_error(labels, logits)
  valid = labels[:, ::8, ::8] != inputs.VOID
  seen = np.sort(ops.convert_to_numpy(error)[:, ::8, ::8][valid], axis=None)
  assert float(found.error_median) == seen[(len(seen) - 1) // 2]
  assert float(found.prediction_min) < 0 < float(found.prediction_max)
  assert float(found.truth_min) < float(found.truth_max)


_FUNCTIONS = {
  "ssl": lambda *args, **kwargs: (
    definition.structural_similarity_terms(*args, **kwargs).loss
  ),
  "ce": definition.softmax_cross_entropy,
  "bce": definition.sigmoid_cross_entropy,
  "ssim": lambda *args, **kwargs: definition.ssim_terms(*args, **kwargs).loss,
  "affinity": lambda *args, **kwargs: (
    definition.affinity_terms(*args, **kwargs).loss
  ),
}
_EACH = pytest.mark.parametrize("name", _FUNCTIONS)


@_EACH
def test_layouts_and_dtypes_of_labels_are_alike(name):
  labels, logits = _IMAGES["noise"]
  wanted = ops.convert_to_numpy(_FUNCTIONS[name](labels, logits))
  one_hot = backends.one_hot(labels, _CLASSES)
  for other in (
    labels[..., None],
    labels.astype("uint8"),
    labels.astype("int64"),
    labels.astype("float32"),
    one_hot,
    one_hot.astype("int32"),
  ):
    found = ops.convert_to_numpy(_FUNCTIONS[name](other, logits))
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)


@_EACH
def test_the_classes_may_come_first(name):
  labels, logits = _IMAGES["noise"]
  wanted = ops.convert_to_numpy(_FUNCTIONS[name](labels, logits))
  for y in (labels, labels[:, None], backends.one_hot(labels, _CLASSES)):
    first = y if y.shape[-1] != _CLASSES else np.moveaxis(y, -1, 1)
    found = _FUNCTIONS[name](
      first, np.moveaxis(logits, -1, 1), data_format="channels_first"
    )
    np.testing.assert_allclose(
      ops.convert_to_numpy(found), wanted, rtol=1e-6, atol=1e-7
    )


@_EACH
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_logits_of_low_precision_are_computed_in_float32(name, dtype):
  labels, logits = _IMAGES["noise"]
  low, exact = backends.as_low_precision(logits, dtype)
  found = _FUNCTIONS[name](labels, low)
  assert keras.backend.standardize_dtype(found.dtype) == "float32"
  np.testing.assert_allclose(
    ops.convert_to_numpy(found),
    ops.convert_to_numpy(_FUNCTIONS[name](labels, exact)),
    rtol=1e-6,
  )


@_EACH
def test_ignored_logits_may_be_anything(name):
  labels, logits = _IMAGES["noise"]
  value, slope = backends.value_and_gradient(_FUNCTIONS[name], labels, logits)
  void = labels == inputs.VOID
  for number in (np.inf, -np.inf, np.nan, 1e30):
    strange = np.where(void[..., None], np.float32(number), logits)
    found = backends.value_and_gradient(_FUNCTIONS[name], labels, strange)
    np.testing.assert_array_equal(found[0], value)
    np.testing.assert_array_equal(found[1], slope)
  assert not slope[void].any() and not value[void].any()


@_EACH
def test_probabilities_are_taken_for_what_they_are(name):
  labels, logits = _IMAGES["noise"]
  activation = ops.softmax if name in ("ce", "affinity") else ops.sigmoid
  p = activation(ops.convert_to_tensor(logits))
  found = _FUNCTIONS[name](labels, p, from_logits=False)
  np.testing.assert_allclose(
    ops.convert_to_numpy(found),
    ops.convert_to_numpy(_FUNCTIONS[name](labels, logits)),
    rtol=2e-3,
    atol=1e-5,
  )


@_EACH
def test_an_illegal_label_is_an_error(name):
  labels, logits = _IMAGES["noise"]
  for bad in (3, 254, -1):
    wrong = labels.copy()
    wrong[0, 0, 0] = bad
    with pytest.raises(ValueError, match=f"smallest.* {bad} and {bad}"):
      _FUNCTIONS[name](wrong, logits)
  with pytest.raises(ValueError, match=r"\[0, 3\) or the ignore class"):
    _FUNCTIONS[name](labels + np.float32(0.5), logits)
  rows = backends.one_hot(labels, _CLASSES)
  with pytest.raises(ValueError, match="soft labels are not supported"):
    _FUNCTIONS[name](rows * 0.5, logits)
  with pytest.raises(ValueError, match="rows of 0"):
    _FUNCTIONS[name](rows, logits, ignore_class=None)


@pytest.mark.skipif(not _COMPILES, reason="torch is not compiled here")
@_EACH
def test_compiled_code_computes_the_same(name):
  # 1 - SSIM and the divergence of what is fitted are rounding errors.
  images = ["noise", "flat"]
  images += [] if name in ("ssim", "affinity") else ["saturated"]
  for image in images:
    labels, logits = _IMAGES[image]
    wanted = backends.value_and_gradient(_FUNCTIONS[name], labels, logits)
    found = backends.value_and_gradient(
      _FUNCTIONS[name], labels, logits, compiled=True
    )
    inputs.assert_close(found[0], wanted[0])
    inputs.assert_close(found[1], wanted[1], 3e-5)


@pytest.mark.skipif(not _COMPILES, reason="torch is not compiled here")
@_EACH
def test_compiled_code_makes_an_illegal_label_nan(name):
  labels, logits = _IMAGES["noise"]
  wrong = labels.copy()
  wrong[0, 0, 0] = 7
  value, slope = backends.value_and_gradient(
    _FUNCTIONS[name], wrong, logits, compiled=True
  )
  assert np.isnan(value[0, 0, 0]) and np.isfinite(value[0, 0, 1:]).all()
  assert np.isfinite(slope).all() and not slope[0, 0, 0].any()


@_EACH
def test_shapes_that_do_not_fit_are_errors(name):
  labels, logits = _IMAGES["noise"]
  function = _FUNCTIONS[name]
  with pytest.raises(ValueError, match="upsample the logits"):
    function(labels[:, 1:], logits)
  with pytest.raises(ValueError, match="class indices"):
    function(labels[0, 0], logits)
  with pytest.raises(ValueError, match="known number of classes"):
    function(labels, logits[..., 0])
  with pytest.raises(ValueError, match="before argmax"):
    function(labels, np.int32(logits))
  with pytest.raises(ValueError, match="`data_format`.*'nchw'"):
    function(labels, logits, data_format="nchw")


@_EACH
def test_counts_of_several_processes_are_averaged(name):
  labels, logits = _IMAGES["noise"]
  seen = []

  def count_mean(counts):
    seen.append(len(counts))
    return [2 * count for count in counts]

  alone = ops.convert_to_numpy(_FUNCTIONS[name](labels, logits))
  shared = _FUNCTIONS[name](labels, logits, count_mean=count_mean)
  np.testing.assert_allclose(2 * ops.convert_to_numpy(shared), alone, rtol=1e-6)
  assert seen
