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

import logging

import pytest

from deeplab_ssl.training import precision_speed


def test_it_measures_both_types():
  assert 0.01 < precision_speed.relative_time("bfloat16") < 1000


@pytest.mark.parametrize("ratio, told", [(11.94, True), (0.5, False)])
def test_it_warns_where_float32_is_faster(monkeypatch, caplog, ratio, told):
  monkeypatch.setattr(precision_speed, "relative_time", lambda dtype: ratio)
  with caplog.at_level(logging.WARNING):
    precision_speed.warn_if_slower("bfloat16")
  assert ("took 11.9 times as long" in caplog.text) == told
  assert ("mixed_precision_dtype=bfloat16" in caplog.text) == told


@pytest.mark.parametrize("dtype", [None, "float32"])
def test_float32_is_not_measured(monkeypatch, dtype):
  monkeypatch.setattr(precision_speed, "relative_time", None)
  precision_speed.warn_if_slower(dtype)
