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

"""Tests of overrides as text."""

import pytest

from deeplab_ssl.reproduction import override_text


def test_override_text_is_read_back():
  overrides = {"a.b": [33, 33], "c": True, "d": 1e-3, "e": "ce", "f": False}
  overrides |= {"g": None, "h": 1e-5, "i": ""}
  assert override_text.parse(override_text.text_of(overrides)) == overrides
  assert override_text.parse("") == {}
  with pytest.raises(ValueError, match="'b'"):
    override_text.parse("a=1,b")
  with pytest.raises(ValueError, match="gives a.b twice"):
    override_text.parse("a.b=1,c=[1,2],a.b=2")


def test_a_nested_key_is_looked_up():
  tree = {"a": {"b": 3}, "c": 4}
  assert override_text.nested(tree, "a.b") == 3
  assert override_text.nested(tree, "a.x") is None
  assert override_text.nested(tree, "c.b") is None
