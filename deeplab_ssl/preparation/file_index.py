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

"""Finding the file of an id, however its name is spelled."""

from collections.abc import Iterator
from collections.abc import Sequence
import os
import pathlib

from deeplab_ssl.common import names as names_lib


class FileIndex:
  """The files of a folder, by id.

  An id is the name without its extension, in the composed form of Unicode: a
  folder that was copied from a Mac has decomposed names, which look the same as
  those of a list and are other bytes. The case of extensions does not matter.

  Args:
    folder: the folder, which may not exist.
    extensions: lower-case extensions with their dot.

  Attributes:
    folder: the folder.
  """

  def __init__(self, folder: str | os.PathLike, extensions: Sequence[str]):
    self.folder = pathlib.Path(folder)
    self._extensions = tuple(extensions)
    self._listings: dict[str, dict[str, list[pathlib.Path]]] = {}

  def find(self, name: str) -> list[pathlib.Path]:
    """Returns the files of an id, sorted.

    Args:
      name: the id; folders in it are possible, "berlin/0001".
    """
    below, _, stem = names_lib.composed(name).rpartition("/")
    return self._listing(below).get(stem, [])

  def path(self, name: str, extension: str) -> pathlib.Path:
    """Returns the file of an id, or where it should be.

    Args:
      name: the id.
      extension: that of the path that is returned if there is no file.
    """
    found = self.find(name)
    return found[0] if found else self.folder / f"{name}{extension}"

  def several(self, names: Sequence[str]) -> Iterator[str]:
    """Yields a line for each id that is not of one file alone.

    Args:
      names: the ids.
    """
    for name in names:
      found = self.find(name)
      if len(found) > 1:
        listed = ", ".join(path.name for path in found)
        yield f"{self.folder / name}.*: several files of one id, {listed}"

  def names(self) -> list[str]:
    """Returns the ids of the files right in the folder, sorted."""
    return sorted(self._listing(""))

  def _listing(self, below):
    if below not in self._listings:
      listing: dict[str, list[pathlib.Path]] = {}
      folder = self.folder / below
      for path in sorted(folder.iterdir() if folder.is_dir() else ()):
        # What begins with a dot, systems have put there beside the files.
        hidden = path.name.startswith(".")
        if path.suffix.lower() in self._extensions and not hidden:
          stem = names_lib.composed(path.stem)
          listing.setdefault(stem, []).append(path)
      self._listings[below] = listing
    return self._listings[below]
