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

"""Tests of the facts about data sets."""

import contextlib
import csv
import dataclasses
import os

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from deeplab_ssl.input import dataset_info
from tests import external_data
from tests import input_testing


class RegistryTest(parameterized.TestCase):
  @parameterized.parameters(
    ("voc2012", 21), ("cityscapes", 19), ("camvid", 11), ("digits", 11)
  )
  def test_rows(self, name, num_classes):
    info = dataset_info.get_dataset_info(name)
    self.assertEqual(info.name, name)
    self.assertEqual(info.num_classes, num_classes)
    self.assertLen(info.colormap, num_classes)
    self.assertLen(set(info.colormap), num_classes)
    self.assertEqual(info.ignore_label, 255)

  def test_ade20k_has_a_channel_for_void(self):
    info = dataset_info.get_dataset_info("ade20k")
    self.assertEqual((info.num_classes, info.ignore_label), (151, 0))
    self.assertEqual(info.scored_labels, tuple(range(1, 151)))
    self.assertEqual(info.class_names[:3], ("void", "wall", "building"))
    self.assertEqual(info.class_names[150], "flag")
    self.assertEqual(info.colormap[:2], ((0, 0, 0), (120, 120, 120)))
    self.assertEqual(info.colormap[150], (92, 0, 255))
    # Road and skyscraper are of one grey in the official colours.
    self.assertLen(set(info.colormap), 150)
    self.assertEqual(info.colormap[7], info.colormap[49])
    self.assertEqual(dict(info.splits), {"train": 20210, "val": 2000})

  def test_voc_colours(self):
    info = dataset_info.get_dataset_info("voc2012")
    colors = dict(zip(info.class_names, info.colormap, strict=True))
    self.assertEqual(colors["background"], (0, 0, 0))
    self.assertEqual(colors["person"], (192, 128, 128))
    self.assertEqual(colors["tvmonitor"], (0, 64, 128))
    self.assertEqual(tuple(info.palette[-3:]), (224, 224, 192))

  def test_voc_splits(self):
    info = dataset_info.get_dataset_info("voc2012")
    for split, size in info.splits.items():
      path = external_data.require(f"data/lists/voc12_{split}.txt")
      self.assertLen(path.read_text().split(), size)

  @parameterized.parameters(
    ("voc2012", "data/voc_sample"), ("camvid", "data/camvid_small")
  )
  def test_colours_are_those_of_the_masks(self, name, folder):
    folder = external_data.require(folder) / "SegmentationClass"
    with Image.open(next(folder.glob("*.png"))) as mask:
      palette = np.array(mask.getpalette()).reshape(-1, 3)
    info = dataset_info.get_dataset_info(name)
    np.testing.assert_array_equal(info.colormap, palette[: info.num_classes])

  def test_camvid_names(self):
    path = external_data.require("data/camvid_small/labels.txt")
    info = dataset_info.get_dataset_info("camvid")
    self.assertEqual(info.class_names, tuple(path.read_text().split()))

  def test_cityscapes_is_the_official_table(self):
    path = external_data.require("data/cityscapes_labels.csv")
    with path.open() as file:
      rows = [
        row for row in csv.DictReader(file) if 0 <= int(row["trainId"]) < 255
      ]
    rows.sort(key=lambda row: int(row["trainId"]))
    info = dataset_info.get_dataset_info("cityscapes")
    self.assertEqual(info.class_names, tuple(row["name"] for row in rows))
    colors = tuple(tuple(int(row[c]) for c in "rgb") for row in rows)
    self.assertEqual(info.colormap, colors)
    self.assertEqual(info.eval_ids, tuple(int(row["labelId"]) for row in rows))

  def test_unknown_name(self):
    with self.assertRaisesRegex(ValueError, "mean 'voc2012'.*digits"):
      dataset_info.get_dataset_info("voc2021")


class FileTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    self.dir = input_testing.temp_dir(self)

  def load(self, text):
    path = self.dir / "mine.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return dataset_info.get_dataset_info(path)

  def test_the_least_file(self):
    info = self.load("name: pets\nclass_names: [background, cat, dog]\n")
    self.assertEqual(info, input_testing.PETS)
    self.assertEqual(info.colormap[1], (128, 0, 0))
    self.assertEmpty(info.splits)
    self.assertEmpty(info.eval_ids)

  @parameterized.parameters(
    "voc2012", "cityscapes", "camvid", "ade20k", "digits"
  )
  def test_round_trip(self, name):
    info = dataset_info.get_dataset_info(name)
    dataset_info.save_dataset_info(info, self.dir)
    self.assertEqual(dataset_info.get_dataset_info(self.dir), info)
    self.assertEqual([p.name for p in self.dir.iterdir()], ["dataset.yaml"])

  @parameterized.parameters(
    ("", "must hold the fields"),
    ("name: [", "not valid YAML"),
    (b"\x89PNG\r\n", "not valid YAML"),
    ("name: a", "lacks class_names"),
    ("name: a\nclasses: [b]", "unknown key 'classes'.*'class_names'"),
    ("name: a\nclass_names: []", "non-empty list"),
    ("name: a\nclass_names: [b]", r"two or more.*\[background, b\]"),
    ("name: a\nclass_names: [yes, b]", "quote names"),
    # Code of a stranger's, as YAML's full loader would run it.
    ("name: !!python/object/apply:os.getcwd []\nclass_names: [b, c]", "valid"),
    ("name: a\nclass_names: [b, c]\nlabel_map: [255, 1]", "such as {255: 1}"),
    ("name: a\nclass_names: [b, c]\nlabel_map: {256: 1}", "values in 0..255"),
    ("name: a\nclass_names: [b, c]\nlabel_map: {7: 2}", "0..1, b, c.* 7: 2"),
    ("name: a\nclass_names: [b, b]", "duplicates"),
    ("name: a\nclass_names: [b, c]\nname: d", r"name twice \(lines 1 and 3\)"),
    ("name: a\nclass_names: [b, c]\nlabel_map: {7: 1, 7: 0}", "map.7 twice"),
    ('name: a\nclass_names: [b, "c\\nd"]', "names of one line"),
    ('name: "a\\0"\nclass_names: [b, c]', "names of one line"),
    ("[" * 2_000, "nested too deep"),
    ("name: a\nclass_names: [b, c]\ncolormap: [[0, 0, 256]]", "0..255"),
    ("name: a\nclass_names: [b, c]\ncolormap: [1]", "0..255"),
    (
      "name: a\nclass_names: [b, c]\ncolormap: [[0, 0, 0]]",
      "as long as class_names, 2",
    ),
    ("name: a\nclass_names: [b, c]\nignore_label: 1", "outside the 2 classes"),
    ("name: a\nclass_names: [b, c]\nignore_label: 1", "called 'void'"),
    ("name: a\nclass_names: [b, void]\nignore_label: 0", "0..255|outside"),
    ("name: a\nclass_names: [b, c]\nignore_label: 256", "2..255"),
    ("name: a\nclass_names: [b, c]\nsplits: {train: -1}", "numbers of records"),
    ("name: a\nclass_names: [b, c]\neval_ids: [256]", "integers in 0..255"),
    ("name: a\nclass_names: [b, c]\neval_ids: 7", "integers in 0..255"),
    ("name: a\nclass_names: [b, c]\neval_ids: [7]", "empty or 2 different"),
    ("name: a\nclass_names: [b, c]\neval_ids: [7, 7]", "2 different ids"),
  )
  def test_refused(self, text, message):
    with self.assertRaisesRegex(ValueError, message) as caught:
      self.load(text)
    self.assertIn("mine.yaml", str(caught.exception))

  def test_void_may_be_a_class_of_that_name(self):
    info = self.load("name: a\nclass_names: [b, void, c]\nignore_label: 1\n")
    self.assertEqual(info.num_classes, 3)
    self.assertEqual(info.scored_labels, (0, 2))
    self.assertEqual(input_testing.PETS.scored_labels, (0, 1, 2))

  def test_a_label_map_is_kept_as_numbers(self):
    info = self.load(
      "name: pets\nclass_names: [background, cat, dog]\n"
      "label_map: {254: void, 128: dog, 7: 0, 8: 255}\n"
    )
    self.assertEqual(info.label_map, {7: 0, 8: 255, 128: 2, 254: 255})
    dataset_info.save_dataset_info(info, self.dir)
    self.assertEqual(dataset_info.get_dataset_info(self.dir), info)

  def test_missing_files(self):
    for path in (self.dir / "no.yaml", "no.yaml", "some/folder"):
      with self.assertRaisesRegex(FileNotFoundError, "does not exist"):
        dataset_info.get_dataset_info(path)
    with self.assertRaisesRegex(FileNotFoundError, "holds no dataset.yaml"):
      dataset_info.get_dataset_info(self.dir)

  def test_a_folder_may_be_called_like_a_known_data_set(self):
    folder = self.dir / "digits"
    folder.mkdir()
    dataset_info.save_dataset_info(input_testing.PETS, folder)
    with contextlib.chdir(self.dir):
      found = dataset_info.dataset_of_folder("digits")
      self.assertEqual(dataset_info.get_dataset_info("digits").num_classes, 11)
    self.assertEqual(found, input_testing.PETS)
    with self.assertRaisesRegex(FileNotFoundError, "voc2012 does not exist"):
      dataset_info.dataset_of_folder("voc2012")

  def test_the_size_of_a_split_is_found_beside_its_records(self):
    info = dataclasses.replace(input_testing.PETS, splits={"train": 3})
    dataset_info.save_dataset_info(info, self.dir)
    self.assertEqual(dataset_info.declared_size(self.dir, "train"), 3)
    self.assertIsNone(dataset_info.declared_size(self.dir, "val"))
    self.assertIsNone(
      dataset_info.declared_size(os.path.join(self.dir, "none"), "train")
    )

  def test_labels_mean_the_same_by_names_and_void(self):
    pets = input_testing.PETS
    other = dataclasses.replace(pets, name="other", splits={"train": 3})
    self.assertIsNone(dataset_info.differing_classes(pets, other))
    for field, value in (
      ("class_names", pets.class_names[::-1]),
      ("ignore_label", 77),
    ):
      other = dataclasses.replace(pets, **{field: value})
      self.assertEqual(
        dataset_info.differing_classes(pets, other),
        (field, getattr(pets, field), value),
      )

  def test_frozen(self):
    with self.assertRaises(dataclasses.FrozenInstanceError):
      input_testing.PETS.name = "other"


if __name__ == "__main__":
  absltest.main()
