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

"""Images, and the losses as functions, for the tests of the definition."""

import numpy as np
import pytest

from deeplab_ssl.losses import definition
from tests.losses import backends
from tests.losses import inputs

CLASSES = 3
COMPILES = backends.NAME != "torch"  # Which compiles for minutes.


def shares(labels, value):
  """Returns each pixel's share of the loss whose mean a map has."""
  return value / labels.size


def _images():
  labels = inputs.blocks([2, 9, 7], CLASSES)
  flat = np.zeros([2, 9, 7], np.int32)
  return {
    "noise": (labels, inputs.noise(labels, CLASSES)),
    "fitted": (labels, inputs.fitted(labels, CLASSES, 4.0, 0.5)),
    "saturated": (labels, inputs.fitted(labels, CLASSES, 25.0, 3.0)),
    "wrong": (labels, inputs.fitted(labels, CLASSES, -12.0, 0.1)),
    "smooth": (labels, inputs.ramp(labels, CLASSES, 1e-3)),
    "flat": (flat, np.full([2, 9, 7, CLASSES], 0.3, np.float32)),
    "void": (
      np.full([2, 9, 7], inputs.VOID, np.int32),
      inputs.noise(labels, CLASSES),
    ),
  }


IMAGES = _images()


def numeric_slopes(function, labels, logits, at, step=1e-5):
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


def assert_slopes(slope, function, labels, logits):
  rng = np.random.default_rng(0)
  at = [
    tuple(rng.integers(0, size) for size in logits.shape) for _ in range(12)
  ]
  wanted = numeric_slopes(function, labels, logits, at)
  inputs.assert_close(np.array([slope[place] for place in at]), wanted, 2e-4)


FUNCTIONS = {
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
EACH = pytest.mark.parametrize("name", FUNCTIONS)
