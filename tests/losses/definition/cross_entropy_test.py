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

"""The cross entropies of the definition against float64."""

import numpy as np
import pytest

from deeplab_ssl.losses import definition
from tests.losses import backends
from tests.losses import inputs
from tests.losses import reference
from tests.losses.definition import testing


@pytest.mark.parametrize("image", testing.IMAGES)
@pytest.mark.parametrize("name", ["softmax", "sigmoid"])
def test_cross_entropies_are_those_of_float64(name, image):
  labels, logits = testing.IMAGES[image]
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
  inputs.assert_close(testing.shares(labels, value), shares)
  inputs.assert_close(slope, gradient)
