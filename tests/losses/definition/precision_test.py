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

"""Tests of losses/definition/precision.py."""

from keras import ops
import numpy as np
import pytest

from deeplab_ssl.losses import definition
from deeplab_ssl.losses.definition import precision
from tests.losses import backends
from tests.losses import inputs
from tests.losses.definition import testing


def test_nothing_else_is_changed():
  ones = ops.ones([2])
  with precision.full_float32(ones):
    assert float(ops.sum(ones)) == 2


@pytest.mark.skipif(backends.NAME != "torch", reason="torch alone has autocast")
@pytest.mark.parametrize("name", ["ssl", "ssim"])
def test_autocast_of_torch_does_not_reach_the_windows(name):
  import torch

  labels, logits = testing.IMAGES["noise"]
  wanted = backends.value_and_gradient(testing.FUNCTIONS[name], labels, logits)
  with torch.autocast("cpu", torch.bfloat16):
    found = backends.value_and_gradient(testing.FUNCTIONS[name], labels, logits)
    error, _ = definition.structural_error(labels, logits, region_size=7)
  inputs.assert_close(found[0], wanted[0], 1e-6)
  inputs.assert_close(found[1], wanted[1], 1e-6)
  plain, _ = definition.structural_error(labels, logits, region_size=7)
  np.testing.assert_array_equal(
    ops.convert_to_numpy(error), ops.convert_to_numpy(plain)
  )
