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

"""FLOPs and bytes of a graph, counted from the shapes of its operations.

A multiplication and an addition count as two. Only convolutions and matrix
products are counted as FLOPs: the rest of a network is bound by memory. Bytes
are what moves if each operation reads its inputs and writes its outputs once,
with nothing kept in a cache between two operations.
"""

from typing import NamedTuple

# Operations that compute nothing, or hand a reference on.
_FREE = {
  "Const",
  "Identity",
  "IdentityN",
  "NoOp",
  "Placeholder",
  "ReadVariableOp",
  "Reshape",
  "Shape",
  "ShapeN",
  "ExpandDims",
  "Squeeze",
  "StopGradient",
}
# Where a convolution has its filter and the map whose pixels it is counted by;
# negative for outputs.
_CONVOLUTIONS = {
  "Conv2D": (1, -1),
  "Conv2DBackpropInput": (1, 2),
  "Conv2DBackpropFilter": (-1, 2),
  "DepthwiseConv2dNative": (1, -1),
  "DepthwiseConv2dNativeBackpropInput": (1, 2),
  "DepthwiseConv2dNativeBackpropFilter": (-1, 2),
}


class Cost(NamedTuple):
  """What a graph costs.

  Attributes:
    flops: of convolutions and matrix products.
    bytes: read and written by all operations.
  """

  flops: int
  bytes: int


def _elements(tensor):
  count = tensor.shape.num_elements()
  if count is None:
    raise ValueError(
      f"The shape of {tensor.name} is {tensor.shape}; only graphs of static "
      "shapes can be counted."
    )
  return count


def _flops(op):
  if op.type == "MatMul":
    shared = op.inputs[0].shape[0 if op.get_attr("transpose_a") else 1]
    return 2 * _elements(op.outputs[0]) * shared
  if op.type not in _CONVOLUTIONS:
    return 0
  kernel, pixels = (
    op.outputs[0] if place < 0 else op.inputs[place]
    for place in _CONVOLUTIONS[op.type]
  )
  _elements(kernel)
  height, width, channels, _ = kernel.shape
  # Each output channel of a depthwise convolution reads one input channel.
  read = 1 if op.type.startswith("Depthwise") else channels
  return 2 * _elements(pixels) * height * width * read


def _bytes(op):
  if op.type in _FREE:
    return 0
  return sum(
    tensor.dtype.size * tensor.shape.num_elements()
    for tensor in [*op.inputs, *op.outputs]
    if tensor.dtype.is_floating and tensor.shape.num_elements()
  )


def count(graph) -> Cost:
  """Counts the operations of a graph; those of loops in it are left out.

  Args:
    graph: a `tf.Graph`, such as that of a concrete function.

  Raises:
    ValueError: naming the tensor, if a convolution has no static shape.
  """
  operations = graph.get_operations()
  return Cost(sum(map(_flops, operations)), sum(map(_bytes, operations)))
