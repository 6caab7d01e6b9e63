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

"""Exact integer counts in the variables of a metric, on any backend.

JAX has no 64-bit integers unless it is told to, and a data set has more pixels
than 31 bits count. A count is therefore kept as two words of 32 bits.
"""

from keras import ops

_WORD = 1 << 24


class Counts:
  """Counts of a metric that only grow.

  Args:
    metric: the `keras.metrics.Metric` that owns the variables.
    shape: of the counts.
    name: of the variables.
  """

  def __init__(self, metric, shape, name: str):
    self._low, self._high = (
      metric.add_variable(
        shape, "zeros", dtype="int32", name=f"{name}_{word}", aggregation="sum"
      )
      for word in ("low", "high")
    )

  def add(self, counts) -> None:
    """Adds int32 counts below 2^30."""
    low = self._low + counts
    self._high.assign(self._high + low // _WORD)
    self._low.assign(low % _WORD)

  def value(self):
    """Returns the counts as float32, exact to its 24 bits."""
    low, high = (ops.cast(word, "float32") for word in (self._low, self._high))
    return high * float(_WORD) + low
