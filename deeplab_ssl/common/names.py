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


def is_safe_name(name: str) -> bool:
  """Says whether an id can name a file without leaving its folder.

  Args:
    name: the id; folders in it are possible, "berlin/0001".

  Returns:
    False for an absolute path, for one with an empty, "." or ".." component and
    for one with a backslash or a control character.
  """
  parts = name.split("/")
  return not (
    re.search(r"[\\\x00-\x1f]", name)
    or any(part in ("", ".", "..") for part in parts)
    or pathlib.PureWindowsPath(name).drive
  )


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
