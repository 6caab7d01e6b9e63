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

import json

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.modeling import dense_prediction_cell as cell_lib
from deeplab_ssl.modeling import image_pooling
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import resizing

_NAME = "dense_prediction_cell_branch5_top1_cityscapes"
_SEPARABLE = {"op": "conv", "kernel": 3, "rate": [1, 2], "input": -1}
_POINTWISE = {"op": "conv", "kernel": 1, "input": -1}
_PYRAMID = {"op": "pyramid_pooling", "grid_size": [2, 1], "input": -1}


def _features(*shape):
  rng = np.random.default_rng(0)
  return tf.constant(rng.normal(size=shape), tf.float32)


def _cell(*branches, **options):
  return cell_lib.DensePredictionCell(
    branches, image_pooling.Pooling(**options)
  )


def test_a_branch_stands_on_the_backbone_or_on_another():
  cell = _cell(_POINTWISE, _SEPARABLE | {"input": 0}, _POINTWISE)
  features = _features(1, 5, 4, 3)
  outputs = cell(features)
  assert outputs.shape == [1, 5, 4, 256]
  first = cell.branches[0](features)
  branches = [first, cell.branches[1](first), cell.branches[2](features)]
  np.testing.assert_allclose(
    outputs, cell.projection(tf.concat(branches, -1)), rtol=1e-5
  )
  scopes = {name.split("/")[1] for name in cell.slim_variables()}
  assert scopes == {
    "branch0",
    "branch1_depthwise",
    "branch1_pointwise",
    "branch2",
    "concat_projection",
  }


@pytest.mark.parametrize("output_stride, factor", [(16, 1), (8, 2)])
def test_rates_are_those_of_the_stride(output_stride, factor):
  cell = _cell(_SEPARABLE | {"rate": [6, 21]}, output_stride=output_stride)
  rates = cell.branches[0].depthwise.conv.dilation_rate
  assert rates == (6 * factor, 21 * factor)


def test_further_cells_have_scopes_of_their_own():
  cell = cell_lib.DensePredictionCell([_POINTWISE], number=2)
  cell(_features(1, 2, 2, 3))
  assert {name.split("/")[0] for name in cell.slim_variables()} == {
    "meta_architecture_2"
  }


@pytest.mark.parametrize(
  "options, window",
  [({}, (5, 7)), ({"crop_size": (65, 65)}, (3, 5))],
)
def test_a_grid_of_windows_covers_the_image(options, window):
  cell = _cell(_PYRAMID, output_stride=16, **options)
  features = _features(1, 9, 7, 3)
  cell(features, image_size=(129, 97))
  pooling = cell.branches[0]
  means = tf.nn.avg_pool2d(features, window, 1, "VALID")
  expected = resizing.resize_align_corners(pooling.conv(means), (9, 7))
  found = pooling(features, image_size=(129, 97))
  np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
  # Of a size that is not known when the graph is made, too.
  run = tf.function(lambda x, size: pooling(x, image_size=tf.unstack(size)))
  spec = tf.TensorSpec([None, None, None, 3])
  graph = run.get_concrete_function(spec, tf.TensorSpec([2], tf.int32))
  np.testing.assert_allclose(
    graph(features, tf.constant([129, 97])), expected, rtol=1e-4, atol=1e-5
  )


def test_what_is_dropped_out_is_projected():
  cell = _cell(_POINTWISE)
  features = _features(1, 9, 9, 3)
  plain = cell(features)
  dropped = cell(features, training=False, dropout=True)
  assert np.any(plain != dropped)
  # No output is 0 because it was dropped.
  share = np.mean((dropped == 0) & (plain > 0.1))
  assert share < 0.02


def test_a_cell_is_read_from_its_name_its_text_or_a_file(tmp_path):
  named = cell_lib.read(_NAME)
  assert [branch["rate"] for branch in named] == [
    [1, 6],
    [18, 15],
    [6, 3],
    [1, 1],
    [6, 21],
  ]
  text = json.dumps(list(named))
  assert cell_lib.read(text) == named
  (tmp_path / "cell.json").write_text(text)
  path = str(tmp_path / "cell.json")
  assert cell_lib.read(path) == named
  assert cell_lib.read(list(named)) == named
  assert cell_lib.read("") == cell_lib.read([]) == ()
  # What is kept of it needs no file.
  assert json.loads(cell_lib.as_text(path)) == list(named)
  assert cell_lib.as_text(_NAME) == _NAME
  assert cell_lib.as_text("") == ""


@pytest.mark.parametrize(
  "cell, message",
  [
    ("nowhere.json", f"name of a cell .{_NAME}.*cell='nowhere.json'"),
    ("[{", "is no JSON: .* Received: '\\[{'"),
    ("[1]", "Branch 0 .* a mapping whose op is one of"),
    ([_POINTWISE, {"op": "pool"}], "Branch 1 .*'conv', 'pyramid_pooling'"),
    ([_SEPARABLE | {"rate": 6}], r"needs a rate \[height, width\]"),
    ([_SEPARABLE | {"rate": [6, 0]}], "needs a rate"),
    ([_SEPARABLE | {"kernel": 5}], "the kernel 1 or 3"),
    ([_POINTWISE | {"input": 0}], "from -1, the backbone, to -1"),
    ([_POINTWISE | {"filters": 3}], "must have the keys"),
    ([{"op": "conv", "kernel": 3, "input": -1}], "must have the keys"),
    ([_PYRAMID | {"grid_size": [1]}], "needs a grid_size"),
  ],
)
def test_another_description_is_refused(cell, message):
  with pytest.raises(ValueError, match=message):
    cell_lib.read(cell)


def test_an_output_stride_with_fractions_of_rates_is_refused():
  with pytest.raises(ValueError, match="must be 8 or 16 .*output_stride=32"):
    _cell(_SEPARABLE, output_stride=32)


def test_kernels_of_all_branches_decay():
  options = layers.ConvOptions("l2")
  cell = cell_lib.DensePredictionCell([_SEPARABLE, _POINTWISE], options=options)
  cell(_features(1, 3, 3, 2))
  assert len(cell.losses) == 3
