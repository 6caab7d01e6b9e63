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

"""Tests of the kinds of values."""

import pytest

from deeplab_ssl.original_flags import kinds


@pytest.mark.parametrize(
  "kind, text, value",
  [
    (kinds.INTEGER, "-1", -1),
    (kinds.INTEGER, "0x10", 16),
    (kinds.NUMBER, "3e-5", 3e-5),
    (kinds.FLAG, "True", True),
    (kinds.FLAG, "0", False),
    (kinds.TEXT, "${DIR}/a b", "${DIR}/a b"),
    (kinds.COMMA_LIST, "513,769", [513, 769]),
    (kinds.COMMA_LIST, " 4", [4]),
    (kinds.COMMA_LIST, "", []),
    (kinds.choice("max", "avg"), "avg", "avg"),
  ],
)
def test_a_text_is_read(kind, text, value):
  read = kind.read(text)
  assert read == value
  assert type(read) is type(value)


@pytest.mark.parametrize(
  "kind, text",
  [
    (kinds.INTEGER, "1e5"),
    (kinds.INTEGER, "6,12"),
    (kinds.INTEGERS, "6,12"),
    (kinds.NUMBER, "half"),
    (kinds.FLAG, "yes"),
    (kinds.COMMA_LIST, "513x513"),
    (kinds.choice("max", "avg"), "mean"),
  ],
)
def test_another_text_is_refused(kind, text):
  with pytest.raises(ValueError):
    kind.read(text)
