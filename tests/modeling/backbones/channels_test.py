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

import pytest

from deeplab_ssl.modeling.backbones import channels


@pytest.mark.parametrize(
  "exact, divisible_by, least, expected",
  [
    (32.0, 8, 8, 32),
    (12.0, 8, 8, 16),  # Half of eight is rounded up.
    (11.9, 8, 8, 16),  # 8 would lose more than a tenth.
    (18.0, 8, 8, 24),  # 16 would.
    (3.0, 8, 8, 8),
    (12.0, 4, 8, 12),
    (8.4, 1, 1, 8),
    (1.43, 1, 1, 2),
    (0.2, 1, 1, 1),
    (40.0, 16, 1, 48),
  ],
)
def test_channels_are_rounded_as_the_original_does(
  exact, divisible_by, least, expected
):
  assert channels.round_channels(exact, divisible_by, least) == expected
