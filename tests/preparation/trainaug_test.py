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

"""Tests of the training set of VOC with the masks of SBD."""

import shutil

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.preparation import samples
from deeplab_ssl.preparation import trainaug
from tests import input_testing

VOC = dataset_info.get_dataset_info("voc2012")


class TrainaugTest(parameterized.TestCase):
  """A devkit with train t1, t2 and val v1; SBD has t1, v1, s1 and s2."""

  def setUp(self):
    super().setUp()
    root = input_testing.temp_dir(self)
    self.devkit, self.sbd, self.png = root / "VOC2012", root / "sbd", root / "P"
    self.content = input_testing.write_devkit(
      self.devkit,
      {"train": ["t1", "t2"], "val": ["v1"]},
      VOC,
      image_suffix=".jpg",
    )
    rng = np.random.default_rng(3)
    self.of_sbd = {}
    for name in ("t1", "v1", "s1", "s2"):
      size = self.content.get(name, self.content["t1"])[1].shape
      image = rng.integers(0, 256, (*size, 3), np.uint8)
      self.of_sbd[name] = image, rng.integers(0, 21, size, np.uint8)
    input_testing.write_sbd(self.sbd, self.of_sbd)
    (self.sbd / "dataset" / "train.txt").write_text("s2\nv1\n")
    (self.sbd / "dataset" / "val.txt").write_text("t1\ns1\n")
    self.png.mkdir()
    for name in ("s1", "s2"):
      label = masks.encode_mask(self.of_sbd[name][1])
      (self.png / f"{name}.png").write_bytes(label)

  def write_list(self, *names):
    path = self.devkit / "ImageSets" / "Segmentation" / "trainaug.txt"
    path.write_text("\n".join(names))

  def add_images(self, *names):
    """The images that a full devkit has."""
    for name in names:
      shutil.copy(
        self.sbd / "dataset" / "img" / f"{name}.jpg",
        self.devkit / "JPEGImages",
      )

  def labels(self, pairs):
    read = [samples.read_pair(pair, VOC) for pair in pairs]
    self.assertEqual([problems for _, problems in read], [[]] * len(read))
    return {sample.name: sample.label for sample, _ in read}

  def assert_masks(self, pairs):
    labels = self.labels(pairs)
    for name in ("t1", "t2"):  # Not SBD's mask of t1.
      np.testing.assert_array_equal(labels[name], self.content[name][1])
    for name in ("s1", "s2"):
      np.testing.assert_array_equal(labels[name], self.of_sbd[name][1])

  def test_mat_files_and_lists_of_sbd(self):
    pairs = trainaug.trainaug_pairs(self.devkit, sbd_dir=self.sbd)
    self.assertEqual([p.name for p in pairs], ["s1", "s2", "t1", "t2"])
    self.assert_masks(pairs)

  def test_mat_files_in_the_order_of_the_list(self):
    self.write_list("t2", "s2", "s1", "t1")
    pairs = trainaug.trainaug_pairs(self.devkit, sbd_dir=self.sbd / "dataset")
    self.assertEqual([p.name for p in pairs], ["t2", "s2", "s1", "t1"])
    self.assert_masks(pairs)

  def test_images_of_the_devkit_come_first(self):
    self.add_images("s1")
    pairs = trainaug.trainaug_pairs(self.devkit, sbd_dir=self.sbd)
    self.assertEqual(
      [pair.image_path.parent.name for pair in pairs],
      ["JPEGImages", "img", "JPEGImages", "JPEGImages"],
    )

  def test_pngs(self):
    self.write_list("t1", "t2", "s1", "s2")
    self.add_images("s1", "s2")
    pairs = trainaug.trainaug_pairs(self.devkit, aug_mask_dir=self.png)
    self.assert_masks(pairs)

  def test_pngs_need_the_list(self):
    with self.assertRaisesRegex(FileNotFoundError, "trainaug.txt does not"):
      trainaug.trainaug_pairs(self.devkit, aug_mask_dir=self.png)

  def test_image_of_val_in_the_list(self):
    self.write_list("t1", "v1", "s1")
    for source in ({"sbd_dir": self.sbd}, {"aug_mask_dir": self.png}):
      with self.assertRaises(samples.ConversionError) as caught:
        trainaug.trainaug_pairs(self.devkit, **source)
      self.assertEqual(caught.exception.problems, ("v1",))

  def test_missing_files(self):
    self.write_list("t1", "s1", "s3")
    with self.assertRaises(samples.ConversionError) as caught:
      trainaug.trainaug_pairs(self.devkit, sbd_dir=self.sbd)
    image, mask = caught.exception.problems
    self.assertEndsWith(image, "JPEGImages/s3.jpg")
    self.assertEndsWith(mask, "cls/s3.mat")

  def test_one_source_of_masks(self):
    for source in ({}, {"sbd_dir": self.sbd, "aug_mask_dir": self.png}):
      with self.assertRaisesRegex(ValueError, "--aug_mask_dir.*--sbd_dir"):
        trainaug.trainaug_pairs(self.devkit, **source)

  def test_another_folder(self):
    with self.assertRaisesRegex(FileNotFoundError, "not SBD's download"):
      trainaug.trainaug_pairs(self.devkit, sbd_dir=self.devkit)

  def test_mask_of_another_size(self):
    self.of_sbd["s1"] = self.of_sbd["s1"][0], np.zeros((5, 6), np.uint8)
    input_testing.write_sbd(self.sbd, self.of_sbd)
    pair = trainaug.trainaug_pairs(self.devkit, sbd_dir=self.sbd)[0]
    _, (problem,) = samples.read_pair(pair, VOC)
    self.assertRegex(problem, r"s1.mat: the mask is 6x5, its image")


if __name__ == "__main__":
  absltest.main()
