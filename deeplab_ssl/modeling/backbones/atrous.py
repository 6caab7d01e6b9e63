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

"""The original's rules for trading strides against atrous rates."""

from collections.abc import Sequence


def schedule(
  strides: Sequence[int], stem_stride: int, output_stride: int
) -> list[tuple[int, int]]:
  """Gives each unit of a backbone the stride and the atrous rate it runs with.

  Once the output stride is reached, strides become 1. A unit that loses its
  stride still runs at the rate so far: only the units behind it get the rate
  multiplied. Source: `stack_blocks_dense` of the original.

  Args:
    strides: nominal strides of the units.
    stem_stride: stride in front of the first unit.
    output_stride: stride wanted behind the last unit.

  Returns:
    `[(stride, rate), ...]`, one for each unit.

  Raises:
    ValueError: if no unit ends at the output stride.
  """
  result = []
  stride, rate = stem_stride, 1
  for wanted in strides:
    if stride == output_stride:
      result.append((1, rate))
      rate *= wanted
    else:
      result.append((wanted, rate))
      stride *= wanted
  if stride != output_stride:
    raise ValueError(
      f"This backbone cannot have an output stride of {output_stride}: the "
      f"nearest is {stride}."
    )
  return result


def unit_rates(multi_grid: Sequence[int] | None, units: int) -> tuple[int, ...]:
  """Returns the factors on the rates of the units of a backbone's last block.

  Args:
    multi_grid: a factor for each, or None for 1.
    units: their number.

  Raises:
    ValueError: if there are more or fewer factors than units.
  """
  rates = tuple(multi_grid or [1] * units)
  if len(rates) != units:
    example = tuple(2**i for i in range(units))
    raise ValueError(
      f"Argument `multi_grid` must be None or {units} factors, such as "
      f"{example}, one for each unit of the last block of this backbone. "
      f"Received: multi_grid={multi_grid}"
    )
  return rates
