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

from deeplab_ssl.common import names


def split(
  paths: Iterable[pathlib.Path], extensions: Sequence[str]
) -> tuple[list[pathlib.Path], list[pathlib.Path]]:
  """Tells images from other files.

  Args:
    paths: files, and folders, which are left out unless they are called like
      an image. What is no file (a link that leads nowhere, a pipe) counts as
      one; reading it gives the error.
    extensions: lower-case extensions with their dot.

  Returns:
    (those with one of the extensions, in any case, all others), sorted.
  """
  images, others = [], []
  for path in sorted(paths):
    if path.suffix.lower() in extensions:
      images.append(path)
    elif not path.is_dir():
      others.append(path)
  return images, others


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
  listed = ", ".join(
    f"{n} with {names.printable(name)}" for name, n in counts.most_common()
  )
  return (
    f"Files that were not taken for images: {listed}. Images have one of "
    f"{', '.join(extensions)}."
  )
