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

"""The short form of `make torture`."""

import pytest

from tests import torture


@pytest.mark.parametrize(
  "name, count",
  [
    ("flipped shards", 40),
    ("shortened shards", 12),
    ("wrong arguments", 60),
    pytest.param("damaged run directories", 3, marks=pytest.mark.slow),
  ],
)
def test_nothing_is_silent(name, count):
  endings = torture.torture(name, count, seed=1)
  assert endings.total() == count
  assert torture.faults(endings) == 0, endings
