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

"""Tests of the reading of settings."""

import pytest

from deeplab_ssl.configuration import overrides


@pytest.mark.parametrize(
  "text, values",
  [
    ("a.b=1,c=x", {"a": {"b": 1}, "c": "x"}),
    ("a.b=1,c=2,a.d=[3,4]", {"a": {"b": 1, "d": [3, 4]}, "c": 2}),
    ("a=1e-3", {"a": 0.001}),
    ("{a: {b: 1}}", {"a": {"b": 1}}),
    ("a:\n  b: 1", {"a": {"b": 1}}),
  ],
)
def test_text_in_either_form(text, values):
  assert overrides.read_text(text) == values


def test_a_file_may_have_any_name(tmp_path):
  path = tmp_path / "a=1.yaml"
  path.write_text("a: {b: 1}")
  assert overrides.read_file(str(path)) == {"a": {"b": 1}}
  plain = tmp_path / "plain.yaml"
  plain.write_text("a: {b: 1}")
  assert overrides.read_text(str(plain)) == {"a": {"b": 1}}


@pytest.mark.parametrize(
  "text, key",
  [
    ("a=1,b=2,a=3", "a"),
    ("a.b=1,a.c=2,a.b=1", "a.b"),
    ("{a: {b: 1, b: 2}}", "a.b"),
    ("a:\n  b:\n    c: 1\n    c: 1", "a.b.c"),
  ],
)
def test_a_key_that_is_given_twice_is_refused(text, key):
  with pytest.raises(ValueError, match=f"flag gives {key} twice"):
    overrides.read_text(text, "flag")


def test_both_lines_of_a_key_are_named(tmp_path):
  path = tmp_path / "a.yaml"
  path.write_text("a:\n  b: 1\nc: 2\na:\n  d: 3\n")
  with pytest.raises(ValueError, match=r"a.yaml gives a twice \(lines 1 and 4"):
    overrides.read_file(str(path))


@pytest.mark.parametrize("number", ["010", "1:30"])
def test_numbers_of_other_bases_are_refused_in_files_and_flags(
  number, tmp_path
):
  path = tmp_path / "a.yaml"
  path.write_text(f"a: {{b: {number}}}")
  with pytest.raises(ValueError, match=f"a.yaml has {number} at a.b, which"):
    overrides.read_file(str(path))
  for text in (f"a.b={number}", f"{{a: {{b: {number}}}}}"):
    with pytest.raises(ValueError, match=f"flag has {number} at a.b, which"):
      overrides.read_text(text, "flag")
  assert overrides.read_text(f"a='{number}'") == {"a": number}


def test_aliases_are_read_and_endless_ones_refused(tmp_path):
  path = tmp_path / "a.yaml"
  path.write_text("a: &x {b: 1}\nc: {<<: *x, d: 2}\ne: *x\n")
  found = overrides.read_file(str(path))
  assert found == {"a": {"b": 1}, "c": {"b": 1, "d": 2}, "e": {"b": 1}}
  path.write_text("a: &x {b: *x}\n")
  with pytest.raises(ValueError, match="a.yaml holds itself at a.b"):
    overrides.read_file(str(path))


def test_what_grows_or_is_nested_beyond_bounds_is_refused(tmp_path):
  path = tmp_path / "a.yaml"
  lines = ["a0: &a0 [1, 2]"]
  for level in range(1, 40):
    copies = ", ".join([f"*a{level - 1}"] * 9)
    lines.append(f"a{level}: &a{level} [{copies}]")
  path.write_text("\n".join(lines))
  with pytest.raises(ValueError, match="a.yaml has more than 100000 values"):
    overrides.read_file(str(path))
  with pytest.raises(ValueError, match="flag is nested too deep"):
    overrides.read_text("[" * 2_000, "flag")


@pytest.mark.parametrize(
  "content, message",
  [
    (b"", "is empty"),
    (b"# a: 1\n", "is empty"),
    (b"- 1\n- 2\n", r"must hold keys and their values.*\[1, 2\]"),
    (b"some words", "must hold keys and their values"),
    (b"3", "must hold keys and their values"),
    (b"a: [", "is not valid YAML"),
    (b"a: b: c", "is not valid YAML"),
    (b"\x00\x01\x02", "is not valid YAML"),
    (b"\xff\xfe\xfa", "is no text"),
  ],
)
def test_a_damaged_file_is_named(content, message, tmp_path):
  path = tmp_path / "a.yaml"
  path.write_bytes(content)
  with pytest.raises(ValueError, match=f"a.yaml {message}"):
    overrides.read_file(str(path))


@pytest.mark.parametrize("text", ["nowhere.yaml", "a b", "a", "1,2"])
def test_a_text_that_is_nothing_of_all_is_refused(text):
  with pytest.raises(ValueError, match="must be KEY=VALUE,KEY=VALUE, or YAML"):
    overrides.read_text(text)
