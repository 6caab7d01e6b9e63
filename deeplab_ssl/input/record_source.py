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

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import record_index
from deeplab_ssl.input import records
from deeplab_ssl.input import source


class RecordSource(source.Source):
  """Reads shards of the original's schema.

  Args:
    shards: their paths, as `records.find_shards` returns them.

  Raises:
    ValueError: if there are none, one of them is cut short, or they hold no
      record.
  """

  def __init__(self, shards: Sequence[str]):
    if not shards:
      raise ValueError("At least one shard is needed. Received: 0 shards.")
    self._index = record_index.RecordIndex(
      [record_index.Span(shard) for shard in shards]
    )
    self.size = len(self._index)
    self.fingerprint = self._index.fingerprint
    if not self.size:
      raise ValueError(
        f"{shards[0]} and the other shards of its split hold no record. "
        "Convert the split again."
      )

  def read(self, index):
    return self._index.read(index)

  def decode(self, element, *, with_label=True):
    return records.parse_record(element, with_label=with_label)

  def image_size(self, element):
    return records.image_size(element)

  def decode_box(self, element, box):
    return records.parse_record(element, box=box)


def open_split(folder: str | os.PathLike, split: str) -> RecordSource:
  """Opens the records of a split and checks that none is lost.

  Args:
    folder: where the shards lie.
    split: the split, "train".

  Raises:
    FileNotFoundError: if a shard is missing.
    ValueError: if a shard is cut short, or there are fewer or more records than
      the dataset.yaml beside them says.
  """
  opened = RecordSource(records.find_shards(folder, split))
  declared = dataset_info.declared_size(folder, split)
  if declared not in (None, opened.size):
    raise ValueError(
      f"The shards of {split!r} in {os.fspath(folder)} hold {opened.size} "
      f"records; the {dataset_info.DATASET_FILE} beside them says {declared}. "
      "Copy the shards again or convert the split again."
    )
  return opened
