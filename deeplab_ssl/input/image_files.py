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


def with_extension(
  files: Iterable[pathlib.Path], extensions: Sequence[str]
) -> list[pathlib.Path]:
  """Returns the files with one of the extensions, in the order of their names.

  Args:
    files: the files, and folders, which are left out. A link that leads nowhere
      counts as a file: whoever reads it says so.
    extensions: lower-case extensions with their dot; ".JPG" is ".jpg", too.
  """
  return sorted(
    path
    for path in files
    if path.suffix.lower() in extensions and not path.is_dir()
  )


def describe_others(
  files: Iterable[pathlib.Path], extensions: Sequence[str]
) -> str:
  """Says how many files have another extension, so that none is lost silently.

  Args:
    files: the files, and folders, which do not count, and hidden files, which
      do not count either.
    extensions: lower-case extensions with their dot.

  Returns:
    A sentence, or "" if there is none.
  """
  others = collections.Counter(
    path.suffix.lower() or "no extension"
    for path in files
    if path.suffix.lower() not in extensions
    and not path.name.startswith(".")
    and not path.is_dir()
  )
  if not others:
    return ""
  counts = ", ".join(f"{n} with {name}" for name, n in others.most_common())
  return (
    f"Files that were not taken for images: {counts}. Images have one of "
    f"{', '.join(extensions)}."
  )
