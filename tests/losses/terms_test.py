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

"""Tests of losses/terms.py."""

import numpy as np
import pytest

from deeplab_ssl.losses import definition
from deeplab_ssl.losses import on_tensorflow

_LABELS = np.array([[[0, 1], [1, 255]]])
_LOGITS = np.zeros([1, 2, 2, 2], np.float32)


@pytest.mark.parametrize(
  "name", ["structural_similarity_terms", "ssim_terms", "affinity_terms"]
)
def test_both_paths_fill_the_same_fields(name):
  for function in (getattr(definition, name), getattr(on_tensorflow, name)):
    found = function(_LABELS, _LOGITS)
    assert found.loss.shape == (1, 2, 2)
    assert all(np.isfinite(float(term)) for term in found[1:])


def test_samples_are_pairs_of_valid_pixels_and_classes():
  for module in (definition, on_tensorflow):
    found = module.structural_similarity_terms(_LABELS, _LOGITS)
    assert float(found.samples) == 6
