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

"""The constants of the structural similarity loss, with the paper's values."""

import dataclasses
from typing import Literal

import numpy as np

from deeplab_ssl.common import arguments
from deeplab_ssl.losses import window_profile

StabilityForm = Literal["std", "variance"]


@dataclasses.dataclass(frozen=True)
class StructuralSimilaritySettings:
  """Constants of the loss; these defaults are the only ones there are.

  Attributes:
    region_size: side k of the square window in pixels, odd (Table 2: 3 is
      best). With 1 there are no statistics and `e` is the pixel-wise |y - p|.
    sigma: standard deviation of the gaussian window in pixels (Eq. 14).
    beta: samples with `e <= beta * e_max` are dropped (Eq. 11), in [0, 1).
    ce_weight: lambda of Eq. 17, in [0, 1].
    stability: C4 of Eq. 10, positive.
    stability_form: "std" adds C4 to the standard deviation (Eq. 10),
      "variance" to the variance under the root (Eq. 16).
    ohem: whether samples with a small `e` are dropped (Table 3).
    reweight: whether samples are weighted by `e` (Table 3).

  Raises:
    ValueError: naming the first constant that is out of its range.
  """

  region_size: int = 3
  sigma: float = 1.5
  beta: float = 0.1
  ce_weight: float = 0.5
  stability: float = 0.01
  stability_form: StabilityForm = "std"
  ohem: bool = True
  reweight: bool = True

  def __post_init__(self):
    arguments.require_numbers(self, "sigma", "beta", "ce_weight", "stability")
    arguments.require_flags(self, "ohem", "reweight")
    window_profile.gaussian_profile(self.region_size, self.sigma)
    arguments.require(0 <= self.beta < 1, "beta", "in [0, 1)", self.beta)
    arguments.require(
      0 <= self.ce_weight <= 1, "ce_weight", "in [0, 1]", self.ce_weight
    )
    arguments.require(
      self.stability > 0, "stability", "positive (0.01)", self.stability
    )
    arguments.require(
      self.stability_form in ("std", "variance"),
      "stability_form",
      '"std" (Eq. 10) or "variance" (Eq. 16)',
      self.stability_form,
    )

  @property
  def max_error(self) -> float:
    """`e_max`, see `max_structural_error`."""
    if self.region_size == 1:
      return 1.0
    profile = window_profile.gaussian_profile(self.region_size, self.sigma)
    centre = profile.max() ** 2
    variance = centre * (1 - centre)
    if self.stability_form == "std":
      deviation = np.sqrt(variance) + self.stability
    else:
      deviation = np.sqrt(variance + self.stability)
    return float(2 * (1 - centre) / deviation)

  @property
  def threshold(self) -> float:
    """Samples whose `e` exceeds it are hard (Eq. 11): `beta * e_max`."""
    return self.beta * self.max_error


# What functions and classes take their defaults from.
DEFAULTS = StructuralSimilaritySettings()


def max_structural_error(
  *,
  region_size: int = DEFAULTS.region_size,
  sigma: float = DEFAULTS.sigma,
  stability: float = DEFAULTS.stability,
  stability_form: StabilityForm = DEFAULTS.stability_form,
) -> float:
  r"""Returns `e_max`, the theoretical maximum of `e` (Sec. 3.3).

  .. math::
    e_{max} = \frac{2 (1 - w_0)}{\sqrt{w_0 (1 - w_0)} + C_4}

  with w_0 the weight of the centre of the window: the distance between the
  normalised value of a lone 1 in a window of zeros and that of a lone 0 in a
  window of ones.

  Args:
    region_size: side of the window in pixels, odd. 1 gives 1.
    sigma: standard deviation of the gaussian window in pixels.
    stability: C4 of Eq. 10.
    stability_form: "std" (Eq. 10) or "variance" (Eq. 16).

  Returns:
    `e_max`; 4.6716 for the paper's settings.

  Raises:
    ValueError: if an argument is out of its range.

  Example:

  >>> round(max_structural_error(region_size=3), 4)
  4.6716
  >>> max_structural_error(region_size=1)
  1.0
  """
  return StructuralSimilaritySettings(
    region_size=region_size,
    sigma=sigma,
    stability=stability,
    stability_form=stability_form,
  ).max_error
