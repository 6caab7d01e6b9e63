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

"""Mixed precision: activations of 16 bits, all that is kept in float32.

Keras gives a layer its policy when the layer is made. So a model is built in
the scope of a policy, and the global one stays what it was: a process that has
trained in bfloat16 can evaluate in float32.
"""

import contextlib

import tf_keras

# Values of `runtime.mixed_precision_dtype`, null apart.
DTYPES = ("float32", "bfloat16", "float16")


def policy_name(dtype: str | None) -> str:
  """Returns the name of Keras' policy for a type of activations.

  Args:
    dtype: one of `DTYPES`; None is float32.

  Raises:
    ValueError: if it is another.
  """
  if dtype not in (None, *DTYPES):
    raise ValueError(
      f"Activations are of one of the types {', '.join(DTYPES)}. Received: "
      f"{dtype!r}"
    )
  return "float32" if dtype in (None, "float32") else f"mixed_{dtype}"


@contextlib.contextmanager
def scope(dtype: str | None):
  """While it is open, layers are made whose activations are of a type.

  Weights, the statistics of batch norm, logits and losses stay float32.

  Args:
    dtype: one of `DTYPES`; None is float32.

  Raises:
    ValueError: if it is another.
  """
  before = tf_keras.mixed_precision.global_policy()
  tf_keras.mixed_precision.set_global_policy(policy_name(dtype))
  try:
    yield
  finally:
    tf_keras.mixed_precision.set_global_policy(before)
