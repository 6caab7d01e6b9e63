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

"""Tests that one process trains in a directory."""

import json
import os
import socket
import subprocess
import sys

import pytest

from deeplab_ssl.checkpoints import run_lock

_HOLD = """
import sys, time
from deeplab_ssl.checkpoints import run_lock
with run_lock.hold(sys.argv[1]):
  print("held", flush=True)
  time.sleep(100)
"""


def test_another_process_is_refused_until_it_is_killed(tmp_path):
  run = str(tmp_path / "run")
  other = subprocess.Popen(
    [sys.executable, "-c", _HOLD, run], stdout=subprocess.PIPE
  )
  try:
    assert other.stdout.readline() == b"held\n"
    with (
      pytest.raises(BlockingIOError, match=f"process {other.pid} on .*since"),
      run_lock.hold(run),
    ):
      pass
  finally:
    other.kill()
    other.communicate()
  with run_lock.hold(run):
    pass


def test_a_directory_of_another_machine_is_refused_with_the_way_out(tmp_path):
  owner = {"host": "elsewhere", "pid": 1, "since": "long ago"}
  path = tmp_path / run_lock.LOCK_FILE
  path.write_text(json.dumps(owner))
  with (
    pytest.raises(
      BlockingIOError, match="1 on elsewhere since long ago.*remove .*lock"
    ),
    run_lock.hold(str(tmp_path)),
  ):
    pass
  path.unlink()
  with run_lock.hold(str(tmp_path)):
    assert json.loads(path.read_text())["host"] == socket.gethostname()
  assert path.read_text() == ""


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_a_damaged_lock_is_free(text, tmp_path):
  (tmp_path / run_lock.LOCK_FILE).write_text(text)
  with run_lock.hold(str(tmp_path)):
    pass


def test_a_training_that_has_not_begun_leaves_nothing(tmp_path):
  with pytest.raises(ValueError), run_lock.hold(str(tmp_path / "a")):
    raise ValueError
  assert not (tmp_path / "a").exists()
  with run_lock.hold(str(tmp_path / "a")):
    (tmp_path / "a" / "params.yaml").touch()
  assert (tmp_path / "a" / "params.yaml").exists()


def test_what_cannot_be_locked_is_not(tmp_path):
  with run_lock.hold("gs://bucket/run"):
    pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_cannot_be_written_is_named(tmp_path):
  tmp_path.chmod(0o500)
  with (
    pytest.raises(OSError, match=str(tmp_path)),
    run_lock.hold(str(tmp_path / "run")),
  ):
    pass


def test_the_holder_is_told(tmp_path):
  folder = str(tmp_path / "run")
  assert run_lock.holder(folder) is None
  with run_lock.hold(folder):
    assert f"process {os.getpid()} on" in run_lock.holder(folder)
  os.makedirs(folder, exist_ok=True)
  with run_lock.hold(folder):
    pass
  assert run_lock.holder(folder) is None
  assert run_lock.holder("gs://bucket/run") is None
