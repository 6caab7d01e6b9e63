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

from deeplab_ssl.modeling.backbones import resnet_v1
from tests import models


def _plan(**arguments):
  """Returns the stride and the rate of the middle convolution of each unit."""
  model = resnet_v1.ResNetV1(**arguments)
  return [
    (unit.stride, unit.convs[1].conv.dilation_rate[0]) for unit in model.units
  ]


@pytest.mark.parametrize(
  "output_stride, multi_grid, expected",
  [
    (
      32,
      None,
      [(1, 1)] * 2
      + [(2, 1)]
      + [(1, 1)] * 3
      + [(2, 1)]
      + [(1, 1)] * 5
      + [(2, 1)]
      + [(1, 1)] * 3,
    ),
    (
      16,
      [1, 2, 4],
      [(1, 1)] * 2
      + [(2, 1)]
      + [(1, 1)] * 3
      + [(2, 1)]
      + [(1, 1)] * 6
      + [(1, 2), (1, 4), (1, 8)],
    ),
    (
      8,
      None,
      [(1, 1)] * 2 + [(2, 1)] + [(1, 1)] * 4 + [(1, 2)] * 6 + [(1, 4)] * 3,
    ),
  ],
)
def test_the_last_unit_of_a_block_has_the_stride(
  output_stride, multi_grid, expected
):
  found = _plan(output_stride=output_stride, multi_grid=multi_grid)
  assert found == expected


def test_two_maps_and_the_names_of_the_checkpoint():
  with models.without_initial_values():
    model = resnet_v1.ResNetV1()
    outputs = model(tf.zeros([1, 33, 49, 3]))
  assert outputs.features.shape == [1, 3, 4, 2048]
  assert {k: v.shape for k, v in outputs.low_level.items()} == {
    4: [1, 9, 13, 256],
    8: [1, 5, 7, 512],
    16: [1, 3, 4, 1024],
  }
  names = model.slim_variables()
  # 53 convolutions and the two that the stem has more, five variables each.
  assert len(names) == 5 * 55
  scope = "resnet_v1_50/block3/unit_1/bottleneck_v1"
  assert names[f"{scope}/shortcut/weights"].shape == [1, 1, 512, 1024]
  assert f"{scope.replace('unit_1', 'unit_2')}/shortcut/weights" not in names


def test_a_grid_without_three_factors_is_refused():
  with pytest.raises(ValueError, match=r"multi_grid=\[1, 2\]"):
    resnet_v1.ResNetV1(multi_grid=[1, 2])


@pytest.mark.parametrize(
  "name, convolutions, shortcuts",
  [
    ("resnet_v1_18", {"conv1": [7, 7, 3, 64]}, (2, 3, 4)),
    (
      "resnet_v1_18_beta",
      {
        "conv1_1": [3, 3, 3, 16],
        "conv1_2": [3, 3, 16, 16],
        "conv1_3": [3, 3, 16, 32],
      },
      (1, 2, 3, 4),
    ),
    ("resnet_v1_50", {"conv1": [7, 7, 3, 64]}, (1, 2, 3, 4)),
  ],
)
def test_stems_and_projections(name, convolutions, shortcuts):
  with models.without_initial_values():
    model = resnet_v1.ResNetV1(name)
    model(tf.zeros([1, 33, 33, 3]))
  scope = name.removesuffix("_beta")
  shapes = {
    key.removeprefix(f"{scope}/").removesuffix("/weights"): v.shape.as_list()
    for key, v in model.slim_variables().items()
    if key.endswith("/weights")
  }
  stem = {k: v for k, v in shapes.items() if "/" not in k}
  assert stem == convolutions
  projected = [k.split("/")[0] for k in shapes if k.endswith("/shortcut")]
  # Where the number of channels changes.
  assert projected == [f"block{i}" for i in shortcuts]


def test_both_convolutions_of_a_lite_unit_have_the_rate():
  model = resnet_v1.ResNetV1("resnet_v1_18", 16, [1, 2])
  rates = [
    [conv.conv.dilation_rate[0] for conv in unit.convs] for unit in model.units
  ]
  assert rates == [[1, 1]] * 6 + [[2, 2], [4, 4]]
  strides = [
    [conv.conv.strides[0] for conv in unit.convs] for unit in model.units
  ]
  assert strides == [[1, 1], [1, 2]] * 2 + [[1, 1]] * 4
