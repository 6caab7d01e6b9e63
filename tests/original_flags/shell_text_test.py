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

"""Tests of the reading of shell scripts."""

import shlex
import subprocess

import pytest

from deeplab_ssl.original_flags import shell_text


@pytest.mark.parametrize(
  "text, words",
  [
    ("a --b=c", [["a", "--b=c"]]),
    ("a \\\n  --b='c d' \\\n  --e", [["a", "--b=c d", "--e"]]),
    ("a --b=${C}\\\n    --d=e", [["a", "--b=${C}", "--d=e"]]),
    ('a "${B}"/c.py', [["a", "${B}/c.py"]]),
    ("# a comment's end \\\na b", [["a", "b"]]),
    ("a b # it's c", [["a", "b"]]),
    ("a b#c", [["a", "b#c"]]),
    ("a > log.txt 2>&1 &\nb", [["a"], ["b"]]),
    ("a && b; c | tee d", [["a"], ["b"], ["c"], ["tee", "d"]]),
    ("a 2> errors b", [["a", "b"]]),
    ("\n  \n", []),
    ("a `pwd`/b ~/c d~/e", [["a", "$(pwd)/b", "$HOME/c", "d~/e"]]),
    ("--a\n# b\n--c", [["--a"], ["--c"]]),
    ("a b\n\n--c", [["a", "b"], ["--c"]]),
  ],
)
def test_commands_are_split_as_a_shell_does(text, words):
  assert list(shell_text.commands(text)) == words


def test_windows_ends_lines_in_another_way():
  assert list(shell_text.commands("a \\\r\n  b\r\n")) == [["a", "b"]]


def test_an_open_quotation_is_told_with_its_line():
  with pytest.raises(ValueError, match=r"not closed in: a --b='c"):
    list(shell_text.commands("fine\na --b='c\n"))


@pytest.mark.parametrize(
  "text",
  [
    "a\n  --b=c\n",
    "a \\\n  --d\n  --b=c\n",
    "a \\\n  # --d \\\n  --b=c\n",
    "a \\\n\n  --b=c\n",
  ],
)
def test_flags_behind_the_end_of_a_command_are_not_passed_over(text):
  with pytest.raises(ValueError, match=r"'--b=c' belongs to no .* backslash"):
    list(shell_text.commands(text))


@pytest.mark.parametrize(
  "text",
  [
    r"python deeplab\train.py --a=b",
    r"python train.py --dataset_dir=C:\data\x",
    "python train.py ^\n  --a=b",
  ],
)
def test_what_a_shell_would_lose_of_a_line_of_windows_is_told(text):
  with pytest.raises(ValueError, match="is of Windows"):
    list(shell_text.commands(text))


@pytest.mark.parametrize(
  "text",
  [r"a '--b=C:\data'", r'a "--b=C:\data"', "a \\\n --b=c", r"a --b=x\ y"],
)
def test_other_backslashes_are_taken(text):
  assert list(shell_text.commands(text))


def test_variables_that_have_plain_values():
  text = (
    'A=1\nexport B="${A}2"\nC=$(pwd)\nD=${UNKNOWN}/d\nE=`pwd`\n'
    "A=3 python train.py\nF=x\n# G=1\n"
  )
  assert shell_text.variables(text) == {"A": "3", "B": "12", "F": "x"}


def test_known_variables_are_replaced():
  found = shell_text.expand("${A}/$A/${B}/$AB", {"A": "a"})
  assert found == "a/a/${B}/$AB"


@pytest.mark.parametrize("text", ["a b", "it's", "513,513", 'say "x"', "a;b"])
def test_a_quoted_word_is_one_word_again(text):
  assert shlex.split(shell_text.quoted(text)) == [text]


@pytest.mark.parametrize(
  "text, value", [("${X}/a", "one two/a"), ('$X "b"', 'one two "b"')]
)
def test_a_shell_reads_the_variables_of_a_quoted_word(text, value):
  echoed = subprocess.run(
    ["sh", "-c", f"printf '[%s]' {shell_text.quoted(text)}"],
    capture_output=True,
    text=True,
    env={"X": "one two"},
    check=True,
  )
  assert echoed.stdout == f"[{value}]"
