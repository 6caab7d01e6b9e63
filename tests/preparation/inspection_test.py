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

"""Tests of the judgement on a data set."""

import json

from absl.testing import absltest
import numpy as np
from PIL import Image
import tensorflow as tf

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.input import records
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import inspection
from deeplab_ssl.preparation import layouts
from tests import input_testing

PETS = input_testing.PETS


class InspectionTestCase(absltest.TestCase):
  def setUp(self):
    super().setUp()
    root = input_testing.temp_dir(self)
    self.devkit, self.records = root / "devkit", root / "records"

  def write(self, splits, **kwargs):
    return input_testing.write_devkit(self.devkit, splits, **kwargs)

  def convert(self, *splits, with_masks=True, subset=False):
    for split in splits:
      pairs = layouts.devkit_pairs(self.devkit, split, with_masks=with_masks)
      conversion.convert_split(
        pairs, self.records, split, PETS, num_shards=1, subset=subset
      )

  def inspect(self, *splits, **kwargs):
    return inspection.inspect_records(self.records, splits, **kwargs)

  def append(self, split, label, name="bad"):
    """Adds a record that the converter would not write."""
    image = masks.encode_mask(np.zeros_like(label))
    example = records.make_example(
      image,
      filename=name,
      image_format="png",
      height=label.shape[0],
      width=label.shape[1],
      label_data=masks.encode_mask(label),
    )
    (path,) = records.find_shards(self.records, split)
    old = list(tf.data.TFRecordDataset(path).as_numpy_iterator())
    with tf.io.TFRecordWriter(path) as writer:
      for record in [*old, example.SerializeToString()]:
        writer.write(record)


class NumbersTest(InspectionTestCase):
  def test_numbers_are_those_of_the_masks(self):
    content = self.write({"train": ["a", "b", "c"], "val": ["d"]})
    self.convert("train", "val")
    report = self.inspect(num_pictures=2)
    self.assertTrue(report.ready)
    self.assertEqual(list(report.splits), ["train", "val"])
    train = report.splits["train"]
    labels = [content[name][1] for name in "abc"]
    flat = np.concatenate([label.ravel() for label in labels])
    self.assertEqual(
      train.labels.pixels.tolist(), [(flat == i).sum() for i in range(3)]
    )
    self.assertAlmostEqual(train.void_share, (flat == 255).mean())
    for label in labels:
      self.assertIn(label.shape, train.sizes)
    self.assertLen(train.pictures, 2)
    self.assertLen(report.splits["val"].pictures, 1)
    self.assertIn("Training may start.", str(report))

  def test_json(self):
    self.write({"train": ["a", "b"]})
    self.convert("train")
    found = json.loads(json.dumps(self.inspect().as_dict()))
    self.assertTrue(found["ready"])
    train = found["splits"]["train"]
    self.assertEqual(train["images"], 2)
    self.assertEqual(sum(size["images"] for size in train["sizes"]), 2)
    self.assertEqual([c["name"] for c in train["classes"]], [*PETS.class_names])

  def test_pictures_are_the_same_every_time(self):
    self.write({"train": [f"img{i}" for i in range(20)]})
    self.convert("train")
    names = [
      [s.name for s in self.inspect(num_pictures=5).splits["train"].pictures]
      for _ in range(2)
    ]
    self.assertEqual(*names)
    self.assertEqual(names[0], sorted(names[0], key=lambda n: int(n[3:])))
    self.assertNotEqual(names[0], [f"img{i}" for i in range(5)])

  def test_pairs_give_what_their_records_give(self):
    self.write({"train": ["a", "b"], "val": ["c"]})
    self.convert("train", "val")
    pairs = {s: layouts.devkit_pairs(self.devkit, s) for s in ("train", "val")}
    self.assertEqual(
      inspection.inspect_pairs(pairs, PETS).as_dict(), self.inspect().as_dict()
    )


class ProblemsTest(InspectionTestCase):
  def problem(self, *args, **kwargs):
    report = self.inspect(*args, **kwargs)
    self.assertFalse(report.ready)
    self.assertLen(report.problems, 1)
    self.assertIn(report.problems[0], str(report))
    self.assertIn("Training must not start.", str(report))
    return report.problems[0]

  def test_bad_records(self):
    self.write({"train": ["a", "b"]})
    self.convert("train")
    self.append("train", np.full((8, 9), 40, np.uint8))
    self.assertRegex(
      self.problem(),
      r"train: .*00001.tfrecord, record 2, 'bad': holds the values 40;",
    )

  def test_bad_pairs(self):
    self.write({"train": ["a", "b"]})
    mask = self.devkit / "SegmentationClass" / "b.png"
    Image.new("RGB", (9, 9)).save(mask)
    pairs = {"train": layouts.devkit_pairs(self.devkit, "train")}
    report = inspection.inspect_pairs(pairs, PETS)
    self.assertLen(report.problems, 1)
    self.assertIn(f"{mask}: is a colour picture", report.problems[0])

  def test_damaged_shard(self):
    self.write({"train": ["a", "b"]})
    self.convert("train")
    (path,) = records.find_shards(self.records, "train")
    with open(path, "rb") as file:
      data = file.read()
    with open(path, "wb") as file:
      file.write(data[:-10])
    self.assertRegex(self.problem(), "damaged after 1 records")

  def test_missing_shard(self):
    self.write({"train": ["a", "b"], "val": ["c"]})
    self.convert("train", "val")
    path = records.shard_path(self.records, "train", 0, 1)
    (self.records / "train-00001-of-00002.tfrecord").write_bytes(b"")
    (self.records / path).unlink()
    self.assertRegex(self.problem(), "train: .*missing: 0")

  def test_fewer_records_than_were_converted(self):
    self.write({"train": ["a", "b"]})
    self.convert("train")
    info = dataset_info.get_dataset_info(self.records)
    info.splits["train"] = 3
    dataset_info.save_dataset_info(info, self.records)
    self.assertRegex(self.problem(), "2 records; dataset.yaml says 3")

  def test_ids_in_two_splits(self):
    self.write({"train": ["a", "b"], "val": ["b", "c"]})
    self.convert("train", "val")
    self.assertEqual(self.problem(), "train and val share 1 ids: 'b'")

  def test_images_in_two_splits_under_other_ids(self):
    self.write({"train": ["a", "b"]})
    self.write({"val": ["c", "d"]})  # The same seed, the same noise.
    self.convert("train", "val")
    self.assertEqual(
      self.problem(),
      "train and val share 2 images under other ids: 'a = c', 'b = d'",
    )

  def test_splits_that_share_by_design(self):
    self.write({"trainval": ["a", "b"]})
    lists = self.devkit / "ImageSets" / "Segmentation"
    (lists / "train.txt").write_text("a")
    (lists / "val.txt").write_text("b")
    self.convert("train", "val", "trainval")
    self.assertTrue(self.inspect().ready)

  def test_id_twice_and_id_that_leaves_its_folder(self):
    self.write({"train": ["a", "b"]})
    self.convert("train")
    for name in ("a", "../../x"):
      self.append("train", np.zeros((8, 9), np.uint8), name)
    info = dataset_info.get_dataset_info(self.records)
    escaping, twice = self.inspect(info=info).problems
    self.assertEqual(twice, "train: the id 'a' occurs 2 times")
    self.assertEndsWith(escaping, "its id '../../x' would leave its folder")

  def test_masks_of_some_and_of_none(self):
    self.write({"train": ["a", "b"], "test": ["c"]})
    self.convert("test", with_masks=False)
    self.assertIn("nothing to learn", self.problem())
    self.convert("train")
    report = self.inspect()
    self.assertTrue(report.ready)
    self.assertEqual(
      report.warnings, ["test: is without masks, for prediction only"]
    )

  def test_a_split_to_learn_from_needs_masks(self):
    self.write({"val": ["a", "b"], "train": ["c"]})
    self.convert("train")
    self.convert("val", with_masks=False)
    self.assertStartsWith(self.problem(), "val: is without masks, and so can")
    self.convert("val")
    self.convert("train", with_masks=False)
    self.assertStartsWith(self.problem(), "train: is without masks, and so can")

  def test_nothing_but_void(self):
    self.write({"train": ["a", "b"]})
    for name in "ab":
      path = self.devkit / "SegmentationClass" / f"{name}.png"
      label = np.full_like(np.asarray(Image.open(path)), 255)
      path.write_bytes(masks.encode_mask(label))
    self.convert("train", subset=True)
    self.assertEqual(self.problem(subset=True), "train: 100.00% of it is void")

  def test_a_class_that_is_void(self):
    self.write({"train": ["a", "b"], "val": ["c"]})
    for name in "abc":
      path = self.devkit / "SegmentationClass" / f"{name}.png"
      label = np.array(Image.open(path))
      label[label == 2] = 255
      path.write_bytes(masks.encode_mask(label))
    pairs = {s: layouts.devkit_pairs(self.devkit, s) for s in ("train", "val")}
    self.assertIn(
      "no pixel is dog", inspection.inspect_pairs(pairs, PETS).problems[0]
    )
    self.convert("train", "val", subset=True)
    self.assertRegex(
      self.problem(), "^train: no pixel is dog, .* void .*--label_map=255:2"
    )
    report = self.inspect(subset=True)
    self.assertTrue(report.ready)
    self.assertEqual(
      report.warnings, ["train: never shows dog", "val: never shows dog"]
    )

  def test_no_records(self):
    with self.assertRaisesRegex(FileNotFoundError, "holds no records"):
      inspection.inspect_records(self.devkit.parent, info=PETS)


class WarningsTest(InspectionTestCase):
  def test_images_that_viewers_turn(self):
    self.write({"train": ["a", "b"]}, image_suffix=".jpg")
    path = self.devkit / "JPEGImages" / "b.jpg"
    exif = Image.Exif()
    exif[0x0112] = 3
    with Image.open(path) as image:
      image.save(path, exif=exif)
    self.convert("train")
    report = self.inspect()
    (warning,) = report.warnings
    self.assertIn("train: viewers turn 1 images, such as 'b'", warning)
    self.assertEqual(report.as_dict()["splits"]["train"]["turned"], ["b"])

  def test_absent_and_dominant_classes(self):
    self.write({"train": ["a", "b"]})
    for name in "ab":
      path = self.devkit / "SegmentationClass" / f"{name}.png"
      label = np.zeros_like(np.asarray(Image.open(path)))
      path.write_bytes(masks.encode_mask(label))
    self.convert("train")
    report = self.inspect()
    self.assertTrue(report.ready)
    self.assertEqual(
      report.warnings,
      [
        "train: never shows cat, dog",
        "train: 100.00% of it is background",
      ],
    )


if __name__ == "__main__":
  absltest.main()
