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

"""Tests of metrics/boundary.py."""

import doctest

from keras import ops
import numpy as np
import pytest

from deeplab_ssl import metrics
from deeplab_ssl.metrics import boundary
from tests.losses import inputs
from tests.metrics import testing


@pytest.mark.parametrize("border", [False, True])
@pytest.mark.parametrize("distance", [1, 2, 5])
def test_pixels_near_another_label_are_found(distance, border):
  labels, _ = next(testing.batches())
  labels = np.where(labels == inputs.VOID, -1, labels)
  found = boundary.near_another_label(
    ops.convert_to_tensor(labels), distance, border=border
  )
  np.testing.assert_array_equal(
    ops.convert_to_numpy(found), testing.far(labels, distance, border)
  )


def test_images_of_unknown_size_are_refused():
  metric = metrics.BoundaryIoU(3)
  with pytest.raises(ValueError, match="known size.*height None"):
    metric._width((None, 5))


def test_the_examples_run(capsys):
  found = doctest.testmod(boundary)
  assert found.attempted and not found.failed, capsys.readouterr().out
