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

"""Tests of how images and masks are found."""

import os
import unicodedata

from absl.testing import absltest
from absl.testing import parameterized

from deeplab_ssl.input import dataset_info
from deeplab_ssl.preparation import layouts
from deeplab_ssl.preparation import samples
from tests import input_testing


class DevkitTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    self.devkit = input_testing.temp_dir(self) / "devkit"

  def write(self, splits):
    return input_testing.write_devkit(self.devkit, splits)

  def list(self, split):
    return self.devkit / "ImageSets" / "Segmentation" / f"{split}.txt"

  def test_blank_lines_and_spaces(self):
    self.write({"train": ["a", "b"]})
    self.list("train").write_bytes("\ufeffa  \r\n\r\n  b\r\n\r\n".encode())
    pairs = layouts.devkit_pairs(self.devkit, "train")
    self.assertEqual([pair.name for pair in pairs], ["a", "b"])

  @parameterized.parameters(
    ("../../secret", "would leave its folder"),
    ("/JPEGImages/a.jpg /SegmentationClass/a.png", "names two files"),
    ("b\\c", "would leave its folder"),
    ("a\tb", "control character"),
  )
  def test_lines_that_are_no_ids(self, line, why):
    self.write({"train": ["a", "b"]})
    self.list("train").write_text(f"a\n{line}\nb\n")
    with self.assertRaisesRegex(samples.ConversionError, "no ids") as caught:
      layouts.devkit_pairs(self.devkit, "train")
    (problem,) = caught.exception.problems
    self.assertStartsWith(problem, f"{line!r}: ")
    self.assertIn(why, problem)

  def test_a_list_of_who_shows_an_object_is_told(self):
    self.write({"train": ["a", "b", "c"]})
    self.list("train").write_text("a -1\nb  1\nc  0\n")
    with self.assertRaisesRegex(samples.ConversionError, "ImageSets/Main"):
      layouts.devkit_pairs(self.devkit, "train")

  @parameterized.parameters("my cat", "a  b", "é", "image 1", "image 0")
  def test_ids_of_any_letters(self, name):
    self.write({"train": [name]})
    (pair,) = layouts.devkit_pairs(self.devkit, "train")
    self.assertEqual(pair.name, name)
    self.assertTrue(pair.image_path.is_file())

  @parameterized.parameters(("NFC", "NFD"), ("NFD", "NFC"))
  def test_accents_in_either_form(self, listed, stored):
    name = "caf\u00e9"
    self.write({"train": [unicodedata.normalize(stored, name)]})
    self.list("train").write_text(
      unicodedata.normalize(listed, name), encoding="utf-8"
    )
    (pair,) = layouts.devkit_pairs(self.devkit, "train")
    self.assertEqual(pair.name, name)
    self.assertTrue(pair.mask_path.is_file())

  def test_several_files_of_one_id(self):
    self.write({"train": ["a", "b"]})
    (self.devkit / "JPEGImages" / "b.JPG").touch()
    (self.devkit / "SegmentationClass" / "a.PNG").touch()
    with self.assertRaisesRegex(samples.ConversionError, "unclear") as caught:
      layouts.devkit_pairs(self.devkit, "train")
    image, mask = caught.exception.problems
    self.assertIn("b.*: several files of one id, b.JPG, b.png", image)
    self.assertIn("a.*: several files of one id, a.PNG, a.png", mask)

  def test_a_list_that_is_no_text_is_named(self):
    self.write({"train": ["a"]})
    self.list("train").write_bytes(b"\x89PNG\r\n")
    with self.assertRaisesRegex(samples.ConversionError, "is no text file"):
      layouts.devkit_pairs(self.devkit, "train")

  def test_all_missing_files_are_listed(self):
    self.write({"train": ["a", "b", "c"]})
    (self.devkit / "SegmentationClass" / "a.png").unlink()
    (self.devkit / "JPEGImages" / "c.png").unlink()
    with self.assertRaises(samples.ConversionError) as caught:
      layouts.devkit_pairs(self.devkit, "train")
    self.assertLen(caught.exception.problems, 2)
    self.assertIn("a.png", str(caught.exception))
    self.assertIn("c.jpg", str(caught.exception))

  def test_missing_list_names_the_others(self):
    self.write({"train": ["a"], "val": ["b"]})
    with self.assertRaisesRegex(FileNotFoundError, "Lists there: train, val"):
      layouts.devkit_pairs(self.devkit, "trainaug")

  def test_folder_above_the_devkit(self):
    self.write({"train": ["a"]})
    with self.assertRaisesRegex(FileNotFoundError, "Did you mean .*devkit"):
      layouts.devkit_pairs(self.devkit.parent, "train")


class FolderTest(absltest.TestCase):
  def setUp(self):
    super().setUp()
    devkit = input_testing.temp_dir(self)
    input_testing.write_devkit(devkit, {"train": ["c", "a", "b"]})
    self.images = devkit / "JPEGImages"
    self.masks = devkit / "SegmentationClass"

  def test_pairs_are_sorted(self):
    pairs = layouts.folder_pairs(self.images, self.masks)
    self.assertEqual([pair.name for pair in pairs], ["a", "b", "c"])
    self.assertEqual(pairs[0].image_path, self.images / "a.png")
    self.assertEqual(pairs[0].mask_path, self.masks / "a.png")

  def test_list_and_no_masks(self):
    pairs = layouts.folder_pairs(self.images, None, ["b", "a"])
    self.assertEqual([pair.name for pair in pairs], ["b", "a"])
    self.assertIsNone(pairs[0].mask_path)

  def test_what_does_not_belong_together(self):
    (self.images / "a.png").unlink()
    (self.masks / "b.png").unlink()
    (self.images / "c.jpg").write_bytes(b"")
    with self.assertRaises(samples.ConversionError) as caught:
      layouts.folder_pairs(self.images, self.masks)
    no_image, several, no_mask = caught.exception.problems
    self.assertRegex(several, r"c\.\*: several files")
    self.assertRegex(no_image, r"a\.png: has no image")
    self.assertRegex(no_mask, r"b\.png: does not exist")
    with self.assertRaisesRegex(samples.ConversionError, "a.jpg .or"):
      layouts.folder_pairs(self.images, self.masks, ["a", "c"])

  def test_masks_in_capitals(self):
    (self.masks / "b.png").rename(self.masks / "b.PNG")
    pairs = layouts.folder_pairs(self.images, self.masks)
    self.assertEqual(pairs[1].mask_path, self.masks / "b.PNG")

  def test_a_name_in_another_encoding_is_refused(self):
    for folder in (self.images, self.masks):
      (folder / "b.png").rename(folder / os.fsdecode(b"\xe9.png"))
    with self.assertRaisesRegex(samples.ConversionError, "convmv") as caught:
      layouts.folder_pairs(self.images, self.masks)
    self.assertIn(r"\udce9.png: is not written in UTF-8", str(caught.exception))
    str(caught.exception).encode("utf-8")

  def test_missing_folder(self):
    with self.assertRaisesRegex(FileNotFoundError, "nowhere does not exist"):
      layouts.folder_pairs(self.images, self.masks / "nowhere")


class RandomSplitTest(parameterized.TestCase):
  def test_depends_on_ids_and_seed_alone(self):
    names = [f"img{i}" for i in range(50)]
    train, val = layouts.random_split(names, 0.2, 1)
    self.assertLen(val, 10)
    self.assertEqual(sorted(train + val), sorted(names))
    self.assertEqual(layouts.random_split(names[::-1], 0.2, 1), (train, val))
    self.assertNotEqual(layouts.random_split(names, 0.2, 2), (train, val))

  def test_stays_as_it_was(self):
    _, val = layouts.random_split([f"img{i}" for i in range(10)], 0.3, 7)
    self.assertEqual(val, ["img5", "img8", "img9"])

  @parameterized.parameters((0.01, 1), (0.99, 2))
  def test_no_part_is_empty(self, fraction, size):
    _, val = layouts.random_split("abc", fraction, 0)
    self.assertLen(val, size)

  @parameterized.parameters(
    ("abc", 0.0, "Received: 0.0"),
    ("abc", 1.0, "Received: 1.0"),
    ("aa", 0.5, "two images. Received: 1"),
  )
  def test_refuses(self, names, fraction, message):
    with self.assertRaisesRegex(ValueError, message):
      layouts.random_split(names, fraction, 0)


class HalvesTest(absltest.TestCase):
  def test_are_the_first_and_the_second_part_of_the_list(self):
    self.assertEqual(
      layouts.halves(list("abcde")),
      {"val_a": ["a", "b"], "val_b": ["c", "d", "e"]},
    )

  def test_one_image_has_none(self):
    with self.assertRaisesRegex(ValueError, "validation images. Received: 1"):
      layouts.halves(["a"])


class CountTest(parameterized.TestCase):
  @parameterized.parameters(
    ("voc2012", "trainaug", 10582),
    ("voc2012", "train", 1464),
    ("voc2012", "val", 1449),
    ("voc2012", "test", 1456),
    ("cityscapes", "train", 2975),
    ("cityscapes", "val", 500),
    ("cityscapes", "test", 1525),
  )
  def test_official_counts(self, name, split, count):
    info = dataset_info.get_dataset_info(name)
    layouts.check_count(info, split, count)
    with self.assertRaisesRegex(
      ValueError, f"has {count} images; found {count - 1}.*--subset"
    ):
      layouts.check_count(info, split, count - 1)

  def test_unknown_sizes_pass(self):
    layouts.check_count(input_testing.PETS, "train", 3)


if __name__ == "__main__":
  absltest.main()
