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

"""Tests of Cityscapes' folders and label ids."""

import csv

from absl.testing import absltest
import numpy as np
from PIL import Image

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import records
from deeplab_ssl.preparation import cityscapes
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import samples
from tests import external_data
from tests import input_testing

INFO = dataset_info.get_dataset_info("cityscapes")
TRAIN = ["aachen_000000_000019", "aachen_000001_000019", "ulm_000002_000019"]


class LabelMapTest(absltest.TestCase):
  def test_is_the_official_table(self):
    path = external_data.require("data/cityscapes_labels.csv")
    table = cityscapes.label_map()
    with path.open() as file:
      rows = {
        int(row["labelId"]): int(row["trainId"]) for row in csv.DictReader(file)
      }
    del rows[-1]  # The license plate.
    self.assertEqual(table[: len(rows)].tolist(), [rows[i] for i in range(34)])
    self.assertEqual(set(table[34:]), {masks.ILLEGAL})

  def test_label_ids_give_the_train_ids(self):
    table = cityscapes.label_map()
    self.assertEqual(table[list(cityscapes.LABEL_IDS)].tolist(), [*range(19)])


class SplitTest(absltest.TestCase):
  def setUp(self):
    super().setUp()
    root = input_testing.temp_dir(self)
    self.root, self.output = root / "cityscapes", root / "records"
    self.labels = input_testing.write_cityscapes(
      self.root, {"train": TRAIN, "test": ["berlin_000000_000019"]}
    )

  def mask(self, name, ending="labelIds"):
    city = name.split("_")[0]
    return self.root / "gtFine" / "train" / city / f"{name}_gtFine_{ending}.png"

  def convert(self):
    pairs = cityscapes.split_pairs(self.root, "train")
    return conversion.convert_split(
      pairs,
      self.output,
      "train",
      INFO,
      num_shards=2,
      label_map=cityscapes.label_map(),
    )

  def test_records_hold_train_ids(self):
    histogram = self.convert()
    self.assertEqual(histogram.images.tolist(), [3] * 19)
    shards = records.find_shards(self.output, "train")
    table = cityscapes.label_map()
    names = []
    for batch in pipeline.eval_dataset(shards, num_classes=19):
      names.append(batch["filename"].numpy()[0].decode())
      np.testing.assert_array_equal(
        batch["label"][0, ..., 0], table[self.labels[names[-1]]]
      )
    self.assertEqual(names, TRAIN)

  def test_without_masks(self):
    (pair,) = cityscapes.split_pairs(self.root, "test", with_masks=False)
    self.assertEqual(pair.name, "berlin_000000_000019")
    self.assertIsNone(pair.mask_path)

  def test_train_ids_in_the_place_of_label_ids(self):
    table = cityscapes.label_map().astype(np.uint8)
    Image.fromarray(table[self.labels[TRAIN[0]]]).save(self.mask(TRAIN[0]))
    with self.assertRaisesRegex(
      samples.ConversionError, "labelIds.png: holds the values 255; .* 0..33"
    ):
      self.convert()

  def test_color_in_the_place_of_label_ids(self):
    self.mask(TRAIN[1]).write_bytes(self.mask(TRAIN[1], "color").read_bytes())
    with self.assertRaisesRegex(samples.ConversionError, "colour picture"):
      self.convert()

  def test_missing_masks_name_what_lies_beside(self):
    self.mask(TRAIN[0]).unlink()
    self.mask(TRAIN[1]).rename(self.mask(TRAIN[1], "labelTrainIds"))
    self.mask(TRAIN[2]).unlink()
    self.mask(TRAIN[2], "color").unlink()
    with self.assertRaises(samples.ConversionError) as caught:
      cityscapes.split_pairs(self.root, "train")
    color, train_ids, nothing = caught.exception.problems
    self.assertRegex(color, r"beside it lies \*_gtFine_color.png, but labelIds")
    self.assertRegex(train_ids, r"lies \*_gtFine_labelTrainIds.png, but")
    self.assertNotIn("beside", nothing)

  def test_missing_split(self):
    with self.assertRaisesRegex(FileNotFoundError, "there: test, train.*zip"):
      cityscapes.split_pairs(self.root, "val")


if __name__ == "__main__":
  absltest.main()
