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


import json
import os
from unittest import mock

import pytest

from deeplab_ssl.common import atomic_files


def test_folders_are_made_and_older_files_replaced(tmp_path):
  path = tmp_path / "a" / "b.png"
  for data in (b"one", b"two"):
    atomic_files.write(path, data)
    assert path.read_bytes() == data
  assert [p.name for p in path.parent.iterdir()] == ["b.png"]


def test_json_is_read_back_as_it_was(tmp_path):
  content = {"a": [1, None], "b": "é"}
  atomic_files.write_json(tmp_path / "new" / "a.json", content, indent=1)
  text = (tmp_path / "new" / "a.json").read_text()
  assert text.startswith('{\n "a": [')
  assert json.loads(text) == content


def test_links_and_pipes_stay_what_they_are(tmp_path):
  (tmp_path / "real").write_bytes(b"old")
  (tmp_path / "link").symlink_to("real")
  atomic_files.write(tmp_path / "link", b"new")
  assert (tmp_path / "link").is_symlink()
  assert (tmp_path / "real").read_bytes() == b"new"
  os.mkfifo(tmp_path / "pipe")
  reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
  atomic_files.write(tmp_path / "pipe", b"data")
  assert os.read(reader, 9) == b"data"
  os.close(reader)
  assert not (tmp_path / "pipe").is_file()


@pytest.mark.parametrize("target", ["mine", "nowhere"])
def test_a_link_that_waits_for_the_bytes_is_not_followed(tmp_path, target):
  (tmp_path / "mine").write_bytes(b"precious")
  (tmp_path / "a.png.partial").symlink_to(target)
  atomic_files.write(tmp_path / "a.png", b"new")
  assert (tmp_path / "mine").read_bytes() == b"precious"
  assert (tmp_path / "a.png").read_bytes() == b"new"
  assert not (tmp_path / "a.png").is_symlink()
  assert {path.name for path in tmp_path.iterdir()} == {"mine", "a.png"}


def test_what_was_left_behind_is_replaced(tmp_path):
  (tmp_path / "a.png.partial").write_bytes(b"half of it")
  atomic_files.write(tmp_path / "a.png", b"new")
  assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
  assert (tmp_path / "a.png").read_bytes() == b"new"


@pytest.mark.parametrize("path", ["gs://bucket/a.json", "file:///tmp/a.json"])
def test_addresses_are_refused(path, tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  with pytest.raises(ValueError, match="is an address"):
    atomic_files.write(path, b"data")
  assert not os.listdir(tmp_path)


def test_an_interruption_leaves_the_older_file(tmp_path):
  path = tmp_path / "b.png"
  atomic_files.write(path, b"old")
  with mock.patch.object(os, "replace", side_effect=KeyboardInterrupt):
    with pytest.raises(KeyboardInterrupt):
      atomic_files.write(path, b"new")
  assert path.read_bytes() == b"old"
