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

"""Tests of the builders for TFDS."""

import importlib
import pathlib
import sys

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow_datasets as tfds

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import tfds_source
from deeplab_ssl.preparation import cityscapes
from tests import commands
from tests import input_testing

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "datasets" / "tfds"
VOC = dataset_info.get_dataset_info("voc2012")
IDS = {
  "train": ["aachen_000000_000019", "ulm_000000_000019"],
  "val": ["lindau_000000_000019"],
}


def builder_class(name):
  """The builder, imported as build.py does."""
  sys.path.insert(0, str(FOLDER))
  try:
    return importlib.import_module(f"{name}.{name}_dataset_builder").Builder
  finally:
    sys.path.remove(str(FOLDER))


def write_voc(root):
  """Writes the downloads: train t1, t2, val v1 and s1 of SBD.

  Returns:
    {id: label}.
  """
  content = input_testing.write_devkit(
    root / "VOCdevkit" / "VOC2012",
    {"train": ["t1", "t2"], "val": ["v1"], "trainval": ["t1", "t2", "v1"]},
    VOC,
    image_suffix=".jpg",
  )
  image, label = content["t1"]
  content["s1"] = image, (label % 21).astype(np.uint8)
  sbd = root / "benchmark_RELEASE"
  input_testing.write_sbd(sbd, {"s1": content["s1"]})
  (sbd / "dataset" / "train.txt").write_text("s1\nt1\n")
  (sbd / "dataset" / "val.txt").write_text("v1\n")
  return {name: label for name, (_, label) in content.items()}


def write_cityscapes(root):
  """Writes Cityscapes' folders; returns {id: label of trainIds}."""
  labels = input_testing.write_cityscapes(root, IDS)
  table = cityscapes.label_map()
  return {name: table[label] for name, label in labels.items()}


def write_ade20k(root):
  """Writes ADE20K's folders; returns {id: label}."""
  return input_testing.write_ade20k(
    root, {"training": ["ADE_train_1", "ADE_train_2"], "validation": ["ADE_v"]}
  )


class BuilderTest(parameterized.TestCase):
  """What TFDS's own `DatasetBuilderTestCase`, which needs dill, looks at."""

  @parameterized.parameters(
    (
      "voc2012_sbd",
      write_voc,
      {"train": 2, "trainaug": 3, "val": 1, "trainval": 3},
    ),
    ("cityscapes_fine", write_cityscapes, {"train": 2, "val": 1}),
    ("ade20k_scenes", write_ade20k, {"train": 2, "val": 1}),
  )
  def test_builder(self, name, write, splits):
    root = input_testing.temp_dir(self)
    labels = write(root / "manual")
    builder = builder_class(name)(data_dir=root / "tfds", config="subset")
    self.assertEqual(builder.name, name)
    self.assertIn(name, tfds.list_builders(with_community_datasets=False))
    metadata = builder.get_metadata()
    self.assertEqual(metadata.tags, ["ml.task.semantic-segmentation"])
    self.assertIn("void", builder.info.description)
    self.assertIn("author", builder.info.citation)
    config = tfds.download.DownloadConfig(manual_dir=root / "manual")
    with self.assertRaisesRegex(ValueError, "images; found"):
      builder_class(name)(
        data_dir=root / "tfds", config="complete"
      ).download_and_prepare(download_config=config)
    builder.download_and_prepare(download_config=config)
    counts = {s: i.num_examples for s, i in builder.info.splits.items()}
    self.assertEqual(counts, splits)
    for split, count in splits.items():
      read = list(builder.as_dataset(split=split))
      self.assertLen(read, count)
      for example in read:
        label = example["segmentation_label"].numpy()
        self.assertEqual(example["image"].shape[:2], label.shape[:2])
        expected = labels[example["filename"].numpy().decode()]
        np.testing.assert_array_equal(label[..., 0], expected)

  def test_void_of_ade20k_is_known_to_the_source(self):
    root = input_testing.temp_dir(self)
    labels = write_ade20k(root / "manual")
    builder = builder_class("ade20k_scenes")(
      data_dir=root / "tfds", config="subset"
    )
    builder.download_and_prepare(
      download_config=tfds.download.DownloadConfig(manual_dir=root / "manual")
    )
    source = tfds_source.TfdsSource(
      "ade20k_scenes/subset", "val", data_dir=str(root / "tfds")
    )
    info = source.info()
    self.assertIsNone(
      dataset_info.differing_classes(
        info, dataset_info.get_dataset_info("ade20k")
      )
    )
    (batch,) = pipeline.eval_dataset(
      source, num_classes=info.num_classes, ignore_label=info.ignore_label
    )
    np.testing.assert_array_equal(batch["label"][0, ..., 0], labels["ADE_v"])


class ScriptTest(absltest.TestCase):
  """build.py, and reading what it writes without the builders' code."""

  def setUp(self):
    super().setUp()
    self.root = input_testing.temp_dir(self)
    self.manual, self.data_dir = self.root / "manual", self.root / "tfds"

  def build(self, name, *args, **options):
    args = (
      FOLDER / "build.py",
      f"--name={name}",
      f"--manual_dir={self.manual}",
      f"--data_dir={self.data_dir}",
      *args,
    )
    return commands.run(*args, folder=self.root, **options)

  def read(self, name, split):
    """Returns (source, {id: label})."""
    source = tfds_source.TfdsSource(name, split, data_dir=str(self.data_dir))
    classes = source.info().num_classes
    return source, {
      batch["filename"].numpy()[0].decode(): batch["label"].numpy()[0, ..., 0]
      for batch in pipeline.eval_dataset(source, num_classes=classes)
    }

  def test_voc(self):
    labels = write_voc(self.manual)
    result = self.build("voc2012_sbd", "--subset", anew=True)
    self.assertEqual(result.returncode, 0, result.stderr[-3000:])
    self.assertIn("trainaug: 3 images", result.stdout)
    source, found = self.read("voc2012_sbd/subset", "trainaug")
    self.assertEqual(source.info().class_names, VOC.class_names)
    self.assertEqual(found.keys(), {"s1", "t1", "t2"})
    for name, label in found.items():
      np.testing.assert_array_equal(label, labels[name])

  def test_cityscapes(self):
    write_cityscapes(self.manual)
    path = next(self.manual.glob("gtFine/val/*/*_gtFine_labelIds.png"))
    Image.fromarray(np.full((16, 32), 34, np.uint8)).save(path)
    result = self.build("cityscapes_fine", "--subset")
    self.assertEqual(result.returncode, 1)
    self.assertIn(f"{path}: holds the values 34", result.stderr)
    builder_class("cityscapes_fine")  # TFDS knows it, whichever test ran first.
    with self.assertRaisesRegex(FileNotFoundError, "not prepared"):
      self.read("cityscapes_fine/subset", "val")

  def test_no_downloads(self):
    result = self.build("cityscapes_fine")
    self.assertEqual(result.returncode, 1)
    self.assertIn(f"--manual_dir={self.manual} is no folder", result.stderr)


if __name__ == "__main__":
  absltest.main()
