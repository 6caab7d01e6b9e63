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

"""Names of records and of files made for them."""

from collections.abc import Container
from collections.abc import Sequence
import itertools
import pathlib
import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOLDS_CONTROL = "holds a control character, such as the end of a line"


def composed(name: str) -> str:
  """Returns a name with each accented letter as one character (NFC).

  Args:
    name: of a file; Macs write "e" and an accent where others write "é".
  """
  return unicodedata.normalize("NFC", name)


def printable(text: str) -> str:
  """Returns a text that any output takes.

  Args:
    text: may hold the name of a file that is not UTF-8, whose bytes Python
      keeps as surrogates; they become "\\udce9" and the like.
  """
  return text.encode("utf-8", "backslashreplace").decode("utf-8")


def holds_control(text: str) -> bool:
  """Says whether a text holds a control character, such as the end of a line.

  Args:
    text: any text.
  """
  return bool(_CONTROL.search(text))


def fault(name: str) -> str:
  """Says why an id cannot name a file in a folder.

  Args:
    name: the id; folders in it are possible, "berlin/0001".

  Returns:
    What is wrong with an absolute path, one with an empty, "." or ".."
    component, one with a backslash or a control character, and one that is not
    UTF-8; "" if nothing is.
  """
  if re.search(r"[\ud800-\udfff]", name):
    return (
      "is not written in UTF-8 (maybe in Latin-1); rename the file, for "
      "example by `convmv -f latin1 -t utf8 --notest FILE`"
    )
  if holds_control(name):
    return _HOLDS_CONTROL
  parts = name.split("/")
  if (
    "\\" in name
    or any(part in ("", ".", "..") for part in parts)
    or pathlib.PureWindowsPath(name).drive
  ):
    return "would leave its folder"
  return ""


def is_safe_name(name: str) -> bool:
  """Says whether an id can name a file without leaving its folder; see `fault`.

  Args:
    name: the id.
  """
  return not fault(name)


def of_record(filename: bytes) -> str:
  """Decodes the name of a record.

  Args:
    filename: as the record has it.

  Returns:
    The name, which may hold anything but control characters.

  Raises:
    ValueError: if it is no UTF-8 or holds a control character.
  """
  try:
    name = filename.decode("utf-8")
  except UnicodeDecodeError as error:
    raise ValueError("is not written in UTF-8") from error
  if holds_control(name):
    raise ValueError(_HOLDS_CONTROL)
  return name


def from_here(filename: str) -> str:
  """Returns the name of a record without "./" in front, which says nothing.

  Args:
    filename: name or path from a record; the original's converter of ADE20K
      writes "./ADE20K/ADEChallengeData2016/images/...".
  """
  return filename.removeprefix("./")


def safe_name(filename: str) -> str:
  """Returns a record's name as a file name that cannot leave a folder.

  Args:
    filename: name or path from a record.

  Returns:
    The components joined by "_", without the extension of an image. "a/b" and
    "a_b" become the same; `unused_name` tells them apart.

  Raises:
    ValueError: if nothing is left that could name a file.
  """
  name = re.sub(r"\.(jpe?g|png)$", "", filename, flags=re.IGNORECASE)
  parts = re.split(r"[/\\]+", name)
  safe = "_".join(p for p in parts if p not in ("", ".", ".."))
  if not safe:
    raise ValueError(
      f"The file name of a record must name a file. Received: {filename!r}"
    )
  return safe


def unused_name(filename: str, used: Container[str]) -> str:
  """Returns `safe_name` of a record, numbered if another one has it.

  Args:
    filename: name or path from a record.
    used: the names of the other records.

  Raises:
    ValueError: if nothing is left that could name a file.
  """
  safe = safe_name(filename)
  numbered = (f"{safe}-{number}" for number in itertools.count(2))
  return next(n for n in itertools.chain([safe], numbered) if n not in used)


def distinct(labels: Sequence[str], places: Sequence[str]) -> list[str]:
  """Makes labels differ: a repeated one gets its place in parentheses.

  Args:
    labels: the labels.
    places: where each of them belongs.

  Returns:
    For example ["SSL", "CE", "SSL (runs/b)"]; what has the same place as well
    gets a number.
  """
  found: list[str] = []
  for label, place in zip(labels, places, strict=True):
    placed = f"{label} ({place})"
    numbered = (f"{placed} {number}" for number in itertools.count(2))
    candidates = itertools.chain([label, placed], numbered)
    found.append(next(name for name in candidates if name not in found))
  return found
