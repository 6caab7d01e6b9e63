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

"""Files that are either there as a whole or not at all."""

import json
import os
import pathlib
from typing import Any

# What a file is called while it is written.
PARTIAL_ENDING = ".partial"


def is_local(path: str | os.PathLike) -> bool:
  """Returns whether a path is a local file, no address as gs://bucket/file.

  Args:
    path: the path.
  """
  return "://" not in os.fspath(path)


def write(path: str | os.PathLike, data: bytes) -> None:
  """Writes a file, and the folders above it, and renames it into place.

  Args:
    path: the file; an older one is replaced. A link, a pipe or a device is
      kept and written through, not replaced.
    data: what it holds.

  Raises:
    ValueError: for an address such as gs://bucket/file.
  """
  if not is_local(path):
    raise ValueError(f"{path} is an address; only local files are written.")
  path = pathlib.Path(path)
  path.parent.mkdir(parents=True, exist_ok=True)
  if path.is_symlink() or (path.exists() and not path.is_file()):
    path.write_bytes(data)
    return
  partial = path.with_name(path.name + PARTIAL_ENDING)
  # One that was left behind, or a link that somebody has put there.
  partial.unlink(missing_ok=True)
  with partial.open("xb") as file:  # Through no link that came meanwhile.
    file.write(data)
  os.replace(partial, path)


def write_json(path: str | os.PathLike, content: Any, indent: int = 2) -> None:
  """Writes content as JSON; see `write`.

  Args:
    path: the file.
    content: what `json.dumps` takes.
    indent: spaces of each level.
  """
  write(path, (json.dumps(content, indent=indent) + "\n").encode("utf-8"))
