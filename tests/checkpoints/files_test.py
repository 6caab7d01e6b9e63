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

"""Tests of small files beside checkpoints."""

from unittest import mock

import tensorflow as tf

from deeplab_ssl.checkpoints import files


def test_a_file_is_replaced_as_a_whole(tmp_path):
  path = tmp_path / "below" / "file"
  for text in ("first", "é"):
    files.write(str(path), text)
    assert path.read_text(encoding="utf-8") == text
  assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_an_address_is_written_by_tensorflow():
  # A file system of TensorFlow's that is in memory.
  with tf.io.gfile.GFile("ram://before", "w") as file:
    file.write("x")
  with mock.patch("os.replace", side_effect=AssertionError):
    files.write("ram://file", "text")
  with tf.io.gfile.GFile("ram://file") as file:
    assert file.read() == "text"
