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

"""Tests of losses/ssim_settings.py."""

from absl.testing import absltest
from absl.testing import parameterized

from deeplab_ssl.losses import ssim_settings


class SettingsTest(parameterized.TestCase):
  @parameterized.parameters(
    ({"form": "structure"}, "form.*'structure'"),
    ({"region_size": 4}, "region_size"),
    ({"form": "contrast_structure", "region_size": 1}, "single pixel"),
    ({"sigma": 0}, "sigma"),
    ({"ce_weight": 1.5}, "ce_weight.*1.5"),
  )
  def test_bad_settings_are_refused(self, settings, message):
    with self.assertRaisesRegex(ValueError, message):
      ssim_settings.SSIMSettings(**settings)


if __name__ == "__main__":
  absltest.main()
