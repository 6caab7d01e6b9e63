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
"""Channels of the MobileNets, rounded as the original rounds them."""


def round_channels(channels: float, divisible_by: int, least: int) -> int:
  """Rounds to a multiple, but never down by more than a tenth.

  Args:
    channels: the exact number.
    divisible_by: what the result is a multiple of, unless `least` is larger.
    least: the smallest result.
  """
  half_up = int(channels + divisible_by / 2) // divisible_by * divisible_by
  rounded = max(half_up, least)
  return rounded + divisible_by if rounded < 0.9 * channels else rounded
