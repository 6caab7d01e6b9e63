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

"""Where the time of a function goes, by kind of operation.

The function runs eagerly, and an operation has taken what passed since the one
before it ended. Operations on a few numbers, such as those on shapes, are left
out: there Python's own time is most of it.
"""

import collections
from collections.abc import Callable
import time
from typing import Any

_WINDOW_SUMS = ("DepthwiseConv2dNative",)
_COPIES = (
  "ConcatV2",
  "ExpandDims",
  "GatherV2",
  "Identity",
  "Pack",
  "Pad",
  "PadV2",
  "Reshape",
  "Shape",
  "Slice",
  "StridedSlice",
  "StridedSliceGrad",
  "Tile",
  "Transpose",
)
# Fewer elements than a small map has.
_FEW = 4096
KINDS = ("window sums", "copies", "float64 arithmetic", "other arithmetic")


def kind(op_type: str, dtype: str) -> str:
  """Returns which of `KINDS` an operation is.

  Args:
    op_type: its type, such as "Mul".
    dtype: name of the dtype of its first output.
  """
  if op_type in _WINDOW_SUMS:
    return "window sums"
  if op_type in _COPIES:
    return "copies"
  return "float64 arithmetic" if dtype == "float64" else "other arithmetic"


def shares(function: Callable[[], Any]) -> dict[str, float]:
  """Runs a function eagerly, once before it is timed.

  Args:
    function: any; its `tf.function`s run eagerly, too.

  Returns:
    {kind: share of the time of operations on maps, in percent}.
  """
  import tensorflow as tf
  from tensorflow.python.framework import op_callbacks

  spent: collections.Counter[str] = collections.Counter()
  ended = 0.0

  def note(op_type, inputs, attrs, outputs, op_name=None, graph=None):
    nonlocal ended
    name = op_type.decode() if isinstance(op_type, bytes) else op_type
    dtype = outputs[0].dtype.name if outputs else ""
    if any((x.shape.num_elements() or 0) > _FEW for x in (*inputs, *outputs)):
      spent[kind(name, dtype)] += time.perf_counter() - ended
    ended = time.perf_counter()

  eager = tf.config.functions_run_eagerly()
  tf.config.run_functions_eagerly(True)
  try:
    function()
    ended = time.perf_counter()
    op_callbacks.add_op_callback(note)
    try:
      function()
    finally:
      op_callbacks.remove_op_callback(note)
  finally:
    tf.config.run_functions_eagerly(eager)
  total = sum(spent.values())
  return {kind: 100 * spent[kind] / total for kind in KINDS}
