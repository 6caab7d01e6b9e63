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

from deeplab_ssl.modeling import drop_path
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import resizing
from deeplab_ssl.modeling.backbones import nas_cell

_Operation = nas_cell.Operation


def _drop():
  return drop_path.DropPath(1.0, 0, 1, 0)


def _cell(combinations, stride=1, resize=False, project=False):
  size = nas_cell.Size(4, stride, resize, project)
  return nas_cell.Cell("a", combinations, size, _drop, layers.ConvOptions())


def _maps(seed, *shape):
  rng = np.random.default_rng(seed)
  return tf.constant(rng.normal(size=shape), tf.float32)


def _names(cell):
  return {
    name.removeprefix("a/")
    for name in cell.slim_variables()
    if "weights" in name or "gamma" in name
  }


def test_states_are_added_and_those_made_are_concatenated():
  none = [_Operation("none", 1, state) for state in range(3)]
  cell = _cell([(none[0], none[1]), (none[1], none[2])])
  inputs, previous = _maps(0, 1, 5, 4, 6), _maps(1, 1, 5, 4, 4)
  outputs = cell(inputs, previous)
  start = cell.start(tf.nn.relu(inputs))
  np.testing.assert_allclose(outputs[..., :4], start + previous, rtol=1e-6)
  np.testing.assert_allclose(
    outputs[..., 4:], start + 2 * previous, rtol=1e-5, atol=1e-6
  )
  assert _names(cell) == {"1x1/weights", "beginning_bn/gamma"}


def test_the_cell_before_is_resized_and_projected():
  pair = (_Operation("none", 1, 1), _Operation("max", 1, 1))
  cell = _cell([pair], resize=True, project=True)
  inputs, previous = _maps(0, 1, 5, 4, 6), _maps(1, 1, 9, 7, 3)
  outputs = cell(inputs, previous)
  expected = cell.previous(
    tf.nn.relu(resizing.resize_align_corners(previous, (5, 4)))
  )
  np.testing.assert_allclose(outputs, 2 * expected, rtol=1e-5, atol=1e-6)
  assert {"prev_1x1/weights", "prev_bn/gamma"} <= _names(cell)


@pytest.mark.parametrize(
  "kind, variables",
  [
    (
      "separable",
      {
        *("separable_3x3_1/depthwise_weights", "bn_sep_3x3_1/gamma"),
        *("separable_3x3_1/pointwise_weights", "bn_sep_3x3_2/gamma"),
        "separable_3x3_2/depthwise_weights",
        "separable_3x3_2/pointwise_weights",
      },
    ),
    ("atrous", {"atrous_3x3/weights", "bn_atr_3x3/gamma"}),
    ("max", set()),
    ("none", {"1x1/weights", "bn_1/gamma"}),
  ],
)
@pytest.mark.parametrize("size", [(9, 7), (8, 6)])
def test_a_stride_halves_what_comes_from_outside(kind, variables, size):
  outside = (_Operation(kind, 3, 0), _Operation("max", 3, 1))
  inside = (_Operation("max", 3, 2), _Operation("none", 1, 2))
  cell = _cell([outside, inside], stride=2)
  outputs = cell(_maps(0, 2, *size, 4), _maps(1, 2, *size, 4))
  assert outputs.shape == [2, (size[0] + 1) // 2, (size[1] + 1) // 2, 8]
  left = "comb_iter_0/left/"
  found = {name for name in _names(cell) if name.startswith("comb_iter_")}
  assert found == {left + name for name in variables}


@pytest.mark.parametrize("stride, rate", [(1, 2), (2, 1)])
def test_atrous_kernels_lose_their_rate_with_a_stride(stride, rate):
  pair = (_Operation("atrous", 5, 0), _Operation("atrous", 5, 1))
  cell = _cell([pair], stride=stride)
  for branch in cell.branches[0]:
    assert branch.convs[0].conv.dilation_rate == (rate, rate)
    assert branch.convs[0].conv.strides == (1, 1)


def test_all_but_none_may_be_dropped():
  pair = (_Operation("max", 3, 0), _Operation("none", 1, 0))
  assert len(_cell([pair, pair]).drop_paths) == 2
