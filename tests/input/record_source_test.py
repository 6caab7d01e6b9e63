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

from deeplab_ssl.input import masks
from deeplab_ssl.input import record_source
from deeplab_ssl.input import records
from tests import input_testing

NUM_RECORDS = 12
NUM_SHARDS = 4


def _context(pipelines, index):
  return tf.distribute.InputContext(pipelines, index, pipelines)


class RecordSourceTest(parameterized.TestCase):
  """Record i is called img<i>; shard s holds s, s + 4 and s + 8."""

  def setUp(self):
    super().setUp()
    directory = input_testing.temp_dir(self)
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

  def indices(self, **options):
    """The numbers of the records of one pass, in its order."""
    source = record_source.RecordSource(self.shards)
    names = [
      source.decode(element)["filename"].numpy().decode()
      for element in source.elements(**options)
    ]
    return [int(name.removeprefix("img")) for name in names]

  def test_without_a_seed_the_order_is_that_of_the_files(self):
    expected = [*range(0, 12, 4), *range(1, 12, 4), *range(2, 12, 4)]
    self.assertEqual(self.indices(), expected + [*range(3, 12, 4)])

  def test_a_seed_shuffles_the_files_in_the_same_way_each_time(self):
    first, again, other = (self.indices(seed=seed) for seed in (1, 1, 2))
    self.assertEqual(first, again)
    self.assertNotEqual(first, other)
    self.assertNotEqual(first, self.indices())
    for order in (first, other):
      self.assertEqual(sorted(order), [*range(NUM_RECORDS)])

  @parameterized.product(pipelines=(2, 3, 6), seed=(None, 3))
  def test_input_pipelines_share_the_records(self, pipelines, seed):
    # 6 pipelines are more than there are shards.
    seen = []
    for index in range(pipelines):
      context = _context(pipelines, index)
      seen += self.indices(seed=seed, input_context=context)
    self.assertEqual(sorted(seen), [*range(NUM_RECORDS)])

  def test_an_element_is_decoded_with_or_without_its_label(self):
    source = record_source.RecordSource(self.shards)
    element = next(iter(source.elements()))
    decoded = source.decode(element)
    np.testing.assert_array_equal(decoded["image"], np.zeros((4, 5, 3)))
    np.testing.assert_array_equal(
      decoded["label"][..., 0], np.arange(20).reshape(4, 5)
    )
    self.assertNotIn("label", source.decode(element, with_label=False))

  def test_no_shard_is_refused(self):
    with self.assertRaisesRegex(ValueError, "At least one shard is needed"):
      record_source.RecordSource([])

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
