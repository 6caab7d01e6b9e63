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

"""Which files of a folder are images, by their names."""

import collections
from collections.abc import Iterable
from collections.abc import Sequence
import pathlib


def spellings(extensions: Sequence[str]) -> list[str]:
  """Returns the extensions in lower case, in upper case and as ".Jpg".

  Args:
    extensions: lower-case extensions with their dot.
  """
  return [
    spell(extension)
    for spell in (str.lower, str.upper, str.title)
    for extension in extensions
  ]


def split(
  paths: Iterable[pathlib.Path], extensions: Sequence[str]
) -> tuple[list[pathlib.Path], list[pathlib.Path]]:
  """Tells images from other files.

  Args:
    paths: files, and folders, which are left out. A link that leads nowhere
      counts as a file; reading it gives the error.
    extensions: lower-case extensions with their dot.

  Returns:
    (files with a spelling of one of the extensions, all others), sorted.
  """
  known = set(spellings(extensions))
  files = sorted(path for path in paths if not path.is_dir())
  return (
    [path for path in files if path.suffix in known],
    [path for path in files if path.suffix not in known],
  )


def describe_others(
  others: Iterable[pathlib.Path], extensions: Sequence[str]
) -> str:
  """Says how many files were not taken for images: none is lost silently.

  Args:
    others: those files; hidden ones do not count.
    extensions: of images, lower-case with their dot.

  Returns:
    A sentence, or "" if there is none.
  """
  counts = collections.Counter(
    path.suffix or "no extension"
    for path in others
    if not path.name.startswith(".")
  )
  if not counts:
    return ""
  listed = ", ".join(f"{n} with {name}" for name, n in counts.most_common())
  return (
    f"Files that were not taken for images: {listed}. Images have one of "
    f"{', '.join(extensions)}."
  )
