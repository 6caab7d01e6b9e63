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

"""Several processes that share the runs of a suite, one at each directory."""

from collections.abc import Iterator
import contextlib
import errno
import fcntl
import os

# What file systems answer that cannot lock a directory, such as NFS.
_CANNOT_LOCK = (errno.EBADF, errno.ENOLCK, errno.ENOTSUP, errno.EINVAL)

# Between two looks at what another process is at.
SECONDS_TO_LOOK_AGAIN = 5

_held: set[int] = set()


class TakenError(RuntimeError):
  """Another process holds a directory."""


def held() -> tuple[int, ...]:
  """Returns the descriptors of what this process holds.

  A child that gets them holds it, too: a command outlives the process that
  called it, if that one is killed.
  """
  return tuple(_held)


@contextlib.contextmanager
def taken(directory: str, wait: bool = False) -> Iterator[None]:
  """Holds a directory against other processes of this machine.

  Nothing is written: the operating system holds it for as long as the process
  lives, or a child that got `held()`. Where the file system cannot, nobody is
  kept out.

  Args:
    directory: made if it is missing.
    wait: until a process that holds it is done.

  Raises:
    TakenError: if another process holds it and `wait` is False.
    OSError: if the directory cannot be made or read.
  """
  os.makedirs(directory, exist_ok=True)
  handle = os.open(directory, os.O_RDONLY)
  try:
    _lock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), directory)
    _held.add(handle)
    yield
  finally:
    _held.discard(handle)
    os.close(handle)


def _lock(handle, operation, directory):
  try:
    fcntl.flock(handle, operation)
  except BlockingIOError:
    raise TakenError(f"Another process is at {directory}.") from None
  except OSError as error:
    if error.errno not in _CANNOT_LOCK:
      raise
