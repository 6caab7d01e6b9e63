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

"""A graph of TensorFlow as an ONNX model; needs the extra `onnx`."""

import onnx
import onnxruntime
import tensorflow as tf
import tf2onnx

# Of 2022, so that runtimes of the last years read the model.
OPSET = 17
_AXES = ("batch", "height", "width", "classes")


def convert(function, spec: tf.TensorSpec) -> bytes:
  """Converts a function of a batch of images, of any size where `spec` is None.

  Args:
    function: a `tf.function` of one tensor that returns a dictionary of tensors
      `[batch, height, width, ...]`.
    spec: shape, dtype and name of its input, `[batch, height, width, 3]`.

  Returns:
    The serialised model, whose input is called as in `spec` and whose outputs
    are called as the keys of the dictionary.

  Raises:
    ValueError: if the model is not one that onnxruntime loads.
  """
  model, _ = tf2onnx.convert.from_function(function, [spec], opset=OPSET)
  _name_input(model.graph, spec.name)
  _transpose_before_softmax(model.graph)
  outputs = function.get_concrete_function(spec).structured_outputs
  for tensor in (*model.graph.input, *model.graph.output):
    _tell_shape(tensor, outputs.get(tensor.name, spec).shape)
  converted = model.SerializeToString()
  # The converter leaves in the model, without an error, what it cannot convert.
  try:
    onnxruntime.InferenceSession(converted, providers=["CPUExecutionProvider"])
  except Exception as error:  # The errors of onnxruntime have no common base.
    raise ValueError(
      f"The model cannot be exported to ONNX: {error} Export a SavedModel, "
      "without --onnx."
    ) from error
  return converted


def _tell_shape(tensor, shape):
  """Writes what of a shape is known; the converter forgets some of it."""
  dimensions = tensor.type.tensor_type.shape.dim
  for dimension, size, axis in zip(dimensions, shape, _AXES, strict=False):
    if size is None:
      dimension.dim_param = axis
    else:
      dimension.dim_value = size


def _name_input(graph, name):
  """Calls the input as the function does; the converter writes it small."""
  (tensor,) = graph.input
  same = onnx.helper.make_node("Identity", [name], [tensor.name])
  graph.node.insert(0, same)
  tensor.name = name


def _transpose_before_softmax(graph):
  """Swaps a softmax and the transpose behind it, which changes no value.

  The converter brings channels to the end as late as it can. onnxruntime takes
  a softmax over another axis than the last many times slower.
  """
  for softmax in graph.node:
    if softmax.op_type != "Softmax":
      continue
    (between,) = softmax.output
    users = [node for node in graph.node if between in node.input]
    outputs = [tensor for tensor in graph.output if tensor.name == between]
    if outputs or [node.op_type for node in users] != ["Transpose"]:
      continue
    (transpose,) = users
    order = onnx.helper.get_node_attr_value(transpose, "perm")
    axis = onnx.helper.get_node_attr_value(softmax, "axis") % len(order)
    _become(softmax, "Transpose", "perm", order)
    _become(transpose, "Softmax", "axis", order.index(axis))
    softmax.output[0] = transpose.input[0] = f"{between}_transposed"


def _become(node, op_type, attribute, value):
  node.op_type = op_type
  node.ClearField("attribute")
  node.attribute.append(onnx.helper.make_attribute(attribute, value))
