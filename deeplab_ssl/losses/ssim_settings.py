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

"""The constants of the SSIM losses, with the values of the paper."""

import dataclasses
from typing import Literal

from deeplab_ssl.common import arguments
from deeplab_ssl.losses import window_profile

SSIMForm = Literal["ssim", "contrast_structure"]

# The constants of Wang et al. (2004) for a dynamic range of 1.
C1 = 0.01**2
C2 = 0.03**2


@dataclasses.dataclass(frozen=True)
class SSIMSettings:
  """Constants of the loss.

  Attributes:
    form: "ssim" is 1 - SSIM (Eq. 7); "contrast_structure" is 1 - S_2, which is
      SSIM of the mean-subtracted maps (Eq. 9).
    region_size: side k of the square window, odd (Table 2 has 3 and 11).
    sigma: standard deviation of the gaussian window in pixels (Eq. 14).
    ce_weight: lambda, the weight of the sigmoid cross entropy beside it, in
      [0, 1]; 0.5 as in Eq. 17.

  Raises:
    ValueError: naming the first constant that is out of its range.
  """

  form: SSIMForm = "ssim"
  region_size: int = 3
  sigma: float = 1.5
  ce_weight: float = 0.5

  def __post_init__(self):
    arguments.require_numbers(self, "sigma", "ce_weight")
    arguments.require(
      self.form in ("ssim", "contrast_structure"),
      "form",
      '"ssim" (Eq. 7) or "contrast_structure" (Eq. 9)',
      self.form,
    )
    window_profile.gaussian_profile(self.region_size, self.sigma)
    arguments.require(
      self.form == "ssim" or self.region_size > 1,
      "region_size",
      "3 or more: a single pixel has neither contrast nor structure",
      self.region_size,
    )
    arguments.require(
      0 <= self.ce_weight <= 1, "ce_weight", "in [0, 1]", self.ce_weight
    )


# What functions and classes take their defaults from.
DEFAULTS = SSIMSettings()
