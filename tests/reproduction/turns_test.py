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

"""A directory is held by one process at a time."""

import errno
import fcntl
import subprocess
import sys
import threading

import pytest

from deeplab_ssl.reproduction import turns


def test_who_comes_second_is_turned_away_until_the_first_is_done(tmp_path):
  folder = tmp_path / "new" / "run"
  with turns.taken(str(folder)):
    assert folder.is_dir()
    with pytest.raises(turns.TakenError), turns.taken(str(folder)):
      pass
    with turns.taken(str(tmp_path / "new")):
      pass
  with turns.taken(str(folder)):
    pass
  assert not list(folder.iterdir())


def test_who_waits_comes_next(tmp_path):
  order = []

  def second():
    with turns.taken(str(tmp_path), wait=True):
      order.append("second")

  with turns.taken(str(tmp_path)):
    thread = threading.Thread(target=second)
    thread.start()
    thread.join(0.1)
    order.append("first")
  thread.join()
  assert order == ["first", "second"]


def _start_holder(folder, meanwhile):
  """Starts a process that holds a folder; returns it when it says a line."""
  program = (
    "import subprocess, sys\n"
    "from deeplab_ssl.reproduction import turns\n"
    "with turns.taken(sys.argv[1]):\n"
    f"  {meanwhile}\n"
  )
  process = subprocess.Popen(
    [sys.executable, "-c", program, str(folder)],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
  )
  process.stdin.write(b"holds\n")
  process.stdin.flush()
  assert process.stdout.readline() == b"holds\n"
  with pytest.raises(turns.TakenError), turns.taken(str(folder)):
    pass
  return process


def test_a_process_that_is_killed_holds_nothing(tmp_path):
  process = _start_holder(
    tmp_path, "print(input(), flush=True); sys.stdin.read()"
  )
  process.kill()
  process.communicate()
  with turns.taken(str(tmp_path)):
    pass


def test_a_child_that_outlives_its_parent_still_holds(tmp_path):
  process = _start_holder(
    tmp_path, "subprocess.run(['cat'], pass_fds=turns.held())"
  )
  process.kill()
  process.wait()
  with pytest.raises(turns.TakenError), turns.taken(str(tmp_path)):
    pass
  process.stdin.close()  # Which ends the child.
  with turns.taken(str(tmp_path), wait=True):
    assert len(turns.held()) == 1
  process.stdout.close()
  assert not turns.held()


@pytest.mark.parametrize("code", [errno.EBADF, errno.ENOLCK, errno.ENOTSUP])
def test_a_file_system_without_locks_keeps_nobody_out(
  tmp_path, monkeypatch, code
):
  def flock(handle, operation):
    raise OSError(code, "no locks")

  monkeypatch.setattr(fcntl, "flock", flock)
  with turns.taken(str(tmp_path)), turns.taken(str(tmp_path)):
    pass


def test_other_errors_are_told(tmp_path, monkeypatch):
  def flock(handle, operation):
    raise OSError(errno.EIO, "broken disk")

  monkeypatch.setattr(fcntl, "flock", flock)
  with pytest.raises(OSError, match="broken disk"), turns.taken(str(tmp_path)):
    pass
