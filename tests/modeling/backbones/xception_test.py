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

import pytest
import tensorflow as tf

from deeplab_ssl.modeling.backbones import xception
from tests import models


def _plan(scope, **arguments):
  """Returns the stride and the rates of the convolutions of each module."""
  model = xception.Xception(scope, **arguments)
  return [
    (
      module.convs[2].depthwise.conv.strides[0],
      *(conv.depthwise.conv.dilation_rate[0] for conv in module.convs),
    )
    for module in model.modules
  ]


@pytest.mark.parametrize(
  "output_stride, multi_grid, middle, last",
  [
    (32, None, (1, 1, 1, 1), [(2, 1, 1, 1), (1, 1, 1, 1)]),
    (16, [1, 2, 4], (1, 1, 1, 1), [(1, 1, 1, 1), (1, 2, 4, 8)]),
    (8, None, (1, 2, 2, 2), [(1, 2, 2, 2), (1, 4, 4, 4)]),
  ],
)
def test_strides_and_rates(output_stride, multi_grid, middle, last):
  plan = _plan(
    "xception_41", output_stride=output_stride, multi_grid=multi_grid
  )
  assert len(plan) == 3 + 8 + 2
  assert plan[:2] == [(2, 1, 1, 1)] * 2
  assert plan[2] == ((1 if output_stride == 8 else 2), 1, 1, 1)
  assert plan[3:11] == [middle] * 8
  assert plan[11:] == last


def test_the_entry_of_71_is_longer():
  plan = _plan("xception_71")
  assert [stride for stride, *_ in plan[:5]] == [2, 1, 2, 1, 2]
  assert len(plan) == 5 + 16 + 2


def test_two_maps_and_the_names_of_the_checkpoint():
  with models.without_initial_values():
    model = xception.Xception("xception_41")
    outputs = model(tf.zeros([1, 33, 49, 3]))
  assert outputs.features.shape == [1, 3, 4, 2048]
  assert {k: v.shape for k, v in outputs.low_level.items()} == {
    4: [1, 9, 13, 256],
    8: [1, 5, 7, 728],
    16: [1, 3, 4, 1024],
  }
  names = model.slim_variables()
  scope = "xception_41/{}/unit_1/xception_module"
  entry = scope.format("entry_flow/block3")
  assert names[f"{entry}/shortcut/weights"].shape == [1, 1, 256, 728]
  middle = scope.format("middle_flow/block1")
  assert f"{middle}/shortcut/weights" not in names
  kernel = f"{middle}/separable_conv3_depthwise/depthwise_weights"
  assert names[kernel].shape == [3, 3, 728, 1]
  # Two convolutions, 13 modules of six and four shortcuts, five variables each.
  assert len(names) == 5 * (2 + 13 * 6 + 4)


def test_a_grid_without_three_factors_is_refused():
  with pytest.raises(ValueError, match=r"multi_grid=\[1, 2\]"):
    xception.Xception(multi_grid=[1, 2])
