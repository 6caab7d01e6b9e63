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

"""Hours of a training come from its FLOPs and the rate of a card."""

from benchmarks import paper_plan


def test_hours_are_flops_by_the_share_of_a_rate():
  # 3.6e15 FLOPs at half of 1 TFLOP/s take 7200 s.
  assert paper_plan.hours(3.6e15, 1, 0.5) == "2.0"
  assert paper_plan.hours(3.6e16, 1, 0.5) == "20"


def test_a_table_has_the_steps_of_all_stages_and_each_type_of_a_card():
  costs = [
    paper_plan.Cost(
      "two_stages", 2, (30_000, 20_000), 7.2e12, 12, (1500, 2200)
    ),
    paper_plan.Cost("one_stage", 3, (90_000,), 1e12, 1, (512, 600)),
  ]
  lines = paper_plan.report(costs, 0.5)
  assert lines[2] == (
    "| `two_stages` | 2 | 30,000 + 20,000 | 12 | 7.20 | 360 "
    "| 1500, 2200 | 9.0 |"
  )
  assert (
    lines[3] == "| `one_stage` | 3 | 90,000 | 1 | 1.00 | 90 | 512, 600 | 0.5 |"
  )
  # 360e15 / (15.7e12 / 2) / 3600, and the same at 125 TFLOP/s.
  assert "| V100, float32 | 32 | 13 | 3.2 | 35 |" in lines
  assert "| V100, bfloat16 or float16 | 32 | 1.6 | 0.4 | 4.4 |" in lines
  # It computes no faster in a shorter type.
  assert sum("1080" in line for line in lines) == 1


def test_rows_that_tables_share_are_trained_once():
  # The six tables have 59 rows.
  assert paper_plan.row_counts() == {
    "voc2012_v3": 25,
    "voc2012_v3plus": 6,
    "voc2012_v3_321": 9,
    "cityscapes_v3": 7,
  }
