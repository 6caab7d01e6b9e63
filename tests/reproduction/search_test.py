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

"""A search tries the same values for each row, and chooses on one split."""

import pytest

from deeplab_ssl.reproduction import search as search_lib
from deeplab_ssl.reproduction import tables

_SEARCH = search_lib.Search(("ce",), "a.rate", (0.1, 0.3), "val_a", "val_b")
_ROW = tables.Row("ce", "s", "m", "CE", {"loss": "ce"})


def test_each_value_is_looked_at_on_both_splits():
  found = search_lib.expand(_SEARCH, _ROW, 0.3)
  assert [row.name for row in found] == [
    "s/ce_rate_0.1+split=val_a",
    "s/ce_rate_0.1+split=val_b",
    "s/ce+split=val_a",
    "s/ce+split=val_b",
  ]
  assert found[0].overrides == {
    "loss": "ce",
    "a.rate": 0.1,
    "trainer.max_to_keep": 1,
  }
  assert not found[0].curve
  # The value of the setting: the training that there is anyway.
  assert found[2].overrides == {"loss": "ce"}
  assert found[2].curve


def test_the_value_with_the_best_mean_is_chosen():
  tried = {
    0.1: {"seed 1": 0.5, "seed 2": 0.25},
    0.3: {"seed 1": 0.375, "seed 2": 0.5},
    1.0: {"seed 1": 0.375, "seed 2": 0.5},
  }
  assert search_lib.choose(tried, ["seed 1", "seed 2"]) == 0.3
  assert search_lib.choose(tried, ["seed 1"]) == 0.1


def test_a_choice_needs_all_scores():
  tried = {0.1: {"seed 1": 0.5}, 0.3: {}}
  with pytest.raises(ValueError, match=r"\[0.3\] lack scores"):
    search_lib.choose(tried, ["seed 1"])
  with pytest.raises(ValueError, match="needs a seed"):
    search_lib.choose(tried, [])
