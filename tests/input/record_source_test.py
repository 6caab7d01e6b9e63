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

"""Tests of TFRecords as a source of the pipelines."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.input import record_source
from deeplab_ssl.input import records
from tests import input_testing

NUM_RECORDS = 12
NUM_SHARDS = 4


class RecordSourceTest(parameterized.TestCase):
  """Record i is called img<i>; shard s holds s, s + 4 and s + 8."""

  def setUp(self):
    super().setUp()
    directory = self.directory = input_testing.temp_dir(self)
    label = np.arange(20, dtype=np.uint8).reshape(4, 5)
    self.shards = []
    for shard in range(NUM_SHARDS):
      path = records.shard_path(directory, "train", shard, NUM_SHARDS)
      with tf.io.TFRecordWriter(path) as writer:
        for index in range(shard, NUM_RECORDS, NUM_SHARDS):
          example = records.make_example(
            tf.io.encode_png(np.full((4, 5, 3), index, np.uint8)).numpy(),
            filename=f"img{index}",
            image_format="png",
            height=4,
            width=5,
            label_data=masks.encode_mask(label),
          )
          writer.write(example.SerializeToString())
      self.shards.append(path)

  def names(self, source):
    return [
      source.decode(source.read(tf.constant(i, tf.int64)))["filename"].numpy()
      for i in range(source.size)
    ]

  def test_the_order_is_that_of_the_files(self):
    source = record_source.RecordSource(self.shards)
    order = [i for shard in range(4) for i in range(shard, NUM_RECORDS, 4)]
    self.assertEqual(self.names(source), [b"img%d" % i for i in order])

  def test_records_have_a_fingerprint(self):
    whole, half = (
      record_source.RecordSource(shards)
      for shards in (self.shards, self.shards[:2])
    )
    again = record_source.RecordSource(self.shards)
    self.assertEqual(whole.fingerprint, again.fingerprint)
    self.assertNotEqual(whole.fingerprint, half.fingerprint)

  def test_an_element_is_decoded_with_or_without_its_label(self):
    source = record_source.RecordSource(self.shards)
    element = source.read(tf.constant(0, tf.int64))
    decoded = source.decode(element)
    np.testing.assert_array_equal(decoded["image"], np.zeros((4, 5, 3)))
    np.testing.assert_array_equal(
      decoded["label"][..., 0], np.arange(20).reshape(4, 5)
    )
    self.assertNotIn("label", source.decode(element, with_label=False))

  def test_no_shard_is_refused(self):
    with self.assertRaisesRegex(ValueError, "At least one shard is needed"):
      record_source.RecordSource([])

  def test_shards_without_a_record_are_refused(self):
    for shard in self.shards:
      open(shard, "wb").close()
    with self.assertRaisesRegex(ValueError, "train-00000.*hold no record"):
      record_source.RecordSource(self.shards)

  def declare(self, **splits):
    """Writes the numbers of records beside them."""
    info = dataset_info.DatasetInfo("spots", ("a", "b"), splits=splits)
    dataset_info.save_dataset_info(info, self.directory)

  def test_a_split_holds_as_many_records_as_declared(self):
    folder = self.directory
    self.assertEqual(record_source.open_split(folder, "train").size, 12)
    self.declare(train=NUM_RECORDS, val=7)
    self.assertEqual(record_source.open_split(folder, "train").size, 12)
    self.declare(val=7)
    self.assertEqual(record_source.open_split(folder, "train").size, 12)

  @parameterized.parameters("emptied", "cut at a record", "longer")
  def test_a_lost_record_is_told(self, damage):
    self.declare(train=NUM_RECORDS)
    with open(self.shards[1], "rb") as file:
      data = file.read()
    second = int.from_bytes(data[:8], "little") + 16
    changed = {
      "emptied": b"",
      "cut at a record": data[:second],
      "longer": data * 2,
    }
    with open(self.shards[1], "wb") as file:
      file.write(changed[damage])
    with self.assertRaisesRegex(
      ValueError, r"'train'.* hold \d+ records; .*12"
    ):
      record_source.open_split(self.directory, "train")

  @parameterized.parameters(4, 1, -1, -4, -5, -200)
  def test_a_shard_that_is_cut_short_is_named_at_once(self, end):
    with open(self.shards[1], "rb") as file:
      data = file.read()
    with open(self.shards[1], "wb") as file:
      file.write(data[:end])
    with self.assertRaisesRegex(
      ValueError, "train-00001-of-00004.tfrecord is cut short"
    ):
      record_source.RecordSource(self.shards)

  def test_what_is_no_record_file_is_named_at_once(self):
    with open(self.shards[2], "wb") as file:
      file.write(b"<html>404</html>")
    with self.assertRaisesRegex(
      ValueError, "or no TFRecord file: its record 1"
    ):
      record_source.RecordSource(self.shards)


if __name__ == "__main__":
  absltest.main()
