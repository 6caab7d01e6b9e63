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

"""What a graph says of predictions before they have values."""

import tensorflow as tf

_PROBABILITIES = ("Softmax", "Sigmoid")
# What keeps probabilities what they are.
_HANDED_ON = (
  "Cast",
  "Identity",
  "Reshape",
  "ResizeBilinear",
  "ResizeNearestNeighbor",
  "Transpose",
)


def are_probabilities(predictions: tf.Tensor) -> bool:
  """Returns whether predictions come out of a softmax or a sigmoid.

  Args:
    predictions: of a graph; of an eager tensor nothing is known.
  """
  if not tf.is_symbolic_tensor(predictions):
    return False
  operation = predictions.op
  while operation.type in _HANDED_ON:
    operation = operation.inputs[0].op
  return operation.type in _PROBABILITIES
