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

"""The page of results is what the recorded runs say."""

import pytest

from benchmarks import results_page
from tests import source_tree

_PAGE = """Text.

<!-- python -m benchmarks.suite_table a.json --methods='b c' -->
old
<!-- end -->

<!-- python -m benchmarks.suite_figures a.json --output=x.png -->

![Curves](x.png)
<!-- end -->
"""


def test_tables_are_what_their_commands_print():
  calls = []

  def run(arguments):
    calls.append(arguments)
    return "| new |\n"

  text = results_page.filled(_PAGE, run=run)
  assert text == _PAGE.replace("\nold\n", "\n\n| new |\n\n")
  assert results_page.filled(text, figures=True, run=run) == text
  table = ["-m", "benchmarks.suite_table", "a.json", "--methods=b c"]
  figure = ["-m", "benchmarks.suite_figures", "a.json", "--output=x.png"]
  assert calls == [table, table, figure]


def test_a_command_may_have_no_arguments():
  page = "<!-- python -m benchmarks.paper_table -->\nold\n<!-- end -->\n"
  calls = []
  text = results_page.filled(page, run=lambda a: calls.append(a) or "| 1 |\n")
  assert text == page.replace("old\n", "\n| 1 |\n\n")
  assert calls == [["-m", "benchmarks.paper_table"]]


@pytest.mark.parametrize(
  "old, new, message",
  [
    ("<!-- end -->\n\n<!--", "\n<!--", "--methods='b c'.*no <!-- end -->"),
    ("<!-- end -->\n\n<!--", "x\n<!--", "--methods='b c'.*no <!-- end -->"),
    ("suite_table", "suite_tables", "this makes no table or figure"),
    ("suite_table", "page", "1 of 2 blocks have a command and an end"),
  ],
)
def test_a_block_without_command_or_end_is_told(old, new, message):
  with pytest.raises(ValueError, match=message):
    results_page.filled(_PAGE.replace(old, new, 1), run=lambda _: "")


def test_a_command_that_fails_is_told(tmp_path):
  page = _PAGE.replace("a.json", str(tmp_path / "a.json"))
  with pytest.raises(ValueError, match="suite_table .*(?s:.*)a.json"):
    results_page.filled(page)


def test_the_page_is_that_of_the_records(monkeypatch):
  monkeypatch.chdir(source_tree.ROOT)
  text = (source_tree.ROOT / "docs" / "results.md").read_text()
  assert results_page.filled(text) == text
