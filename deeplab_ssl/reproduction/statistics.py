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

"""Means and paired differences of scores over seeds."""

from collections.abc import Hashable
from collections.abc import Mapping
from collections.abc import Sequence
import math
import statistics

# 97.5 % quantile of Student's t by degrees of freedom, from 1 on.
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


def spread(values: Sequence[float]) -> tuple[float, float]:
  """Returns mean and standard deviation; the latter is NaN of one value."""
  if len(values) < 2:
    return statistics.mean(values), float("nan")
  return statistics.mean(values), statistics.stdev(values)


def paired_difference(
  values: Sequence[float], others: Sequence[float]
) -> tuple[float, float]:
  """Returns the mean of the differences and half its 95 % interval.

  Args:
    values: one score per seed.
    others: scores of the same seeds, in the same order.

  Returns:
    `(mean, half)`: the interval of Student's t is `mean - half` to
    `mean + half`. It is NaN for one seed.

  Raises:
    ValueError: if the numbers of seeds differ, or exceed 10.
  """
  pairs = [a - b for a, b in zip(values, others, strict=True)]
  if len(pairs) > len(_T) + 1:
    raise ValueError(
      f"The table of Student's t ends at {len(_T) + 1} seeds. Received: "
      f"{len(pairs)}"
    )
  mean, deviation = spread(pairs)
  if math.isnan(deviation):
    return mean, deviation
  return mean, _T[len(pairs) - 2] * deviation / math.sqrt(len(pairs))


def common_seeds(
  values: Mapping[Hashable, float], others: Mapping[Hashable, float]
) -> tuple[list[float], list[float]]:
  """Returns the scores of the seeds that both have, in the same order.

  Args:
    values: {seed: score}.
    others: {seed: score}.
  """
  seeds = [seed for seed in values if seed in others]
  return [values[seed] for seed in seeds], [others[seed] for seed in seeds]


def plus_minus(mean: float, half: float, form: str = ".2f") -> str:
  """Returns "1.00 ± 0.20", or the mean alone if `half` is NaN."""
  return f"{mean:{form}}" + ("" if math.isnan(half) else f" ± {half:.2f}")


def difference_text(
  values: Mapping[Hashable, float], others: Mapping[Hashable, float]
) -> str:
  """Returns the paired difference as "+1.00 ± 0.20".

  Args:
    values: {seed: score}.
    others: {seed: score} of what they are compared with.

  Returns:
    The difference over the seeds that both have; "" without any.
  """
  pairs = common_seeds(values, others)
  return plus_minus(*paired_difference(*pairs), "+.2f") if pairs[0] else ""
