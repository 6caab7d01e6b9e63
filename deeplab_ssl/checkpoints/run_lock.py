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

"""One training at a time in the directory of a run."""

from collections.abc import Iterator
import contextlib
import fcntl
import json
import os
import socket
import time

from deeplab_ssl.common import atomic_files

LOCK_FILE = "training.lock"


def _owner():
  return {
    "host": socket.gethostname(),
    "pid": os.getpid(),
    "since": time.strftime("%Y-%m-%d %H:%M:%S"),
  }


def _told(file):
  """What the holder of a lock has written into it."""
  file.seek(0)
  try:
    owner = json.load(file)
    return f"process {owner['pid']} on {owner['host']} since {owner['since']}"
  except (ValueError, LookupError, TypeError):
    return "a process that has not said its name"


def _host(file):
  file.seek(0)
  try:
    return json.load(file)["host"]
  except (ValueError, LookupError, TypeError):
    return None


def holder(directory: str) -> str | None:
  """Returns which process of this machine holds a directory; None for none.

  Args:
    directory: of the run; it may be missing.
  """
  path = os.path.join(directory, LOCK_FILE)
  if not atomic_files.is_local(directory) or not os.path.exists(path):
    return None
  with open(path, encoding="utf-8") as file:
    try:
      fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
      return _told(file)
  return None


@contextlib.contextmanager
def hold(directory: str) -> Iterator[None]:
  """Holds the directory of a run for this process.

  The operating system gives a lock back when its process ends, however it
  ends. Some network file systems lock on each machine alone; there, the name
  of the machine in the file tells.

  Args:
    directory: of the run, which is made. An address such as gs://bucket/run is
      not locked.

  Raises:
    BlockingIOError: if another process holds it; says who, and how to take it.
    OSError: if the directory cannot be written.
  """
  if not atomic_files.is_local(directory):
    yield
    return
  made = not os.path.isdir(directory)
  os.makedirs(directory, exist_ok=True)
  path = os.path.join(directory, LOCK_FILE)
  with open(path, "a+", encoding="utf-8") as file:
    try:
      fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
      raise BlockingIOError(
        f"{directory} is being trained by {_told(file)}. Wait for it, stop it, "
        "or train in another --model_dir."
      ) from None
    host = _host(file)
    if host not in (None, socket.gethostname()):
      raise BlockingIOError(
        f"{directory} is being trained by {_told(file)}, on another machine. "
        f"If that process is no more, remove {path}."
      )
    file.seek(0)
    file.truncate()
    json.dump(_owner(), file)
    file.flush()
    try:
      yield
    finally:
      # The file stays: a process that waits for it must not lock a file that
      # another one no longer sees.
      file.truncate(0)
      if made and os.listdir(directory) == [LOCK_FILE]:
        # Nothing is left of a training that has not begun.
        os.remove(path)
        os.rmdir(directory)
