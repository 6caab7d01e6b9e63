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

"""Tables of scores are those of the runs."""

from benchmarks import score_tables


def _runs(*ious):
  return {f"seed {i}": {"iou": iou} for i, iou in enumerate(ious, 1)}


def test_pairs_are_of_a_method_and_a_baseline():
  suite = dict.fromkeys(["CE", "BCE", "SSL"])
  assert score_tables.pairs(suite, {"CE": {}, "BCE": {}}) == [
    ("SSL", "CE"),
    ("SSL", "BCE"),
  ]
  # A baseline that is not asked for as one is a method like others.
  assert score_tables.pairs({"CE": {}}, {"BCE": {}}) == [("CE", "BCE")]
  assert not score_tables.pairs({"CE": {}}, {"CE": {}})


def test_differences_of_a_class_are_of_the_seeds_that_have_it_on_both_sides():
  own = _runs(
    {"a": 0.5, "b": 0.5, "c": None},
    {"a": 0.75, "b": None, "c": None},
    {"a": 1.0, "b": 0.25, "c": 0.5},
  )
  other = _runs(
    {"a": 0.25, "b": 0.25, "c": 0.5},
    {"a": 0.25, "b": 0.5, "c": 0.5},
    {"a": 0.75, "b": 0.75, "c": None},
  )
  older = {"seed 1": {"mean_iou": 0.5}}
  # a: 25, 50, 25, whose deviation is 14.434; t of two degrees is 4.303.
  # b: 25, -50, whose deviation is 53.033; t of one degree is 12.706.
  half = 4.303 * 14.433757 / 3**0.5, 12.706 * 53.033009 / 2**0.5
  assert score_tables.class_difference_table(
    {"SSL": own, "BCE": other, "old": older}, {"BCE": other}
  ) == [
    "| class | SSL minus BCE |",
    "| --- | --- |",
    f"| a | +33.33 ± {half[0]:.2f} |",
    f"| b | -12.50 ± {half[1]:.2f} |",
    "| c | n/a |",
  ]


def test_there_is_no_table_of_differences_without_a_pair():
  runs = _runs({"a": 0.5})
  for suite, baselines in (
    ({}, {}),
    ({"BCE": runs}, {"BCE": runs}),
    ({"SSL": runs}, {}),
    ({"SSL": {"seed 1": {}}}, {"BCE": runs}),
    ({"SSL": runs}, {"BCE": {"seed 1": {}}}),
  ):
    assert not score_tables.class_difference_table(suite, baselines)
