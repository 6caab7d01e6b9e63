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

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.modeling import activations

_X = np.float32([-9, -6, -3, -1.5, 0, 1.5, 3, 6, 9])


def test_hard_swish_is_a_sixth_of_the_product():
  expected = _X * np.clip(_X + 3, 0, 6) / 6
  np.testing.assert_allclose(activations.hard_swish(_X), expected, rtol=1e-6)


def test_the_gate_has_the_digits_of_the_original():
  expected = np.clip(_X + 3, 0, 6) * 0.16667
  gate = activations.quantized_sigmoid(_X)
  np.testing.assert_allclose(gate, expected, rtol=1e-6)
  # Hence a gate that is open gives a bit more than 1.
  assert gate[-1] > 1.00001


def test_clipping_is_on_both_sides():
  np.testing.assert_array_equal(
    activations.clip_by_six(_X), [-6, -6, -3, -1.5, 0, 1.5, 3, 6, 6]
  )


@pytest.mark.parametrize(
  "function",
  [
    activations.hard_swish,
    activations.quantized_sigmoid,
    activations.clip_by_six,
  ],
)
def test_the_type_stays(function):
  assert function(tf.constant(_X, tf.bfloat16)).dtype == tf.bfloat16
