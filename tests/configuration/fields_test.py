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

"""Tests of the declaration of keys."""

import dataclasses

import pytest

from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import rules


@dataclasses.dataclass
class _Base:
  """A base.

  Attributes:
    first: what is said
      in two lines.
    hidden: by the declaration below.
  """

  first: int = 1
  hidden: int = 2
  other: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class _Group(_Base):
  """A group."""

  hidden: int = fields.declared(
    2, rules.integer(2), "the second", source="a paper"
  )
  sizes: list[int] = fields.declared(
    [1], rules.list_of(rules.integer(1)), "the sizes"
  )
  cache: bool = fields.unused(False, "a cache", "Leave it out.")


def test_declarations_come_before_types_and_docstrings():
  keys = fields.keys_of(_Group)
  assert list(keys) == ["first", "hidden", "sizes", "cache"]
  assert keys["first"].meaning == "what is said in two lines"
  assert keys["first"].rule.expected == "an integer"
  assert keys["hidden"].meaning == "the second"
  assert keys["hidden"].source == "a paper"
  assert [name for name, key in keys.items() if key.is_fixed] == ["cache"]


def test_a_list_is_not_shared_by_configurations():
  _Group().sizes.append(2)
  assert _Group().sizes == [1]


@pytest.mark.parametrize(
  "values, message",
  [
    ({"first": 1.5}, "group.first must be an integer. Received: 1.5."),
    (
      {"hidden": 1},
      "group.hidden must be an integer of 2 or more. Received: 1.",
    ),
    ({"sizes": [0]}, "group.sizes must be a list .*Received: .0."),
    ({"cache": True}, "cache must be false. Received: true. Leave it out."),
  ],
)
def test_a_value_that_is_not_allowed_is_named(values, message):
  with pytest.raises(ValueError, match=message):
    fields.check_values(_Group(**values), "group")


def test_values_that_are_allowed_pass():
  fields.check_values(_Group(hidden=3, sizes=[1, 2], other={"a": 1}), "group")
