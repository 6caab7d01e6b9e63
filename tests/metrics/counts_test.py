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

"""Tests of metrics/counts.py."""

import keras
from keras import ops
import pytest

from deeplab_ssl.metrics import counts


def test_counts_beyond_31_bits_are_kept():
  class Total(keras.metrics.Metric):
    def __init__(self):
      super().__init__()
      self.counts = counts.Counts(self, (), "total")

  metric = Total()
  for _ in range(10):
    metric.counts.add(ops.convert_to_tensor(2**30 - 1, "int32"))
  assert float(metric.counts.value()) == pytest.approx(10 * 2**30, rel=1e-7)
