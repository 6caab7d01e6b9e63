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

"""FLOPs and bytes of small graphs, against counts by hand."""

import pytest
import tensorflow as tf

from benchmarks import graph_cost


def _graph(function, *shapes):
  specs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
  return tf.function(function).get_concrete_function(*specs).graph


def _with_gradient(function):
  def run(x, kernel):
    with tf.GradientTape() as tape:
      tape.watch([x, kernel])
      y = tf.reduce_sum(function(x, kernel))
    return tape.gradient(y, [x, kernel])

  return run


def _conv(x, kernel):
  return tf.nn.conv2d(x, kernel, 1, "SAME")


def _depthwise(x, kernel):
  return tf.nn.depthwise_conv2d(x, kernel, [1, 1, 1, 1], "SAME")


@pytest.mark.parametrize(
  "function, kernel, each",
  [
    (_conv, [3, 3, 4, 5], 2 * (2 * 8 * 8) * 3 * 3 * 4 * 5),
    (_depthwise, [3, 3, 4, 2], 2 * (2 * 8 * 8) * 3 * 3 * 4 * 2),
  ],
)
def test_a_convolution_and_both_its_gradients_cost_the_same(
  function, kernel, each
):
  graph = _graph(function, [2, 8, 8, 4], kernel)
  assert graph_cost.count(graph).flops == each
  graph = _graph(_with_gradient(function), [2, 8, 8, 4], kernel)
  # The loss is a sum: its value is not asked for, the forward pass stays.
  assert graph_cost.count(graph).flops == 3 * each


@pytest.mark.parametrize("transpose", [False, True])
def test_a_matrix_product(transpose):
  shape = [7, 3] if transpose else [3, 7]
  graph = _graph(
    lambda a, b: tf.linalg.matmul(a, b, transpose_a=transpose), shape, [7, 5]
  )
  assert graph_cost.count(graph).flops == 2 * 3 * 5 * 7


def test_bytes_are_read_and_written_once():
  graph = _graph(lambda a, b: tf.reshape(a + b, [-1]), [10, 10], [10, 10])
  assert graph_cost.count(graph).bytes == 3 * 4 * 100


def test_an_unknown_shape_is_named():
  graph = _graph(_conv, [1, None, 8, 4], [3, 3, 4, 5])
  with pytest.raises(ValueError, match="only graphs of static shapes"):
    graph_cost.count(graph)
