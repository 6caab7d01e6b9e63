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

import dataclasses
import inspect

import numpy as np
import pytest

from deeplab_ssl import losses
from deeplab_ssl.losses import legacy
from tests.losses import reference


@pytest.mark.parametrize(
  "settings, takers",
  [
    (
      losses.StructuralSimilaritySettings(),
      [
        losses.StructuralSimilarityLoss,
        legacy.StructuralSimilarityLoss,
        losses.structural_error,
        losses.max_structural_error,
      ],
    ),
    (losses.SSIMSettings(), [losses.SSIMLoss, legacy.SSIMLoss]),
    (
      losses.AffinitySettings(),
      [losses.AffinityFieldLoss, legacy.AffinityFieldLoss],
    ),
  ],
)
def test_functions_and_classes_have_the_defaults_of_the_settings(
  settings, takers
):
  for taker in takers:
    parameters = inspect.signature(taker).parameters
    shared = [
      field.name
      for field in dataclasses.fields(settings)
      if field.name in parameters
    ]
    assert len(shared) > 3
    for name in shared:
      assert parameters[name].default == getattr(settings, name), name


@pytest.mark.parametrize(
  "function",
  [
    losses.structural_similarity_terms,
    losses.normalized_statistics,
    losses.ssim_terms,
    losses.affinity_terms,
  ],
)
def test_functions_take_the_default_settings(function):
  default = inspect.signature(function).parameters["settings"].default
  assert default == type(default)()


def test_the_defaults_are_those_of_the_paper():
  assert losses.StructuralSimilaritySettings() == (
    losses.StructuralSimilaritySettings(
      region_size=3,
      sigma=1.5,
      beta=0.1,
      ce_weight=0.5,
      stability=0.01,
      stability_form="std",
      ohem=True,
      reweight=True,
    )
  )
  assert losses.Settings is losses.StructuralSimilaritySettings


@pytest.mark.parametrize(
  "settings, name, value",
  [
    (losses.StructuralSimilaritySettings, "beta", 2),
    (losses.StructuralSimilaritySettings, "beta", "abc"),
    (losses.StructuralSimilaritySettings, "region_size", 4),
    (losses.StructuralSimilaritySettings, "region_size", True),
    (losses.StructuralSimilaritySettings, "stability", float("inf")),
    (losses.StructuralSimilaritySettings, "ohem", "no"),
    (losses.StructuralSimilaritySettings, "reweight", 2),
    (losses.SSIMSettings, "ce_weight", None),
    (losses.SSIMSettings, "ce_weight", 2.0),
    (losses.AffinitySettings, "kernel_sizes", (4,)),
    (losses.AffinitySettings, "same_weight", -1.0),
  ],
)
def test_settings_out_of_range_cannot_exist(settings, name, value):
  with pytest.raises(ValueError, match=f"`{name}` must be .*Received"):
    settings(**{name: value})
  with pytest.raises(ValueError, match=f"`{name}` must be .*Received"):
    dataclasses.replace(settings(), **{name: value})


@pytest.mark.parametrize("form", ["std", "variance"])
@pytest.mark.parametrize("region_size", [1, 3, 11])
def test_the_threshold_is_a_share_of_the_largest_error(region_size, form):
  settings = losses.StructuralSimilaritySettings(
    region_size=region_size, stability_form=form, beta=0.25
  )
  expected = losses.max_structural_error(
    region_size=region_size, stability_form=form
  )
  np.testing.assert_allclose(settings.max_error, expected, rtol=1e-12)
  np.testing.assert_allclose(settings.threshold, 0.25 * expected, rtol=1e-12)


# Closed form: 2 (1 - w) / (sqrt(w - w^2) + C4), w the weight of the centre.
@pytest.mark.parametrize(
  "region_size, std, variance",
  [
    (3, 4.671551535, 4.623138664),
    (5, 6.322474653, 6.165648729),
    (7, 6.850030156, 6.640696482),
    (9, 6.960601091, 6.739036370),
    (11, 6.975545493, 6.752294205),
    (1, 1, 1),
  ],
)
def test_maximum_error(region_size, std, variance):
  for form, expected in (("std", std), ("variance", variance)):
    actual = losses.max_structural_error(
      region_size=region_size, stability_form=form
    )
    np.testing.assert_allclose(actual, expected, rtol=0, atol=2e-9)
    np.testing.assert_allclose(
      actual, reference.e_max(region_size, form=form), rtol=0, atol=5e-13
    )


@pytest.mark.parametrize(
  "name, value",
  [
    ("region_size", 4),
    ("region_size", 0),
    ("sigma", 0.0),
    ("beta", 1.0),
    ("beta", -0.1),
    ("beta", float("nan")),
    ("ce_weight", 1.1),
    ("ce_weight", -0.1),
    ("stability", 0.0),
    ("stability_form", "sqrt"),
  ],
)
def test_bad_settings_are_refused(name, value):
  pattern = rf"`{name}` must be .*Received: {name}={value!r}"
  with pytest.raises(ValueError, match=pattern):
    losses.Settings(**{name: value})
  with pytest.raises(ValueError, match=pattern):
    losses.StructuralSimilarityLoss(**{name: value})
  if name != "ce_weight":
    with pytest.raises(ValueError, match=pattern):
      losses.structural_error(
        np.zeros([1, 4, 4]), np.zeros([1, 4, 4, 2]), **{name: value}
      )
