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

"""Tests of the places of records in their files."""

import contextlib
import os
from unittest import mock

import pytest
import tensorflow as tf

from deeplab_ssl.input import record_index

RECORDS = [[b"a", b"bcd" * 50], [], [b"efgh", b"ij" * 9, b"k"]]


def write(folder, records=RECORDS):
  """Writes files of records and returns their paths."""
  paths = [str(folder / f"part-{i}") for i in range(len(records))]
  for path, contents in zip(paths, records, strict=True):
    with tf.io.TFRecordWriter(path) as writer:
      for content in contents:
        writer.write(content)
  return paths


def index_of(paths):
  return record_index.RecordIndex([record_index.Span(path) for path in paths])


@contextlib.contextmanager
def elsewhere():
  """Files are on another machine, as gs://bucket/file is."""
  with (
    mock.patch("os.path.isfile", lambda path: False),
    mock.patch.object(
      record_index.atomic_files, "is_local", lambda path: False
    ),
  ):
    yield


def contents(index):
  return [
    index.read(tf.constant(i, tf.int64)).numpy() for i in range(len(index))
  ]


def flip(path, at):
  with open(path, "r+b") as file:
    file.seek(at)
    byte = file.read(1)
    file.seek(at)
    file.write(bytes([byte[0] ^ 1]))


def test_any_record_can_be_read(tmp_path):
  index = index_of(write(tmp_path))
  assert contents(index) == [record for part in RECORDS for record in part]
  in_graph = tf.data.Dataset.range(5).map(index.read)
  assert list(in_graph.as_numpy_iterator()) == contents(index)


def test_a_record_is_named_by_its_file_and_number(tmp_path):
  index = index_of(write(tmp_path))
  names = [index.name(tf.constant(i, tf.int64)).numpy() for i in range(5)]
  assert names[1:3] == [b"part-0__1", b"part-2__0"]


def test_a_span_is_part_of_a_file(tmp_path):
  paths = write(tmp_path)
  spans = [
    record_index.Span(paths[2], skip=1, take=2),
    record_index.Span(paths[0], take=1),
  ]
  index = record_index.RecordIndex(spans)
  assert contents(index) == [b"ij" * 9, b"k", b"a"]
  assert index.name(tf.constant(0, tf.int64)).numpy() == b"part-2__1"


def test_a_span_beyond_the_file_is_refused(tmp_path):
  paths = write(tmp_path)
  with pytest.raises(ValueError, match="part-0 holds 2 records of 3"):
    record_index.RecordIndex([record_index.Span(paths[0], skip=1, take=2)])


def test_files_that_are_not_on_this_machine_have_the_same_records(tmp_path):
  paths = write(tmp_path)
  local = index_of(paths)
  with elsewhere():
    remote = index_of(paths)
  assert contents(remote) == contents(local)
  assert remote.fingerprint != index_of(paths[:1]).fingerprint


def test_the_fingerprint_tells_contents_and_order_not_places(tmp_path):
  for name in "ab":
    (tmp_path / name).mkdir()
  here, there = write(tmp_path / "a"), write(tmp_path / "b")
  assert index_of(here).fingerprint == index_of(there).fingerprint
  assert index_of(here[::-1]).fingerprint != index_of(here).fingerprint
  # As long as before, with another content.
  with tf.io.TFRecordWriter(there[0]) as writer:
    writer.write(b"b")
    writer.write(b"bcd" * 50)
  assert index_of(here).fingerprint != index_of(there).fingerprint


@pytest.mark.parametrize("at", [12, 20, 161])  # Data, and their checksum.
def test_a_flipped_byte_names_file_and_record(tmp_path, at):
  paths = write(tmp_path, [[b"x"], [b"data" * 37]])
  flip(paths[1], at)
  index = index_of(paths)
  with pytest.raises(
    tf.errors.InvalidArgumentError, match=r"(?s)damaged.*part-1.*1.*0"
  ):
    list(tf.data.Dataset.range(2).map(index.read))


@pytest.mark.parametrize("at", [0, 3, 7])
def test_a_flipped_length_is_told_at_once(tmp_path, at):
  paths = write(tmp_path)
  flip(paths[2], at)
  with pytest.raises(ValueError, match="part-2 (is cut short|holds)"):
    index_of(paths)


@pytest.mark.parametrize("end", [4, 1, -1, -4, -5, -18])
def test_a_file_that_is_cut_short_is_named(tmp_path, end):
  paths = write(tmp_path)
  with open(paths[2], "rb") as file:
    data = file.read()
  with open(paths[2], "wb") as file:
    file.write(data[:end])
  with pytest.raises(ValueError, match="part-2 is cut short"):
    index_of(paths)
  with elsewhere(), pytest.raises(ValueError, match="part-2 is damaged"):
    index_of(paths)


def test_a_file_that_goes_away_is_told(tmp_path):
  paths = write(tmp_path)
  index = index_of(paths)
  (tmp_path / "part-0").unlink()
  with pytest.raises(tf.errors.InvalidArgumentError, match="part-0"):
    contents(index)


def test_a_pipe_is_not_waited_for(tmp_path):
  os.mkfifo(tmp_path / "pipe")
  with pytest.raises(ValueError, match="pipe is no file of records"):
    index_of([str(tmp_path / "pipe")])


def test_a_missing_file_is_named(tmp_path):
  with pytest.raises(FileNotFoundError, match="none does not exist"):
    index_of([str(tmp_path / "none")])
