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

"""Tests of the ratios and the rows of the benchmark."""

import pytest

from benchmarks import measurement


def test_a_ratio_is_the_median_of_neighbouring_rounds():
  # The machine was ten times slower in the second round: of the medians the
  # ratio would be 0.1, of neighbours it is 0.5 in two rounds of three.
  row = measurement.row("step", {"ours": [1, 10, 1], "other": [2, 20, 10]})
  assert row["ratio"] == {"median": 0.5, "range": [0.1, 0.5]}
  assert row["sides"]["ours"] == {"median": 1000, "range": [1000, 10000]}
  assert row["unit"] == "ms"


def test_other_units_are_left_as_they_are():
  row = measurement.row("peak", {"ours": [3.14159265]}, "MiB")
  assert row["sides"] == {"ours": {"median": 3.142, "range": [3.142, 3.142]}}
  assert "ratio" not in row


@pytest.mark.parametrize(
  "sides", [{"ours": [1, 2], "other": [1]}, {"ours": []}, {}]
)
def test_rounds_that_do_not_belong_together_are_refused(sides):
  with pytest.raises(ValueError, match="'step' needs sides of equally many"):
    measurement.row("step", sides)


def test_functions_take_turns_after_a_first_call_of_each():
  calls, ticks = [], iter(range(100))
  functions = {name: lambda name=name: calls.append(name) for name in "ab"}
  timed = measurement.seconds_in_turn(functions, 2, clock=lambda: next(ticks))
  assert "".join(calls) == "ababab"
  assert timed == {"a": [1, 1], "b": [1, 1]}


def test_the_table_has_a_line_for_each_row():
  rows = [
    measurement.row("step", {"ours": [0.001], "other": [0.002]}),
    measurement.row("rate", {"rate": [7]}, "GB/s"),
  ]
  assert measurement.table(rows) == (
    "step: ours 1 ms, other 2 ms, ratio 0.5 (0.5 to 0.5)\nrate: rate 7 GB/s"
  )


def test_the_peak_is_that_of_the_calls():
  import numpy as np

  growth = measurement.peak_growth(lambda: np.ones(32 << 20).sum())
  # 8 bytes each; Linux counts pages for each CPU and sums them up now and then.
  assert growth == pytest.approx(256, abs=64)
