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

"""Mean and variance of the window around each pixel (Eq. 14 and 15).

Shared by the structural similarity loss and the SSIM losses: the same window,
the same treatment of border and ignored pixels.

Numerics. A flat window makes `E[p^2] - E[p]^2` cancel: in float32 the result is
off by 1e-7, which is a standard deviation of 3e-4 beside C4 = 0.01. These two
moments are therefore gathered in float64.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from deeplab_ssl.losses.on_tensorflow import gaussian

# Relative error, with a margin, of the float64 moments of a flat window.
_ROUNDING = 2e-15


class LocalStatistics(NamedTuple):
  """Float64 statistics of the valid pixels, scaled by the window's weight w.

  They stay scaled because every formula here divides one by another, where the
  scale cancels.

  Attributes:
    weight: `[batch, height, width, 1]`, w, window sum of the valid mask.
    scaled_mean: `[batch, height, width, classes]`, `w mu`.
    scaled_variance: `[batch, height, width, classes]`, `w^2 sigma^2`, not
      negative.
  """

  weight: tf.Tensor
  scaled_mean: tf.Tensor
  scaled_variance: tf.Tensor


def local_statistics(
  p: tf.Tensor, valid: tf.Tensor, profile: np.ndarray
) -> LocalStatistics:
  """Gathers the statistics of probabilities.

  Args:
    p: float64 `[batch, height, width, classes]`, 0 at ignored pixels.
    valid: `[batch, height, width, 1]`, 1 or 0.
    profile: profile of the window, from `window_profile`.

  Returns:
    The `LocalStatistics`, differentiable with respect to `p`.
  """
  weight = gaussian.window_sum(tf.cast(valid, tf.float64), profile)
  scaled_mean, scaled_squares = (
    gaussian.window_sum(field, profile) for field in (p, p * p)
  )
  # The factor outweighs the rounding of float64, so that a flat window has no
  # variance at all; it costs a standard deviation of 4e-8 at most.
  scaled_variance = (
    scaled_squares * (weight * (1 - _ROUNDING)) - scaled_mean * scaled_mean
  )
  return LocalStatistics(weight, scaled_mean, tf.nn.relu(scaled_variance))
