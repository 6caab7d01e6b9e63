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

"""Tests of the converter of VOC as users run it."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import records
from deeplab_ssl.preparation import digit_scenes
from tests import converter_testing
from tests import external_data
from tests import input_testing


class ConvertTest(converter_testing.ConverterTestCase):
  KIND = "voc2012"

  def setUp(self):
    super().setUp()
    self.devkit = self.dir / "devkit"

  def test_trainaug_and_test_of_voc(self):
    info = dataset_info.get_dataset_info("voc2012")
    content = input_testing.write_devkit(
      self.devkit,
      {"train": ["t1"], "val": ["v1"], "test": ["x1"]},
      info,
      image_suffix=".jpg",
    )
    (self.devkit / "SegmentationClass" / "x1.png").unlink()
    sbd = self.dir / "sbd"
    input_testing.write_sbd(sbd, {"s1": content["v1"]})
    args = (
      f"--devkit_dir={self.devkit}",
      f"--sbd_dir={sbd}",
      "--splits=trainaug,test",
      "--num_shards=1",
    )
    for split in ("train", "val"):
      (sbd / "dataset" / f"{split}.txt").write_text("s1\nv1\n")
    result = self.convert(*args, ok=False)
    self.assertIn("'voc2012' has 10582 images; found 2.", result.stderr)
    self.assertIn("--subset", result.stderr)
    self.assertFalse(self.output.exists())

    result = self.convert(*args, "--subset")
    found = dataset_info.get_dataset_info(self.output)
    self.assertEqual(dict(found.splits), {"trainaug": 2, "test": 1})
    (shard,) = records.find_shards(self.output, "trainaug")
    dataset = pipeline.eval_dataset([shard], num_classes=21)
    labels = {
      batch["filename"].numpy()[0].decode(): batch["label"][0, ..., 0]
      for batch in dataset
    }
    np.testing.assert_array_equal(labels["t1"], content["t1"][1])
    np.testing.assert_array_equal(labels["s1"], content["v1"][1])
    (shard,) = records.find_shards(self.output, "test")
    (record,) = tf.data.TFRecordDataset(shard).as_numpy_iterator()
    features = tf.train.Example.FromString(record).features.feature
    self.assertNotIn(records.LABEL_ENCODED, features)

  def test_masks_of_sbd_without_its_split_are_refused(self):
    for flag, args, where in (
      ("--sbd_dir", [], "without the split trainaug"),
      ("--aug_mask_dir", ["--splits=trainaug", "--nomasks"], "with --nomasks"),
      (
        "--sbd_dir",
        ["--splits=trainaug", "--dataset=camvid"],
        "for other data sets than voc2012",
      ),
    ):
      result = self.convert(
        f"--devkit_dir={self.devkit}", f"{flag}=sbd", *args, ok=False
      )
      self.assertIn(f"{flag} does nothing {where}", result.stderr)

  def test_problems_without_traceback(self):
    digit_scenes.write_devkit(self.devkit, 2, 1, size=65)
    mask = self.devkit / "SegmentationClass" / "train_00001.png"
    Image.fromarray(np.full((65, 65), 40, np.uint8)).save(mask)
    result = self.convert(
      f"--devkit_dir={self.devkit}",
      "--dataset=digits",
      "--num_shards=1",
      ok=False,
    )
    self.assertIn("train_00001.png: holds the values 40;", result.stderr)
    self.assertEmpty(list(self.output.glob("*")))

  @parameterized.parameters("flag", "file")
  def test_a_label_map_holds_for_all_splits(self, place):
    content = input_testing.write_devkit(
      self.devkit, {"train": ["a"], "val": ["b"]}
    )
    for name, (_, label) in content.items():
      # Background and cat as many tools paint them, dog as it is.
      values = np.array([0, 255, 2])[np.where(label == 255, 0, label)]
      path = self.devkit / "SegmentationClass" / f"{name}.png"
      Image.fromarray(values.astype(np.uint8)).save(path)
    pets = self.dir / "pets.yaml"
    text = "name: pets\nclass_names: [background, cat, dog]\n"
    args = [f"--devkit_dir={self.devkit}", f"--dataset={pets}"]
    if place == "flag":
      args.append("--label_map=255:cat")
    else:
      text += "label_map: {255: cat}\n"
    pets.write_text(text)
    self.convert(*args, "--num_shards=1")
    for split, name in (("train", "a"), ("val", "b")):
      shards = records.find_shards(self.output, split)
      (batch,) = pipeline.eval_dataset(shards, num_classes=3)
      label = content[name][1]
      np.testing.assert_array_equal(
        batch["label"][0, ..., 0], np.where(label == 255, 0, label)
      )

  def test_a_label_map_without_masks_is_refused(self):
    result = self.convert(
      f"--devkit_dir={self.devkit}", "--label_map=7:1", "--nomasks", ok=False
    )
    self.assertIn("--label_map does nothing with --nomasks", result.stderr)

  def test_left_over_arguments_are_refused(self):
    result = self.convert(
      f"--devkit_dir={self.devkit}", "--num_shards=1", "=", "2", ok=False
    )
    self.assertIn("Unexpected arguments", result.stdout + result.stderr)

  @parameterized.parameters(
    ("camvid_small", "camvid", {"train": 120, "val": 40}),
    ("voc_sample", "voc2012", {"train": 16, "trainval": 25, "val": 9}),
  )
  def test_real_images(self, folder, dataset, splits):
    devkit = external_data.require(f"data/{folder}")
    self.convert(
      f"--devkit_dir={devkit}",
      f"--dataset={dataset}",
      f"--splits={','.join(splits)}",
      "--subset",
    )
    info = dataset_info.get_dataset_info(self.output)
    self.assertEqual(dict(info.splits), splits)
    palette_dir = devkit / "SegmentationClass"
    shards = records.find_shards(self.output, "val")
    for batch in pipeline.eval_dataset(shards, num_classes=info.num_classes):
      name = batch["filename"].numpy()[0].decode()
      mask = np.asarray(Image.open(palette_dir / f"{name}.png"))
      np.testing.assert_array_equal(batch["label"][0, ..., 0], mask)


if __name__ == "__main__":
  absltest.main()
