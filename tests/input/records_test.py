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

"""Tests of the record schema and of finding shards."""

import hashlib
import os
import pathlib

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl.input import masks
from deeplab_ssl.input import records
from tests import external_data
from tests import input_testing


def _example(image, label, **kwargs):
  height, width = image.shape[:2]
  return records.make_example(
    tf.io.encode_png(image).numpy(),
    filename="a",
    image_format="png",
    height=height,
    width=width,
    label_data=label,
    **kwargs,
  ).SerializeToString()


IMAGE = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
LABEL = np.arange(20, dtype=np.uint8).reshape(4, 5)


class SchemaTest(absltest.TestCase):
  def test_the_original_record(self):
    path = external_data.require(
      "data/deeplab_tfrecord/val-00000-of-00001.tfrecord"
    )
    fixture = input_testing.load_json("voc_record.json")
    (found,) = records.find_shards(path.parent, "val")
    dataset = list(tf.data.TFRecordDataset(found))
    for raw, expected in zip(dataset, fixture["examples"], strict=True):
      record = records.parse_record(raw)
      self.assertEqual(
        record["filename"].numpy().decode(), expected["image/filename"]
      )
      for key in ("image", "label"):
        value = record[key].numpy()
        self.assertEqual(list(value.shape), expected[f"{key}_shape"])
        digest = hashlib.sha256(value.astype(np.uint8).tobytes()).hexdigest()
        self.assertEqual(digest, expected[f"{key}_sha256"])
      self.assertEqual(record["height"], expected["image/height"])
      self.assertEqual(record["width"], expected["image/width"])

  def test_our_records_have_the_original_keys(self):
    fixture = input_testing.load_json("voc_record.json")
    example = tf.train.Example.FromString(
      _example(IMAGE, masks.encode_mask(LABEL))
    )
    kinds = {
      key: value.WhichOneof("kind")
      for key, value in example.features.feature.items()
    }
    self.assertEqual(kinds, fixture["feature_keys"])

  def test_round_trip(self):
    record = records.parse_record(_example(IMAGE, masks.encode_mask(LABEL)))
    np.testing.assert_array_equal(record["image"], IMAGE)
    np.testing.assert_array_equal(record["label"][..., 0], LABEL)
    self.assertEqual(record["image"].dtype, tf.uint8)
    self.assertEqual(record["label"].dtype, tf.int32)
    self.assertEqual((record["height"], record["width"]), (4, 5))

  def test_a_part_of_the_image_with_all_of_its_label(self):
    serialized = tf.constant(_example(IMAGE, masks.encode_mask(LABEL)))
    np.testing.assert_array_equal(records.image_size(serialized), (4, 5))
    record = records.parse_record(serialized, box=tf.constant([1, 2, 3, 2]))
    np.testing.assert_array_equal(record["image"], IMAGE[1:4, 2:4])
    np.testing.assert_array_equal(record["label"][..., 0], LABEL)
    self.assertEqual(record["label"].dtype, tf.uint8)
    self.assertEqual((record["height"], record["width"]), (4, 5))

  def test_sizes_must_agree_where_a_part_is_read(self):
    serialized = tf.constant(_example(IMAGE, masks.encode_mask(LABEL[:3])))
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError, "differ in size"
    ):
      records.parse_record(serialized, box=tf.constant([0, 0, 1, 1]))

  def test_a_record_without_label(self):
    serialized = _example(IMAGE, None)
    record = records.parse_record(serialized, with_label=False)
    self.assertNotIn("label", record)
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError, "has no label.*submit"
    ):
      records.parse_record(serialized)

  def test_only_grey_labels_are_written(self):
    with self.assertRaisesRegex(ValueError, "label of a must be an 8-bit grey"):
      _example(IMAGE, masks.encode_mask(LABEL, input_testing.PETS))

  def test_palette_labels_of_others_are_refused(self):
    example = tf.train.Example.FromString(
      _example(IMAGE, masks.encode_mask(LABEL))
    )
    palette = masks.encode_mask(LABEL, input_testing.PETS)
    example.features.feature[records.LABEL_ENCODED].bytes_list.value[0] = (
      palette
    )
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError, "8-bit grey PNG"
    ):
      records.parse_record(example.SerializeToString())

  def test_sizes_must_agree(self):
    serialized = _example(IMAGE, masks.encode_mask(LABEL[:3]))
    parse = tf.function(records.parse_record)
    for function in (records.parse_record, parse):
      with self.assertRaisesRegex(
        tf.errors.InvalidArgumentError, "differ in size"
      ):
        function(tf.constant(serialized))

  def test_grey_image_becomes_rgb(self):
    serialized = _example(IMAGE[..., :1], None)
    record = records.parse_record(serialized, with_label=False)
    np.testing.assert_array_equal(record["image"][..., 2], IMAGE[..., 0])

  def test_other_image_formats_are_refused(self):
    with self.assertRaisesRegex(ValueError, "Received: 'bmp'"):
      records.make_example(
        b"", filename="a", image_format="bmp", height=1, width=1
      )


class ShardsTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    self.dir = str(input_testing.temp_dir(self))

  def touch(self, *names):
    for name in names:
      pathlib.Path(self.dir, name).touch()

  def test_names(self):
    self.assertEqual(
      records.shard_path("d", "train", 0, 4),
      os.path.join("d", "train-00000-of-00004.tfrecord"),
    )

  @parameterized.parameters((4, 4), (-1, 4), (0, 100000))
  def test_bad_numbers(self, index, count):
    with self.assertRaisesRegex(ValueError, f"index={index}, count={count}"):
      records.shard_path("d", "train", index, count)

  def test_finds_in_order(self):
    names = [f"val-0000{i}-of-00003.tfrecord" for i in (2, 0, 1)]
    self.touch(*names, "train-00000-of-00001.tfrecord", "val.txt")
    expected = [os.path.join(self.dir, name) for name in sorted(names)]
    self.assertEqual(records.find_shards(self.dir, "val"), expected)
    pattern = os.path.join(self.dir, "val-*")
    self.assertEqual(records.find_shards(pattern), expected)

  def test_a_single_file(self):
    self.touch("mine.tfrecord")
    path = os.path.join(self.dir, "mine.tfrecord")
    self.assertEqual(records.find_shards(path), [path])

  def test_missing_split_lists_the_folder(self):
    self.touch("train-00000-of-00001.tfrecord")
    with self.assertRaisesRegex(
      FileNotFoundError, "holds train-00000-of-00001.tfrecord"
    ):
      records.find_shards(self.dir, "val")

  def test_missing_folder(self):
    with self.assertRaisesRegex(FileNotFoundError, "does not exist"):
      records.find_shards(os.path.join(self.dir, "no", "val-*"))

  def test_missing_shard(self):
    self.touch("val-00000-of-00003.tfrecord", "val-00002-of-00003.tfrecord")
    with self.assertRaisesRegex(FileNotFoundError, "2 of the 3 .* missing: 1"):
      records.find_shards(self.dir, "val")

  def test_two_conversions(self):
    self.touch("val-00000-of-00001.tfrecord", "val-00000-of-00002.tfrecord")
    with self.assertRaisesRegex(ValueError, "of 1 and of 2 shards"):
      records.find_shards(self.dir, "val")

  def test_folder_needs_split(self):
    with self.assertRaisesRegex(ValueError, "which split"):
      records.find_shards(self.dir)


if __name__ == "__main__":
  absltest.main()
