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

"""Tests of the table of all flags, against the definitions of the original."""

import pytest

from deeplab_ssl.original_flags import common_flags
from deeplab_ssl.original_flags import declaration
from deeplab_ssl.original_flags import kinds
from deeplab_ssl.original_flags import prediction_flags
from deeplab_ssl.original_flags import table
from deeplab_ssl.original_flags import training_flags
from tests import flags_table_update
from tests.original_flags import command_lines

_TABLES = {
  "common": common_flags.COMMON,
  "train": training_flags.TRAIN,
  "eval": prediction_flags.EVAL,
  "vis": prediction_flags.VIS,
  "export_model": prediction_flags.EXPORT,
}
_KINDS = {
  "integer": [kinds.INTEGER],
  "float": [kinds.NUMBER],
  "bool": [kinds.FLAG],
  "boolean": [kinds.FLAG],
  "string": [kinds.TEXT, kinds.NAME],
  "list": [kinds.COMMA_LIST],
  "multi_integer": [kinds.INTEGERS],
  "multi_float": [kinds.NUMBERS],
}
_DEFINED = [
  (file, name)
  for file, defined in command_lines.FLAGS.items()
  for name in defined
]


@pytest.mark.parametrize("file", _TABLES)
def test_the_flags_are_those_of_the_original(file):
  names = [flag.name for flag in _TABLES[file]]
  assert sorted(names) == sorted(command_lines.FLAGS[file])


@pytest.mark.parametrize("file, name", _DEFINED)
def test_kind_and_default_are_those_of_the_original(file, name):
  (flag,) = [f for f in _TABLES[file] if f.name == name]
  kind, default, *names = command_lines.FLAGS[file][name]
  if isinstance(default, str) and kind == "list":
    default = [int(text) for text in default.split(",")]
  assert flag.default == default
  if name == "model_variant":  # A text, of which the original knows these.
    assert flag.kind.read("xception_65") == "xception_65"
  elif names:
    assert flag.kind.expected == kinds.choice(*names[0]).expected
  else:
    assert flag.kind in _KINDS[kind]


@pytest.mark.parametrize("program", declaration.PROGRAMS)
def test_every_flag_has_one_place_or_a_reason(program):
  for flag in table.flags_of(program).values():
    places = [flag.key, flag.option, flag.reason]
    count = len(list(filter(None, places)))
    assert count == 1 or (count == 0 and flag.here), flag.name


def test_programs_share_the_flags_of_common():
  for program in declaration.PROGRAMS:
    assert "model_variant" in table.flags_of(program)
  assert "train_crop_size" not in table.flags_of("eval")


def test_the_page_has_the_table():
  page = flags_table_update.PAGE.read_text()
  assert table.page_table() in page, "Run python -m tests.flags_table_update."


def test_every_flag_is_in_the_table():
  rows = table.page_table()
  for file, name in _DEFINED:
    assert f"`{name}`" in rows, (file, name)
