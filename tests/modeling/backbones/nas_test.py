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

from deeplab_ssl.modeling.backbones import nas
from tests import models


def _build(name, *arguments, size=(65, 33), **options):
  with models.without_initial_values():
    model = nas.Nas(name, *arguments, **options)
    return model, model(tf.zeros([1, *size, 3]))


@pytest.mark.parametrize(
  "name, output_stride, channels",
  [
    ("nas_pnasnet", 8, 200),
    pytest.param("nas_pnasnet", 16, 400, marks=pytest.mark.slow),
    pytest.param("nas_pnasnet", 32, 800, marks=pytest.mark.slow),
    ("nas_hnasnet", 8, 200),
  ],
)
def test_the_output_stride_is_that_of_the_cells(name, output_stride, channels):
  _, maps = _build(name, output_stride)
  size = [64 // output_stride + 1, 32 // output_stride + 1]
  assert maps.features.shape == [1, *size, channels]
  assert maps.low_level[4].shape[1:3] == [17, 9]
  assert maps.low_level[8].shape[1:3] == [9, 5]


@pytest.mark.parametrize(
  "arguments, stride",
  [
    (("nas_hnasnet", 8), 8),
    pytest.param(("nas_hnasnet", 16), 16, marks=pytest.mark.slow),
    pytest.param(("nas_hnasnet", 32), 32, marks=pytest.mark.slow),
    (("nas_pnasnet", 16), 16),
  ],
)
def test_a_classification_head_leaves_the_rest_of_the_strides(
  arguments, stride
):
  model, maps = _build(*arguments, nas_use_classification_head=True)
  size = [64 // stride + 1, 32 // stride + 1]
  assert maps.features.shape == [1, *size, 2048]
  rates = [conv.conv.dilation_rate[0] for conv in model.head]
  expected = {8: [2, 4, 1], 16: [1, 2, 1], 32: [1, 1, 1]}[stride]
  # PNASNet leaves stride 16 by itself.
  assert rates == (expected[1:] if "pnas" in arguments[0] else expected)


def test_stride_32_may_be_left_out():
  model, maps = _build(
    "nas_hnasnet", 8, size=(49, 33), nas_remove_os32_stride=True
  )
  assert maps.features.shape == [1, 7, 5, 200]
  strides = [cell.size.stride for cell in model.cells]
  assert strides == [1, 1, 1, 2, 2, 1, 2, 1, 1, 1, 1, 1]
  # The channels are those of the network with it.
  filters = [cell.size.filters for cell in model.cells]
  assert filters == [20, 20, 20, 40, 80, 40, 80, 80, 160, 160, 80, 40]


@pytest.mark.parametrize(
  "arguments, message",
  [
    (("nas_hnasnet", 16), r"one of \(8,\) with .*'nas_hnasnet'"),
    (("nas_hnasnet", 4), "output_stride=4"),
  ],
)
def test_other_output_strides_are_refused(arguments, message):
  with pytest.raises(ValueError, match=message):
    nas.Nas(*arguments)


def test_a_size_that_cannot_be_halved_and_enlarged_is_refused():
  with pytest.raises(ValueError, match="of 32 plus one .* Received: 65 x 49"):
    _build("nas_hnasnet", 8, size=(65, 49))
  assert nas.size_step("nas_hnasnet", False) == 32
  assert nas.size_step("nas_hnasnet", True) == 16
  assert nas.size_step("nas_pnasnet", False) == 1


def test_each_branch_draws_for_itself():
  model, _ = _build("nas_pnasnet", drop_path_keep_prob=0.5)
  assert len(model.drop_paths) == 12 * 9
  step = tf.Variable(1, dtype=tf.int64)
  draws = set()
  for drop in model.drop_paths:
    drop.follow(step, 1)
    draws.add(float(drop.uniform(tf.constant([1, 1, 1, 1]))[0, 0, 0, 0]))
  assert len(draws) == 12 * 9


def test_dropping_acts_in_training_alone():
  model, _ = _build("nas_pnasnet", drop_path_keep_prob=0.01)
  images = tf.ones([1, 33, 33, 3])
  for name, variable in model.slim_variables().items():
    if "weights" in name:
      variable.assign(tf.random.normal(variable.shape, 0, 0.1, seed=1))
  once, again = (model(images).features for _ in range(2))
  np.testing.assert_array_equal(once, again)
  trained = model(images, training=True).features
  assert np.any(trained != model(images, training=True).features)


@pytest.mark.parametrize(
  "name, output_stride, expected",
  [
    ("nas_pnasnet", 8, False),
    ("nas_pnasnet", 16, False),
    ("nas_pnasnet", 32, True),
    ("nas_hnasnet", 8, True),
    ("nas_hnasnet", 32, True),
  ],
)
def test_which_networks_have_stride_32(name, output_stride, expected):
  assert nas.has_stride_32(name, output_stride) == expected
