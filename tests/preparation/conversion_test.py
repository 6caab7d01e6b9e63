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

"""Tests of the converter: what it writes and, above all, what it refuses."""

import dataclasses
import os
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import records
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import layouts
from deeplab_ssl.preparation import samples
from tests import input_testing

PETS = input_testing.PETS


class ConversionTestCase(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    root = input_testing.temp_dir(self)
    self.devkit = root / "devkit"
    self.output = root / "records"

  def write(self, splits, **kwargs):
    return input_testing.write_devkit(self.devkit, splits, **kwargs)

  def mask(self, name):
    return self.devkit / "SegmentationClass" / f"{name}.png"

  def convert(self, split="train", **kwargs):
    kwargs.setdefault("num_shards", 2)
    pairs = layouts.devkit_pairs(self.devkit, split)
    return conversion.convert_split(pairs, self.output, split, PETS, **kwargs)

  def assert_nothing_left(self):
    left = list(self.output.iterdir()) if self.output.exists() else []
    self.assertEmpty(left)


class RoundTripTest(ConversionTestCase):
  def test_devkit_to_dataset(self):
    names = [f"img{i}" for i in range(7)]
    content = self.write({"train": names[:5], "val": names[5:]})
    histogram = self.convert(num_shards=3)
    self.convert("val")

    shards = records.find_shards(self.output, "train")
    self.assertLen(shards, 3)
    dataset = pipeline.eval_dataset(shards, num_classes=3)
    self.assertEqual(
      [b["filename"].numpy()[0].decode() for b in dataset], names[:5]
    )
    for record in tf.data.TFRecordDataset(shards).as_numpy_iterator():
      example = tf.train.Example.FromString(record)
      # The order of the fields, too, is the same in each conversion.
      self.assertEqual(record, example.SerializeToString(deterministic=True))
    for batch in dataset:
      image, label = content[batch["filename"].numpy()[0].decode()]
      np.testing.assert_array_equal(batch["image"][0], image)
      np.testing.assert_array_equal(batch["label"][0, ..., 0], label)

    labels = np.concatenate([content[n][1].ravel() for n in names[:5]])
    for label in range(3):
      self.assertEqual(histogram.pixels[label], (labels == label).sum())
    self.assertEqual(histogram.void, (labels == 255).sum())
    self.assertEqual(histogram.images.tolist(), [5, 5, 5])
    self.assertIn(f"{histogram.void / len(labels):.1%}", str(histogram))

    info = dataset_info.get_dataset_info(self.output)
    self.assertEqual(info.class_names, PETS.class_names)
    self.assertEqual(dict(info.splits), {"train": 5, "val": 2})

  def test_jpegs_are_stored_as_they_are(self):
    self.write({"train": ["a", "b"]}, image_suffix=".jpg")
    self.convert()
    (path,) = records.find_shards(self.output, "train")[:1]
    (raw,) = tf.data.TFRecordDataset(path).as_numpy_iterator()
    features = tf.train.Example.FromString(raw).features.feature
    self.assertEqual(
      features[records.IMAGE_ENCODED].bytes_list.value[0],
      (self.devkit / "JPEGImages" / "a.jpg").read_bytes(),
    )
    self.assertEqual(features[records.IMAGE_FORMAT].bytes_list.value, [b"jpeg"])

  def test_label_map(self):
    self.write({"train": ["a", "b"]})
    raw = np.full((8, 9), 7, np.uint8)
    raw[0], raw[1] = 0, 26
    label_map = np.full(256, 255)
    label_map[[7, 26]] = [0, 2]
    for name in "ab":
      Image.fromarray(raw).save(self.mask(name))
      image = np.zeros((8, 9, 3), np.uint8)
      Image.fromarray(image).save(self.devkit / "JPEGImages" / f"{name}.png")
    with self.assertRaisesRegex(samples.ConversionError, "no pixel is cat"):
      self.convert(label_map=label_map)
    histogram = self.convert(label_map=label_map, subset=True)
    self.assertEqual(histogram.pixels.tolist(), [2 * 6 * 9, 0, 2 * 9])
    self.assertEqual(histogram.void, 2 * 9)
    with self.assertRaisesRegex(ValueError, "256 integers"):
      self.convert(label_map=np.zeros(10))
    label_map[26] = masks.ILLEGAL
    with self.assertRaisesRegex(ValueError, "values 26; .* 0..25, 27..255"):
      self.convert(label_map=label_map)

  def test_masks_of_0_and_255(self):
    pair = dataset_info.DatasetInfo("pair", ("background", "object"))
    content = self.write({"train": ["a", "b"], "val": ["c"]}, info=pair)
    for name, (_, label) in content.items():
      self.mask(name).write_bytes(masks.encode_mask(255 * (label == 1)))

    def convert(split, info, **kwargs):
      pairs = layouts.devkit_pairs(self.devkit, split)
      return conversion.convert_split(
        pairs, self.output, split, info, num_shards=1, **kwargs
      )

    with self.assertRaisesRegex(
      samples.ConversionError, "no pixel is object, .* void .*=255:1"
    ):
      convert("train", pair)
    self.assert_nothing_left()
    mapped = dataclasses.replace(pair, label_map={255: 1})
    counted = convert("train", mapped)
    objects = sum((content[n][1] == 1).sum() for n in "ab")
    self.assertEqual(counted.pixels[1], objects)
    self.assertEqual(counted.void, 0)
    # The other split must be read in the same way.
    with self.assertRaisesRegex(ValueError, "label map"):
      convert("val", pair)
    convert("val", mapped)

  def test_without_masks(self):
    self.write({"test": ["a", "b"]})
    self.mask("a").unlink()
    pairs = layouts.devkit_pairs(self.devkit, "test", with_masks=False)
    conversion.convert_split(pairs, self.output, "test", PETS, num_shards=1)
    (path,) = records.find_shards(self.output, "test")
    for raw in tf.data.TFRecordDataset(path):
      self.assertNotIn("label", records.parse_record(raw, with_label=False))

  def test_more_workers_change_nothing(self):
    self.write({"train": [f"img{i}" for i in range(30)]})
    content = []
    for workers in (1, 5):
      self.convert(num_workers=workers)
      shards = records.find_shards(self.output, "train")
      content.append([open(path, "rb").read() for path in shards])
    self.assertEqual(*content)


class RefusalTest(ConversionTestCase):
  def test_every_problem_is_listed_and_nothing_written(self):
    content = self.write({"train": list("abcdefgh")})
    rgb = np.zeros((*content["b"][1].shape, 3), np.uint8)
    rgb[0] = 128, 0, 0
    Image.fromarray(rgb).save(self.mask("b"))
    wrong = content["c"][1].copy()
    wrong[0, :2] = 40, 128
    Image.fromarray(wrong).save(self.mask("c"))
    self.mask("d").write_bytes(b"nothing")
    Image.fromarray(content["e"][1][:-1]).save(self.mask("e"))
    image = self.devkit / "JPEGImages" / "f.png"
    image.write_bytes(image.read_bytes()[:200])
    Image.fromarray(content["g"][1].astype(np.uint16)).save(self.mask("g"))

    with self.assertRaises(samples.ConversionError) as caught:
      self.convert()
    problems = caught.exception.problems
    self.assertLen(problems, 6)
    for problem, (file, message) in zip(
      problems,
      [
        ("b.png", r"colour picture.*\(0, 0, 0\)=background"),
        ("c.png", "values 40, 128; 'pets' has the classes 0..2 and void 255"),
        ("d.png", "not a PNG"),
        ("e.png", r"the mask is \d+x\d+, its image"),
        ("f.png", "cut short"),
        ("g.png", "16-bit"),
      ],
      strict=True,
    ):
      self.assertRegex(problem, f"{file}: .*{message}")
      self.assertIn(problem, str(caught.exception))
    self.assert_nothing_left()

  def test_image_and_mask_of_one_pair_are_both_reported(self):
    self.write({"train": ["a", "b"]})
    self.mask("a").write_bytes(b"")
    (self.devkit / "JPEGImages" / "a.png").write_bytes(b"")
    with self.assertRaises(samples.ConversionError) as caught:
      self.convert()
    self.assertLen(caught.exception.problems, 2)

  @parameterized.parameters("F", "CMYK", "I;16")
  def test_unusual_images(self, mode):
    self.write({"train": ["a", "b"]})
    path = self.devkit / "JPEGImages" / "a.png"
    with Image.open(path) as image:
      size = image.size
    path.unlink()
    kind = {"F": "TIFF", "CMYK": "JPEG", "I;16": "PNG"}[mode]
    Image.new(mode, size).save(path, format=kind)
    with self.assertRaisesRegex(
      samples.ConversionError, "is a TIFF|4 channels|16-bit PNG"
    ):
      self.convert()
    self.assert_nothing_left()

  def test_duplicate_ids(self):
    self.write({"train": ["a", "b", "a", "c", "b"]})
    with self.assertRaises(samples.ConversionError) as caught:
      self.convert()
    self.assertEqual(caught.exception.problems, ("a", "b"))

  @parameterized.parameters(
    "../a", "/etc/passwd", "a/../../b", "a\\b", "c:a", ""
  )
  def test_names_that_leave_the_folder(self, name):
    self.write({"train": ["a", "b"]})
    pairs = layouts.devkit_pairs(self.devkit, "train")
    escaping = [pairs[0], pairs[1]._replace(name=name)]
    with self.assertRaises(samples.ConversionError) as caught:
      conversion.convert_split(
        escaping, self.output, "train", PETS, num_shards=1
      )
    (problem,) = caught.exception.problems
    self.assertEqual(problem, f"{name!r}: would leave its folder")
    with self.assertRaisesRegex(ValueError, "name without folders"):
      conversion.convert_split(pairs, self.output, name, PETS, num_shards=1)
    self.assert_nothing_left()

  @parameterized.parameters(0, 3)
  def test_number_of_shards(self, num_shards):
    self.write({"train": ["a", "b"]})
    with self.assertRaisesRegex(ValueError, f"1..2.*Received: {num_shards}"):
      self.convert(num_shards=num_shards)

  @parameterized.parameters(("ab", 2), ("abcde", 4))
  def test_number_of_shards_by_default(self, names, expected):
    self.write({"train": names})
    self.convert(num_shards=None)
    self.assertLen(records.find_shards(self.output, "train"), expected)

  def test_empty_split(self):
    self.write({"train": []})
    with self.assertRaisesRegex(ValueError, "lists no images"):
      self.convert()

  def test_shards_of_another_number(self):
    self.write({"train": ["a", "b"]})
    self.convert(num_shards=1)
    with self.assertRaisesRegex(ValueError, "train-00000-of-00001.*Remove"):
      self.convert(num_shards=2)
    self.convert(num_shards=1)

  def test_another_data_set_in_the_folder(self):
    self.write({"train": ["a", "b"]})
    self.output.mkdir()
    other = dataset_info.DatasetInfo("pets", ("background", "cow", "dog"))
    dataset_info.save_dataset_info(other, self.output)
    with self.assertRaisesRegex(ValueError, "other classes"):
      self.convert()


class InterruptionTest(ConversionTestCase):
  def test_interrupted_write_leaves_nothing(self):
    self.write({"train": [f"img{i}" for i in range(12)]})
    convert_pair = conversion._convert_pair

    def interrupted(pair, **kwargs):
      if pair.name == "img9":
        raise KeyboardInterrupt
      return convert_pair(pair, **kwargs)

    with mock.patch.object(conversion, "_convert_pair", interrupted):
      with self.assertRaises(KeyboardInterrupt):
        self.convert()
    self.assert_nothing_left()

  def test_interrupted_write_keeps_the_old_shards(self):
    self.write({"train": ["a", "b"]})
    self.convert()
    before = {p.name: p.read_bytes() for p in self.output.iterdir()}
    with mock.patch.object(
      conversion, "_check_written", side_effect=OSError("full")
    ):
      with self.assertRaisesRegex(OSError, "full"):
        self.convert()
    after = {p.name: p.read_bytes() for p in self.output.iterdir()}
    self.assertEqual(before, after)

  @parameterized.parameters(1, 2, 3)
  def test_killed_while_renaming_leaves_no_mixed_set(self, number):
    names = [f"img{i}" for i in range(6)]
    self.write({"train": names})
    self.convert(num_shards=3)
    self.write({"train": names}, seed=1)
    replace, calls = os.replace, []

    def killed(source, path):
      calls.append(path)
      if len(calls) == number:
        raise KeyboardInterrupt
      replace(source, path)

    with mock.patch.object(os, "replace", killed):
      with self.assertRaises(KeyboardInterrupt):
        self.convert(num_shards=3)
    with self.assertRaisesRegex(FileNotFoundError, "missing: 0"):
      records.find_shards(self.output, "train")
    self.convert(num_shards=3)
    self.assertLen(records.find_shards(self.output, "train"), 3)

  def test_reading_back_finds_damage(self):
    self.write({"train": ["a", "b"]})
    original = tf.io.TFRecordWriter.write

    def damaged(writer, record):
      original(writer, record[:-1] + b"\x00")

    with mock.patch.object(tf.io.TFRecordWriter, "write", damaged):
      with self.assertRaisesRegex(OSError, "not the 2 written"):
        self.convert()
    self.assert_nothing_left()


if __name__ == "__main__":
  absltest.main()
