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

"""Tests of what the converters share, through that of two folders."""

import pathlib

import numpy as np
from PIL import Image

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.input import records
from tests import converter_testing
from tests import input_testing


class ConverterFlagsTest(converter_testing.ConverterTestCase):
  KIND = "folder"

  def setUp(self):
    super().setUp()
    input_testing.write_devkit(self.dir, {"all": ["a", "b", "c"]})
    self.info = self.dir / "pets.yaml"
    dataset_info.save_dataset_info(input_testing.PETS, self.info)

  def convert(self, *args, **kwargs):
    return super().convert(
      f"--image_dir={self.dir / 'JPEGImages'}",
      f"--dataset={self.info}",
      *args,
      **kwargs,
    )

  def masks(self):
    return f"--mask_dir={self.dir / 'SegmentationClass'}"

  def test_the_labels_of_a_split_are_counted(self):
    result = self.convert(self.masks(), "--num_shards=3", "--num_workers=1")
    self.assertIn("\ntrain: 3 images\nlabel  class", result.stdout)
    self.assertNotIn("Viewers", result.stdout)
    self.assertLen(records.find_shards(self.output, "train"), 3)

  def test_images_that_viewers_turn_are_told(self):
    exif = Image.Exif()
    exif[0x0112] = 8
    path = self.dir / "JPEGImages" / "b.png"
    with Image.open(path) as image:
      image.save(path, exif=exif)
    result = self.convert(self.masks(), "--num_shards=1")
    self.assertIn("Viewers turn 1 of the images", result.stdout)

  def test_without_masks_nothing_is_counted(self):
    result = self.convert("--nomasks", "--num_shards=1", "--split=test")
    self.assertIn("test: 3 images\n", result.stdout)
    self.assertNotIn("label", result.stdout)

  def test_another_number_of_images_is_taken_where_that_is_wanted(self):
    text = pathlib.Path(self.info).read_text()
    self.assertIn("splits: {}\n", text)
    pathlib.Path(self.info).write_text(
      text.replace("splits: {}\n", "splits: {train: 4}\n")
    )
    args = (self.masks(), "--num_shards=1")
    result = self.convert(*args, ok=False)
    self.assertIn("'pets' has 4 images; found 3.", result.stderr)
    self.assertIn("--subset", result.stderr)
    self.assertFalse(self.output.exists())
    self.assertIn("train: 3 images", self.convert(*args, "--subset").stdout)

  def test_a_part_of_the_data_may_lack_classes(self):
    for path in (self.dir / "SegmentationClass").iterdir():
      path.write_bytes(masks.encode_mask(np.full((25, 25), 255)))
      name = f"{path.stem}.png"
      Image.new("RGB", (25, 25)).save(self.dir / "JPEGImages" / name)
    args = (self.masks(), "--num_shards=1")
    result = self.convert(*args, ok=False)
    self.assertIn("no pixel is background, cat, dog", result.stderr)
    self.assertEqual(list(self.output.iterdir()), [])
    self.assertIn("train: 3 images", self.convert(*args, "--subset").stdout)

  def test_numbers_that_are_too_small(self):
    for flag in ("--num_shards=0", "--num_workers=0"):
      result = self.convert(self.masks(), flag, ok=False)
      self.assertIn(f"{flag}: 0 is not a positive integer", result.stderr)
    self.assertFalse(self.output.exists())
