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

"""Tests of reading files, and nothing that only looks like one."""

import os
import socket

import pytest

from deeplab_ssl.common import regular_files


def test_files_and_links_to_them(tmp_path):
  (tmp_path / "a").write_bytes(b"content")
  (tmp_path / "b").symlink_to("a")
  assert regular_files.read(tmp_path / "a") == b"content"
  assert regular_files.read(str(tmp_path / "b")) == b"content"


def _folder(path):
  path.mkdir()


def _socket(path):
  with (
    socket.socket(socket.AF_UNIX) as bound,
    pytest.MonkeyPatch.context() as m,
  ):
    m.chdir(path.parent)  # The path of a socket must be short.
    bound.bind(path.name)


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize(
  "make, kind",
  [
    (_folder, "a folder"),
    (os.mkfifo, "a named pipe"),
    (_socket, "a socket"),
    (lambda path: path.symlink_to("/dev/zero"), "a device"),
  ],
)
def test_what_is_no_file_is_refused_at_once(tmp_path, make, kind, linked):
  path = tmp_path / "a.jpg"
  make(path)
  if linked:
    path = tmp_path / "link.jpg"
    path.symlink_to("a.jpg")
  with pytest.raises(regular_files.NotRegularError, match=f"is {kind}, not a"):
    regular_files.read(path)


def test_a_pipe_that_took_the_place_of_a_file_does_not_hold_it_up(
  tmp_path, monkeypatch
):
  path, pipe = tmp_path / "a", tmp_path / "pipe"
  path.write_bytes(b"content")
  os.mkfifo(pipe)
  checked = []

  def exchanges(status):
    if not checked:
      os.replace(pipe, path)
    checked.append(status)
    return check(status)

  check = regular_files._check
  monkeypatch.setattr(regular_files, "_check", exchanges)
  with pytest.raises(regular_files.NotRegularError, match="a named pipe"):
    regular_files.read(path)
  assert len(checked) == 2


def test_what_would_fill_the_memory_is_refused(tmp_path):
  path = tmp_path / "a"
  with path.open("wb") as file:
    file.truncate(regular_files.MAX_BYTES + 1)  # Takes no space.
  with pytest.raises(ValueError, match=f"at most {regular_files.MAX_BYTES}"):
    regular_files.read(path)


def test_what_is_not_there(tmp_path):
  (tmp_path / "link").symlink_to("nowhere")
  for name in ("a", "link"):
    with pytest.raises(FileNotFoundError, match=name):
      regular_files.read(tmp_path / name)
