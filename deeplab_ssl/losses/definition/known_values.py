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

"""Whether values can be looked at now, or only when compiled code runs."""

import sys

import keras
from keras import ops
from keras.src.backend.common import symbolic_scope  # Not public.


def are_known(tensor) -> bool:
  """Returns whether a tensor has values, which an error could name.

  Args:
    tensor: of the backend of Keras; false under `jax.jit`, `torch.compile`, in
      a `tf.function` and where Keras only asks for shapes, which under torch
      it does with values of its own.
  """
  if keras.backend.is_keras_tensor(tensor):
    return False
  if symbolic_scope.in_symbolic_scope():
    return False
  backend = keras.backend.backend()
  if backend == "jax":
    return not isinstance(tensor, sys.modules["jax"].core.Tracer)
  if backend == "torch":
    return not sys.modules["torch"].compiler.is_compiling()
  if backend == "tensorflow":
    return sys.modules["tensorflow"].executing_eagerly()
  return True


def require_none(illegal, values, message: str) -> None:
  """Raises ValueError if a value is illegal and its values are known.

  Args:
    illegal: bool tensor.
    values: like `illegal`; the error names the extremes of the illegal ones.
    message: what is wrong; the extremes follow.
  """
  if not are_known(illegal) or not bool(ops.any(illegal)):
    return
  values = ops.cast(values, "float32")
  smallest = ops.min(ops.where(illegal, values, float("inf")))
  largest = ops.max(ops.where(illegal, values, -float("inf")))
  raise ValueError(f"{message} {float(smallest):g} and {float(largest):g}")
