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

"""Sums and moments of the gaussian window around each pixel (Eq. 14 and 15).

In float32, as every backend has it. A flat window makes `E[p^2] - E[p]^2`
cancel: the result is off by 1e-7, which is a standard deviation of 3e-4 beside
C4 = 0.01. The moments are therefore merged from differences of neighbours,
along the rows and then along the columns; of a flat window nothing is left.
"""

from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from keras import ops
import numpy as np

from deeplab_ssl.losses.definition import precision


class Moments(NamedTuple):
  """Moments of the valid pixels in the window around each pixel.

  Attributes:
    weight: `[batch, height, width, 1]`, window sum of the valid mask.
    means: of each field, `[batch, height, width, channels]`.
    covariances: of each pair of fields.
  """

  weight: Any
  means: list
  covariances: list


def window_sum(fields, profile: np.ndarray):
  """Sums `fields` over a separable window; 0 outside the image.

  Args:
    fields: float32 `[batch, height, width, channels]`.
    profile: one-dimensional window weights `[region_size]`.

  Returns:
    Tensor with the shape of `fields`.
  """
  channels = fields.shape[-1]
  with precision.full_float32(fields):
    for shape in ((-1, 1, 1, 1), (1, -1, 1, 1)):
      column = ops.reshape(ops.convert_to_tensor(profile, "float32"), shape)
      fields = ops.depthwise_conv(
        fields,
        ops.tile(column, (1, 1, channels, 1)),
        padding="same",
        data_format="channels_last",
      )
  return fields


def binary_shares(y, valid, weight, profile: np.ndarray):
  """Returns the window's shares of the ones and of the zeros of binary maps.

  Their product is the variance. A window of one class has exactly nothing of
  the other.

  Args:
    y: float32 `[batch, height, width, classes]`, 0 at ignored pixels.
    valid: float32 `[batch, height, width, 1]`, 1 or 0.
    weight: window sum of `valid`.
    profile: weights of the window along each axis.

  Returns:
    Two tensors with the shape of `y`; finite where no pixel is valid.
  """
  filled = ops.where(weight > 0, weight, 1.0)
  return [window_sum(part, profile) / filled for part in (y, valid - y)]


def shifted(field, offset: Sequence[int], outside: float = 0.0):
  """Moves a map so that each pixel sees the value of a neighbour.

  Args:
    field: `[batch, height, width, ...]`.
    offset: of the neighbour, in rows and columns.
    outside: what is seen beyond the image.

  Returns:
    Tensor with the shape of `field`.
  """
  height, width = ops.shape(field)[1:3]
  reach = [abs(step) for step in offset]
  margins = [(0, 0), *((step, step) for step in reach)]
  margins += [(0, 0)] * (len(field.shape) - 3)
  padded = ops.pad(field, margins, constant_values=outside)
  top, left = (side + step for side, step in zip(reach, offset, strict=True))
  return padded[:, top : top + height, left : left + width]


def window_moments(
  fields: Sequence[Any],
  pairs: Sequence[tuple[int, int]],
  valid,
  profile: np.ndarray,
) -> Moments:
  """Gathers means and covariances over the valid pixels of each window.

  Args:
    fields: float32 `[batch, height, width, channels]` each, finite everywhere.
    pairs: which fields a covariance is of; (0, 0) is a variance.
    valid: float32 `[batch, height, width, 1]`, 1 or 0.
    profile: weights of the window along each axis, symmetric.

  Returns:
    The `Moments`; finite where no pixel of the window is valid.
  """
  weight, means = valid, list(fields)
  scatters = [0.0 for _ in pairs]
  for axis in (0, 1):
    weight, means, scatters = _merged(
      weight, means, scatters, pairs, profile, axis
    )
  filled = ops.where(weight > 0, weight, 1.0)
  return Moments(weight, means, [scatter / filled for scatter in scatters])


def _merged(weight, means, scatters, pairs, profile, axis):
  """Merges groups along an axis by the law of total variance.

  Each pixel stands for a group with a weight, the means and the scatters of its
  members, a scatter being the weighted sum of products of deviations.
  """
  radius = len(profile) // 2
  near: list[tuple] = []
  for step, tap in zip(range(-radius, radius + 1), profile, strict=True):
    offset = (step, 0) if axis == 0 else (0, step)
    share = float(tap) * shifted(weight, offset)
    away = [shifted(mean, offset) - mean for mean in means]
    near.append((float(tap), offset, share, away))
  total = sum(share for _, _, share, _ in near)
  filled = ops.where(total > 0, total, 1.0)
  drifts = [
    sum(share * away[i] for _, _, share, away in near) / filled
    for i in range(len(means))
  ]
  merged = []
  for (first, second), scatter in zip(pairs, scatters, strict=True):
    between = sum(
      share * (away[first] - drifts[first]) * (away[second] - drifts[second])
      for _, _, share, away in near
    )
    within = 0.0
    if not isinstance(scatter, float):  # Single pixels do not scatter.
      within = sum(tap * shifted(scatter, at) for tap, at, _, _ in near)
    merged.append(within + between)
  means = [mean + drift for mean, drift in zip(means, drifts, strict=True)]
  return total, means, merged
