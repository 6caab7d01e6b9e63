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

"""The table of docs/losses.md is that of the tests that there are."""

import re

import pytest

from tests import source_tree
from tests.losses import backend_matrix

_TESTS = [test for _, test, _ in backend_matrix.ROWS if test]


@pytest.mark.parametrize("test", [*_TESTS, *backend_matrix.PARALLEL])
def test_each_row_rests_on_a_test(test):
  path, _, name = test.partition("::")
  text = (source_tree.ROOT / path).read_text()
  assert re.search(rf"^def {name}" if name else r"^class ", text, re.MULTILINE)


def test_the_page_has_the_table():
  text = (source_tree.ROOT / "docs" / "losses.md").read_text()
  assert backend_matrix.table() in text
  assert backend_matrix.page(text) == text
