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

"""Tests of losses/window_profile.py."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from deeplab_ssl.losses import window_profile
from tests.losses import reference


class WindowProfileTest(parameterized.TestCase):
  @parameterized.product(region_size=(1, 3, 5, 7, 9, 11), sigma=(0.5, 1.5, 8.0))
  def test_outer_product_is_the_window_of_equation_14(self, region_size, sigma):
    profile = window_profile.gaussian_profile(region_size, sigma)
    window = list(reference.window(region_size, sigma).values())
    np.testing.assert_allclose(
      np.outer(profile, profile).ravel(), window, rtol=1e-12
    )

  @parameterized.parameters(
    (0,), (-1,), (2,), (10,), (2.5,), (3.0,), ("3",), (None,)
  )
  def test_refuses_a_region_without_centre(self, region_size):
    with self.assertRaisesRegex(
      ValueError, f"`region_size` .* odd .* region_size={region_size!r}"
    ):
      window_profile.gaussian_profile(region_size, 1.5)

  @parameterized.parameters(0, -1.5, float("nan"))
  def test_refuses_a_sigma_that_is_not_positive(self, sigma):
    with self.assertRaisesRegex(ValueError, f"`sigma` .* sigma={sigma}"):
      window_profile.gaussian_profile(3, sigma)


if __name__ == "__main__":
  absltest.main()
