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

"""TFRecords as a source of the pipelines."""

from collections.abc import Sequence
import os

import tensorflow as tf

from deeplab_ssl.input import records
from deeplab_ssl.input import source

# Shards read side by side. More does not help a local disk, and with shuffling
# it is what mixes the shards before the buffer does.
_CYCLE_LENGTH = 4
# A record of a TFRecord file: its length, a checksum, the data, a checksum.
_LENGTH_BYTES, _CHECKSUM_BYTES = 8, 4


def _check_whole(path):
  """Fails if a shard on this machine does not end where its last record does.

  TensorFlow finds that out when it comes to the place, and names no file.
  """
  if not os.path.isfile(path):
    return
  size, end, number = os.path.getsize(path), 0, 0
  with open(path, "rb") as file:
    while end < size:
      file.seek(end)
      length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
      end += _LENGTH_BYTES + length + 2 * _CHECKSUM_BYTES
      number += 1
  if end != size:
    raise ValueError(
      f"{path} is cut short or no TFRecord file: its record {number} ends at "
      f"byte {end}, the file at {size}. Copy it again or convert the split "
      "again; `python -m deeplab_ssl.check_data` reads all of it."
    )


class RecordSource(source.Source):
  """Reads shards of the original's schema.

  Args:
    shards: their paths, as `records.find_shards` returns them.

  Raises:
    ValueError: if there are none, or one of them is cut short.
  """

  def __init__(self, shards: Sequence[str]):
    self.shards = list(shards)
    if not self.shards:
      raise ValueError("At least one shard is needed. Received: 0 shards.")
    for shard in self.shards:
      _check_whole(shard)

  def elements(self, *, seed=None, deterministic=True, input_context=None):
    several = source.several_pipelines(input_context)
    if seed is None:
      dataset = tf.data.TFRecordDataset(self.shards)
      return source.share(dataset, input_context) if several else dataset
    files = tf.data.Dataset.from_tensor_slices(self.shards)
    by_file = several and (
      len(self.shards) >= input_context.num_input_pipelines
    )
    if by_file:
      files = source.share(files, input_context)
    if by_file or not several:
      files = files.shuffle(len(self.shards), seed=seed)
    dataset = files.interleave(
      tf.data.TFRecordDataset,
      cycle_length=min(_CYCLE_LENGTH, len(self.shards)),
      num_parallel_calls=tf.data.AUTOTUNE,
      deterministic=deterministic or several,
    )
    if several and not by_file:
      # All pipelines must see the same order here; hence no shuffling above.
      dataset = source.share(dataset, input_context)
    return dataset

  def decode(self, element, *, with_label=True):
    return records.parse_record(element, with_label=with_label)
