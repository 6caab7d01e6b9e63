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

import math

import numpy as np
import pytest

from deeplab_ssl.reproduction import statistics


def test_spread_is_numpys():
  values = [1.0, 4.0, 2.5]
  mean, deviation = statistics.spread(values)
  assert mean == pytest.approx(np.mean(values))
  assert deviation == pytest.approx(np.std(values, ddof=1))
  assert math.isnan(statistics.spread([3.0])[1])


def test_interval_of_students_t():
  # Differences 1, 2, 3: mean 2, standard error 1 / sqrt(3), t 4.303.
  mean, half = statistics.paired_difference([2, 4, 6], [1, 2, 3])
  assert mean == pytest.approx(2)
  assert half == pytest.approx(4.303 / math.sqrt(3))
  mean, half = statistics.paired_difference([1.5], [1.0])
  assert mean == 0.5
  assert math.isnan(half)


def test_seeds_must_be_pairs_and_few():
  with pytest.raises(ValueError):
    statistics.paired_difference([1, 2], [1])
  with pytest.raises(ValueError, match="ends at 10"):
    statistics.paired_difference(range(11), range(11))
