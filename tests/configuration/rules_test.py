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

"""Tests of the rules of values, and of the words that say them."""

import math
from typing import Literal

import pytest

from deeplab_ssl.configuration import rules

_NAN, _INF = math.nan, math.inf


@pytest.mark.parametrize(
  "rule, words, good, bad",
  [
    (rules.integer(), "an integer", [-3, 0, 2], [2.0, True, "2", None, [2]]),
    (rules.integer(1), "an integer of 1 or more", [1, 10**9], [0, -1, 1.5]),
    (rules.integer(0, 9), "an integer in [0, 9]", [0, 9], [-1, 10]),
    (rules.real(), "a finite number", [-1, 0.5], [_NAN, _INF, True, "1", None]),
    (rules.real(0), "a finite number of 0 or more", [0, 1e9], [-1e-9, _INF]),
    (rules.real(above=0), "a finite number above 0", [1e-9], [0, -1]),
    (
      rules.real(above=0.5, high=1),
      "a finite number in (0.5, 1]",
      [0.6, 1],
      [0.5, 1.01],
    ),
    (
      rules.real(0, below=1),
      "a finite number in [0, 1)",
      [0, 0.999],
      [1, -0.1, 2, _NAN],
    ),
    (rules.real(0, 1), "a finite number in [0, 1]", [0, 1], [1.1, -0.1]),
    (rules.flag(), "true or false", [True, False, 0, 1], [2, 1.0, "on", None]),
    (rules.text(), "text", ["", "a"], [None, 1, ["a"], False]),
    (rules.choice("a", "b"), "one of 'a', 'b'", ["a"], ["c", "", None, ["a"]]),
    (rules.exactly(None, 4), "null or 4", [None, 4], [4.0, 0, "4", True]),
    (
      rules.optional(rules.integer(1)),
      "null, or an integer of 1 or more",
      [None, 1],
      [0, ""],
    ),
    (
      rules.list_of(rules.integer(1), 2),
      "a list (2 elements, each an integer of 1 or more)",
      [[1, 2], (1, 2)],
      [[1], [1, 2, 3], [1, 0], [1, "2"], 1, "12", None],
    ),
    (rules.list_of(rules.text()), "a list (each text)", [[], ["a"]], ["a"]),
  ],
)
def test_a_rule_allows_and_says_what_it_should(rule, words, good, bad):
  assert rule.expected == words
  assert [value for value in good if not rule.fits(value)] == []
  assert [value for value in bad if rule.fits(value)] == []


@pytest.mark.parametrize("name", ["", "best", "a/b", "a.b", "..a", "./a"])
def test_folders_inside(name):
  assert rules.folder_inside("the run").fits(name)


@pytest.mark.parametrize(
  "name",
  ["..", ".", "./", "../a", "a/../../b", "a/..", "/tmp", "/", "gs://b/a"]
  + ["a\\..\\..\\b", None, 3],
)
def test_folders_outside(name):
  assert not rules.folder_inside("the run").fits(name)


@pytest.mark.parametrize(
  "value, hint",
  [
    ("miror", " Did you mean 'mirrored'?"),
    (False, " YAML reads on, off, yes and no as flags: put them in quotes."),
    (3, ""),
  ],
)
def test_a_wrong_name_has_a_hint(value, hint):
  assert rules.choice("mirrored", "off").hint(value) == hint


@pytest.mark.parametrize(
  "annotation, words",
  [
    (int, "an integer"),
    (bool, "true or false"),
    (float | None, "a finite number, or null"),
    (Literal["a", "b"], "one of 'a', 'b'"),
    (list[int], "a list (each an integer)"),
    (list, "a list"),
    (dict[str, int], None),
    (dict | None, None),
  ],
)
def test_the_rule_of_a_type(annotation, words):
  rule = rules.of_type(annotation)
  if words and "null" in words:
    words = "null, or a finite number"
  assert (rule and rule.expected) == words


@pytest.mark.parametrize(
  "value, text",
  [(None, "null"), (True, "true"), ("a", "'a'"), (8.0, "8.0"), ([1], "[1]")],
)
def test_values_are_shown_as_in_yaml(value, text):
  assert rules.yaml_text(value) == text
