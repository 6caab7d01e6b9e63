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

"""Variables that are about to be saved hold numbers."""

from collections.abc import Sequence

import tensorflow as tf


class NotFiniteError(ValueError):
  """A variable that would be saved is not finite."""


@tf.function(reduce_retracing=True)
def _all_finite(values):
  return [tf.reduce_all(tf.math.is_finite(value)) for value in values]


def check(variables: Sequence[tf.Variable], step: int) -> None:
  """Fails if a variable holds NaN or infinity.

  Args:
    variables: weights, statistics and slots; integers pass.
    step: after how many steps, for the message.

  Raises:
    NotFiniteError: naming the first such variable.
  """
  floats = [v for v in variables if v.dtype.is_floating]
  values = [tf.convert_to_tensor(v) for v in floats]
  for variable, finite in zip(floats, _all_finite(values), strict=True):
    if not finite:
      raise NotFiniteError(
        f"After step {step} the variable {variable.name} is not finite, so no "
        "checkpoint is written; earlier ones stay. Lower the learning rate, "
        "and train on from the last checkpoint."
      )
