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

"""The structural similarity loss of the definition against float64."""

from keras import ops
import numpy as np
import pytest

from deeplab_ssl.losses import definition
from deeplab_ssl.losses import structural_settings
from tests.losses import backends
from tests.losses import inputs
from tests.losses import reference
from tests.losses.definition import testing

_SSL = [
  {},
  {"region_size": 1},
  {"region_size": 7, "stability_form": "variance"},
  {"region_size": 11, "sigma": 2.5, "beta": 0.02},
  {"ohem": False, "ce_weight": 0.2},
  {"reweight": False},
]
_CASES = [(image, {}) for image in testing.IMAGES]
_CASES += [("noise", settings) for settings in _SSL[1:]]
_CASES += [("flat", _SSL[2]), ("saturated", _SSL[3])]


def _ssl(settings):
  return lambda labels, logits: (
    definition.structural_similarity_terms(
      labels,
      logits,
      settings=structural_settings.StructuralSimilaritySettings(**settings),
    ).loss
  )


@pytest.mark.parametrize(("image", "settings"), _CASES)
def test_ssl_is_that_of_float64(image, settings):
  labels, logits = testing.IMAGES[image]
  value, slope = backends.value_and_gradient(_ssl(settings), labels, logits)
  expected = reference.structural_similarity(labels, logits, **settings)
  # A sigmoid of equal logits may differ by its last digit, 6e-6 of C4.
  inputs.assert_close(testing.shares(labels, value), expected.pixels, 2e-5)
  inputs.assert_close(slope, expected.gradient, 2e-5)


def test_ssl_of_one_class():
  labels = inputs.blocks([1, 8, 8], 1)
  logits = inputs.noise(labels, 1)
  value, slope = backends.value_and_gradient(_ssl({}), labels, logits)
  expected = reference.structural_similarity(labels, logits)
  inputs.assert_close(testing.shares(labels, value), expected.pixels)
  inputs.assert_close(slope, expected.gradient)


def test_the_terms_are_those_of_float64():
  labels, logits = testing.IMAGES["noise"]
  terms = definition.structural_similarity_terms(labels, logits)
  expected = reference.structural_similarity(labels, logits)
  samples = (labels != inputs.VOID).sum() * testing.CLASSES
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
  labels, logits = testing.IMAGES["fitted"]
  error, hard = definition.structural_error(labels, logits, region_size=5)
  expected = reference.structural_similarity(labels, logits, region_size=5)
  inputs.assert_close(ops.convert_to_numpy(error), expected.error)
  np.testing.assert_array_equal(ops.convert_to_numpy(hard), expected.hard)
