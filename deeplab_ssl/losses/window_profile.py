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

"""The gaussian window of Eq. 14 of the paper, as weights."""

import numbers

import numpy as np


def gaussian_profile(region_size: int, sigma: float) -> np.ndarray:
  """Returns the one-dimensional profile of the window of Eq. 14.

  The circular-symmetric gaussian is the outer product of this profile with
  itself, so that unit sum of one gives unit sum of the other.

  Args:
    region_size: side k of the square window in pixels, odd and positive.
    sigma: standard deviation of the gaussian in pixels, positive.

  Returns:
    float64 array `[region_size]` of positive weights with unit sum.

  Raises:
    ValueError: if `region_size` is not odd and positive or `sigma` is not
      positive.
  """
  integral = isinstance(region_size, numbers.Integral)
  integral = integral and not isinstance(region_size, bool)
  if not integral or region_size < 1 or region_size % 2 == 0:
    raise ValueError(
      "Argument `region_size` must be a positive odd integer, so that the "
      "window has a centre pixel; use 3, 5, 7, 9 or 11. "
      f"Received: region_size={region_size!r}"
    )
  if not sigma > 0:
    raise ValueError(
      "Argument `sigma` must be a positive number of pixels; the paper uses "
      f"1.5. Received: sigma={sigma}"
    )
  offsets = np.arange(region_size) - (region_size - 1) / 2
  weights = np.exp(-(offsets**2) / (2 * sigma**2))
  return weights / weights.sum()
