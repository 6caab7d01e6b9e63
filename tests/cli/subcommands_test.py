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

"""Tests of the lists of commands and of kinds."""

import pytest

from deeplab_ssl.cli import subcommands


@pytest.fixture
def folder(tmp_path):
  """A package whose modules would fail if they were imported."""
  modules = {
    "train": '"""Trains: `... train --help`.\n\nMore.\n"""\nraise ValueError',
    "kind_b": '"""Converts `b` to records."""\nraise ValueError',
    "kind_a": "raise ValueError",
    "_hidden": '"""Not shown."""',
    "__main__": '"""Not shown."""',
  }
  for name, text in modules.items():
    (tmp_path / f"{name}.py").write_text(text)
  (tmp_path / "inner").mkdir()
  (tmp_path / "inner" / "__init__.py").touch()
  return str(tmp_path)


def test_a_line_for_each_module_without_its_import(folder):
  found = subcommands.summaries([folder])

  assert list(found.items()) == [
    ("kind_a", ""),
    ("kind_b", "Converts `b` to records."),
    ("train", "Trains."),
  ]


def test_a_prefix_chooses_and_is_left_out(folder):
  assert list(subcommands.summaries([folder], "kind_")) == ["a", "b"]


def test_the_lines_stand_below_each_other():
  lines = subcommands.listing({"a": "First.", "long": "Second."})

  assert lines == "  a     First.\n  long  Second."


def test_an_unknown_name_is_told_with_the_nearest_one():
  known = {"evaluate": "Scores.", "train": "Trains."}
  subcommands.check_known("train", "command", known)

  with pytest.raises(ValueError) as raised:
    subcommands.check_known("trian", "command", known)

  assert str(raised.value) == (
    "There is no command 'trian'. Did you mean 'train'? There are:\n"
    "  evaluate  Scores.\n  train     Trains."
  )
