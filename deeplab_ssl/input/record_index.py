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

"""Where each record of TFRecord files lies, so that any of them can be read."""

from collections.abc import Iterator
from collections.abc import Sequence
import hashlib
import os
from typing import NamedTuple
import zlib

import numpy as np
import tensorflow as tf

from deeplab_ssl.common import atomic_files

# A record is its length, a checksum of that, the data, a checksum of those.
_LENGTH_BYTES, _CHECKSUM_BYTES = 8, 4
_FRAME_BYTES = _LENGTH_BYTES + 2 * _CHECKSUM_BYTES


class Span(NamedTuple):
  """Records of one file that belong to a split.

  Attributes:
    path: the file.
    skip: how many of its records come before them.
    take: how many they are; None stands for all that follow.
  """

  path: str
  skip: int = 0
  take: int | None = None


class _Record(NamedTuple):
  offset: int
  identity: bytes  # Length and checksum.


def _local_records(path) -> Iterator[_Record]:
  """Walks from record to record; the data are skipped."""
  size, offset, number = os.path.getsize(path), 0, 0
  with open(path, "rb", buffering=0) as file:
    while offset < size:
      file.seek(offset)
      header = file.read(_LENGTH_BYTES)
      number += 1
      end = offset + int.from_bytes(header, "little") + _FRAME_BYTES
      if end > size or len(header) < _LENGTH_BYTES:
        raise ValueError(
          f"{path} is cut short or no TFRecord file: its record {number} ends "
          f"at byte {end}, the file at {size}. Copy it again or convert the "
          "split again; `python -m deeplab_ssl.check_data` reads all of it."
        )
      file.seek(end - _CHECKSUM_BYTES)
      yield _Record(offset, header + file.read(_CHECKSUM_BYTES))
      offset = end


def _remote_records(path) -> Iterator[_Record]:
  """Reads a file from end to end, which is faster there than many seeks."""
  offset = 0
  try:
    for data in tf.data.TFRecordDataset(path).as_numpy_iterator():
      length = len(data).to_bytes(_LENGTH_BYTES, "little")
      checksum = zlib.crc32(data).to_bytes(_CHECKSUM_BYTES, "little")
      yield _Record(offset, length + checksum)
      offset += len(data) + _FRAME_BYTES
    size = tf.io.gfile.stat(path).length
    # The reader takes a cut in the first bytes of a record for the end.
    wrong = offset != size and f"its last record ends at {offset} of {size}"
  except tf.errors.DataLossError as error:
    wrong = error.message
  if wrong:
    raise ValueError(
      f"{path} is damaged or no TFRecord file: {wrong}. Copy it again or "
      "convert the split again."
    )


def _read(path, offset):
  """Reads the record at an offset of a file, in graphs."""
  records = tf.raw_ops.TFRecordDatasetV2(
    filenames=[path], compression_type="", buffer_size=0, byte_offsets=[offset]
  )
  records = tf.data.experimental.from_variant(
    records, tf.TensorSpec([], tf.string)
  )
  return records.take(1).get_single_element()


class RecordIndex:
  """The records of some files, numbered through.

  Args:
    spans: the files and which of their records count.

  Attributes:
    fingerprint: a digest of lengths and checksums in their order, so that it
      tells whether other records are the same; paths do not enter.

  Raises:
    ValueError: if a file is cut short or no TFRecord file, or has fewer records
      than its span.
    FileNotFoundError: if one is missing.
  """

  def __init__(self, spans: Sequence[Span]):
    self._paths = [span.path for span in spans]
    digest = hashlib.sha256()
    files, numbers, offsets = [], [], []
    for file, (path, skip, take) in enumerate(spans):
      if not tf.io.gfile.exists(path):
        raise FileNotFoundError(f"The file of records {path} does not exist.")
      local = os.path.isfile(path)
      if not local and atomic_files.is_local(path):
        # A named pipe, for one, would be waited for without end.
        raise ValueError(f"{path} is no file of records but something else.")
      records = list((_local_records if local else _remote_records)(path))
      end = len(records) if take is None else skip + take
      if end > len(records):
        raise ValueError(
          f"{path} holds {len(records)} records of {end}. Copy it again or "
          "prepare the data again."
        )
      for number in range(skip, end):
        digest.update(records[number].identity)
        files.append(file)
        numbers.append(number)
        offsets.append(records[number].offset)
    self.fingerprint = digest.hexdigest()
    self._files = np.array(files, np.int32)
    self._numbers = np.array(numbers, np.int64)
    self._offsets = np.array(offsets, np.int64)

  def __len__(self) -> int:
    return len(self._files)

  def read(self, index: tf.Tensor) -> tf.Tensor:
    """Reads one record; runs eagerly and in graphs.

    Args:
      index: scalar int64, in 0..len - 1.

    Returns:
      Scalar string.

    Raises:
      tf.errors.InvalidArgumentError: if it does not agree with its checksum or
        cannot be read; names file and record.
    """
    path = tf.constant(self._paths)[tf.constant(self._files)[index]]
    offset = tf.constant(self._offsets)[index]
    # The reader names no file in its errors. So whatever fails becomes an empty
    # record, which is told below. Inside `map` it fails once; by itself it
    # would fail, and be ignored, for ever.
    record = tf.data.Dataset.from_tensors(offset)
    record = record.map(lambda offset: _read(path, offset)).ignore_errors()
    record = record.concatenate(tf.data.Dataset.from_tensors(""))
    record = record.take(1).get_single_element()
    check = tf.debugging.Assert(
      tf.strings.length(record) > 0,
      [
        "A record is damaged or cannot be read any more. Copy its file again "
        "or convert the split again (`python -m deeplab_ssl.check_data` names "
        "all such records): file, record, byte",
        path,
        tf.constant(self._numbers)[index] + 1,
        offset,
      ],
    )
    with tf.control_dependencies([check] if check is not None else []):
      return tf.identity(record)

  def name(self, index: tf.Tensor) -> tf.Tensor:
    """Returns `FILE__NUMBER` of a record, numbers from 0, a scalar string."""
    files = tf.constant([os.path.basename(path) for path in self._paths])
    number = tf.strings.as_string(tf.constant(self._numbers)[index])
    file = files[tf.constant(self._files)[index]]
    return tf.strings.join([file, number], separator="__")
