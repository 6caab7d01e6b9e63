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

"""Tests of losses/affinity_settings.py."""

from absl.testing import absltest
from absl.testing import parameterized

from deeplab_ssl.losses import affinity_settings


class SettingsTest(parameterized.TestCase):
  @parameterized.parameters(
    ({"kernel_sizes": ()}, "kernel_sizes"),
    ({"kernel_sizes": (1,)}, r"kernel_sizes=\(1,\)"),
    ({"kernel_sizes": (4,)}, "odd"),
    ({"kernel_sizes": (3, 3)}, "distinct"),
    ({"margin": 0}, "margin"),
    ({"edge_weight": -1}, "edge_weight.*-1"),
    ({"ce_weight": -0.5}, "ce_weight"),
  )
  def test_bad_settings_are_refused(self, settings, message):
    with self.assertRaisesRegex(ValueError, message):
      affinity_settings.AffinitySettings(**settings)


if __name__ == "__main__":
  absltest.main()
