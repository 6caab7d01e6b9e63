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

"""Tests of YAML that says two things at once, or more than it seems to."""

import pytest
import yaml

from deeplab_ssl.common import yaml_keys


@pytest.mark.parametrize(
  "text", ["", "a: 1", "a: {b: 1}\nb: {b: 2}", "- a\n- a", "a: &x [1]\nb: *x"]
)
def test_what_is_plain_passes(text):
  yaml_keys.check(text, "a.yaml")


def test_a_key_that_is_there_twice_is_named():
  with pytest.raises(ValueError, match=r"a.yaml gives a.b twice \(lines 2 and"):
    yaml_keys.check("a:\n  b: 1\n  b: 2", "a.yaml")
  with pytest.raises(ValueError, match="flag gives a.255 twice: leave"):
    yaml_keys.check("{a: {255: 1, 255: 0}}", "flag")
  with pytest.raises(ValueError, match="gives b.c twice"):
    yaml_keys.check("a: 1\nb: [{c: 1, c: 2}]", "a.yaml")


@pytest.mark.parametrize(
  "text, written, place, read, instead",
  [
    ("a: {b: 010}", "010", "a.b", "8, an octal number", "8 or 10,"),
    ("a: -010", "-010", "a", "-8, an octal number", "-10 or -8,"),
    ("a: [1, 0_17]", "0_17", "a", "15, an octal number", "15 or 17,"),
    ("a: 007", "007", "a", "7, an octal number", "7,"),
    ("a: 00", "00", "a", "0, an octal number", "0,"),
    ("a: 1:30", "1:30", "a", "90, a number of base 60", "90,"),
    ("a: -1:30.5", "-1:30.5", "a", "-90.5, a number of base 60", "-90.5,"),
    ("a: {010: x}", "010", "a", "8, an octal number", "8 or 10,"),
    ("- 1:00:00", "1:00:00", "its top", "3600, a number of", "3600,"),
    ("a: !!int '010'", "010", "a", "8, an octal number", "8 or 10,"),
  ],
)
def test_numbers_of_other_bases_are_refused(
  text, written, place, read, instead
):
  with pytest.raises(ValueError) as raised:
    yaml_keys.check(text, "a.yaml")
  message = str(raised.value)
  assert f"a.yaml has {written} at {place}, which YAML reads as {read}" in (
    message
  )
  assert f"Write {instead} or put it in quotes" in message


@pytest.mark.parametrize(
  "value",
  ["'010'", '"1:30"', "!!str 010", "0", "-0", "010.5", "0.5", "0x10", "0b11"]
  + ["1_000", "08", "1e-5", "12:75", "a:1", "gs://b/010", ".5", "2001-01-02"],
)
def test_texts_and_numbers_that_say_their_base_pass(value):
  yaml_keys.check(f"a: {value}", "a.yaml")


def test_what_holds_itself_is_refused():
  with pytest.raises(ValueError, match="a.yaml holds itself at a.b"):
    yaml_keys.check("a: &x {b: *x}", "a.yaml")


@pytest.mark.parametrize("content", ["[{}]", "{{b: [{}]}}"])
def test_aliases_that_grow_beyond_bounds_are_refused_at_once(content):
  lines = ["a0: &a0 [x, x]"]
  for level in range(1, 60):
    copies = ", ".join([f"*a{level - 1}"] * 9)
    lines.append(f"a{level}: &a{level} {content.format(copies)}")
  with pytest.raises(ValueError, match="bomb.yaml has more than 100000 values"):
    yaml_keys.check("\n".join(lines), "bomb.yaml")


@pytest.mark.parametrize("bracket", ["[", "{a: ", "- "])
def test_what_is_nested_too_deep_is_refused(bracket):
  with pytest.raises(ValueError, match="a.yaml is nested too deep"):
    yaml_keys.check(bracket * 2_000, "a.yaml")


def test_what_is_no_yaml_is_left_to_the_caller():
  with pytest.raises(yaml.YAMLError):
    yaml_keys.check("a: [", "a.yaml")
