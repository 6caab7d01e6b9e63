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

"""The affinity field of the definition against float64."""

from keras import ops
import numpy as np
import pytest

from deeplab_ssl.losses import affinity_settings
from deeplab_ssl.losses import definition
from tests.losses import backends
from tests.losses import inputs
from tests.losses import reference
from tests.losses.definition import testing


@pytest.mark.parametrize(
  ("sizes", "image"),
  [((3,), "noise"), ((3,), "fitted"), ((3, 5), "noise"), ((3,), "void")],
)
def test_affinity_is_that_of_float64(sizes, image):
  labels, logits = testing.IMAGES[image]
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
    testing.shares(labels, value), expected(labels, logits), tolerance
  )
  testing.assert_slopes(slope, expected, labels, logits)


def test_adaptive_weights_are_a_softmax():
  weights = definition.adaptive_weights(ops.zeros([2, 3, 2]))
  np.testing.assert_allclose(ops.convert_to_numpy(weights), 0.5)
