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

"""Reading files of strangers: no pipe that never ends, no endless device."""

import os
import pathlib
import stat

# No image or mask is larger; what is would fill the memory.
MAX_BYTES = 1 << 30

_KINDS = (
  (stat.S_ISDIR, "a folder"),
  (stat.S_ISFIFO, "a named pipe"),
  (stat.S_ISSOCK, "a socket"),
  (stat.S_ISCHR, "a device"),
  (stat.S_ISBLK, "a device"),
)


class NotRegularError(ValueError):
  """Something other than a file under the name of one."""


def _check(status):
  for is_kind, kind in _KINDS:
    if is_kind(status.st_mode):
      raise NotRegularError(
        f"is {kind}, not a file; remove it, or put a file in its place"
      )
  if status.st_size > MAX_BYTES:
    raise ValueError(
      f"has {status.st_size} bytes; at most {MAX_BYTES} are read, more than "
      "any image or mask of a sensible size has"
    )


def read(path: str | os.PathLike) -> bytes:
  """Reads a file, and nothing that only looks like one by its name.

  Args:
    path: the file, or a link to one.

  Returns:
    Its bytes.

  Raises:
    NotRegularError: for a folder, a named pipe, a socket or a device, which may
      never end; says which.
    ValueError: for a file of more than `MAX_BYTES`.
    OSError: if there is no such file, or it cannot be read.
  """
  path = pathlib.Path(path)
  _check(path.stat())
  # Somebody may have changed what lies there since: a pipe that nobody writes
  # to would hold up an `open` that waits.
  flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
  with open(path, "rb", opener=lambda name, _: os.open(name, flags)) as file:
    _check(os.fstat(file.fileno()))
    return file.read()
