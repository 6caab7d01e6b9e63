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

"""The kinds of values that flags of the original take, read as absl reads them.

absl is what the original's `tf.app.flags` are made of.
"""

from collections.abc import Callable
import csv
import dataclasses
from typing import Any

_TRUE = ("true", "t", "1")
_FALSE = ("false", "f", "0")


@dataclasses.dataclass(frozen=True)
class Kind:
  """What one value of a flag is.

  Attributes:
    expected: it in words that follow "must be".
    read: makes the value of its text; raises ValueError for another text.
    repeats: whether each use of the flag adds an element to a list.
    is_flag: whether the flag may stand alone, and after "no".
    is_text: whether any text will do, one with a variable of a shell, too.
  """

  expected: str
  read: Callable[[str], Any]
  repeats: bool = False
  is_flag: bool = False
  is_text: bool = False


def _read_integer(text):
  return int(text, 0) if text.lower().startswith(("0x", "0o")) else int(text)


def _read_flag(text):
  lower = text.lower()
  if lower not in _TRUE + _FALSE:
    raise ValueError(text)
  return lower in _TRUE


def _read_integers(text):
  (row,) = csv.reader([text], strict=True) if text else ([],)
  return [int(cell) for cell in row]


INTEGER = Kind("an integer", _read_integer)
NUMBER = Kind("a number", float)
FLAG = Kind("true or false", _read_flag, is_flag=True)
TEXT = Kind("text", str, is_text=True)
NAME = Kind("text", str)
INTEGERS = Kind(
  "an integer, once for each element of the list", _read_integer, repeats=True
)
NUMBERS = Kind(
  "a number, once for each element of the list", float, repeats=True
)
COMMA_LIST = Kind("integers with commas between them", _read_integers)


def choice(*names: str) -> Kind:
  """Returns the kind of one of some names."""

  def read(text):
    if text not in names:
      raise ValueError(text)
    return text

  return Kind(f"one of {', '.join(names)}", read)
