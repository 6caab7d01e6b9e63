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

"""float32 that stays float32, whatever the libraries are told elsewhere."""

import contextlib
import sys

import keras


@contextlib.contextmanager
def full_float32(tensor):
  """Computes convolutions in float32 as they are written.

  `torch.autocast` and TF32, which torch and JAX take on newer GPUs by default,
  would round what a convolution reads to 8 or 10 bits.

  Args:
    tensor: of the backend of Keras, on the device that computes.
  """
  backend = keras.backend.backend()
  with contextlib.ExitStack() as contexts:
    if backend == "torch":
      torch = sys.modules["torch"]
      contexts.enter_context(torch.autocast(tensor.device.type, enabled=False))
      if not torch.compiler.is_compiling():
        contexts.enter_context(torch.backends.cudnn.flags(allow_tf32=False))
    elif backend == "jax":
      jax = sys.modules["jax"]
      contexts.enter_context(jax.default_matmul_precision("highest"))
    yield
