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

"""Tests of TFDS as a source of the pipelines."""

import pathlib
import tempfile
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from deeplab_ssl.input import pipeline
from deeplab_ssl.input import tfds_source
from tests import input_testing
from tests.input import tfds_testing

NUM_TRAIN = 8


class ScenesTest(parameterized.TestCase):
  """A prepared data set whose code is not there."""

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.data_dir = str(cls.enterClassContext(tempfile.TemporaryDirectory()))
    tfds_testing.prepare_scenes(cls.data_dir, NUM_TRAIN)

  def source(self, split="train", **kwargs):
    options = {"label_key": "segmentation_mask", "label_map": [255, 0, 1, 2]}
    options |= {"data_dir": self.data_dir} | kwargs
    return tfds_source.TfdsSource("scenes", split, **options)

  def seen(self, count, batch_size=NUM_TRAIN, **kwargs):
    """The images of the first batches, told apart by their grey value."""
    dataset = pipeline.train_dataset(
      self.source(),
      crop_size=(60, 60),
      batch_size=batch_size,
      num_classes=3,
      pad_value=0,
      **kwargs,
    )
    return [
      [int(image.max() / 10) for image in batch["image"]]
      for batch in dataset.take(count).as_numpy_iterator()
    ]

  def test_evaluation_in_file_order(self):
    data = pipeline.eval_dataset(self.source("test"), num_classes=3)
    self.assertEqual(
      data.element_spec,
      {
        "image": tf.TensorSpec([None, None, None, 3], tf.float32),
        "label": tf.TensorSpec([None, None, None, 1], tf.int32),
        "filename": tf.TensorSpec([None], tf.string),
      },
    )
    batches = list(data)
    names = [batch["filename"].numpy()[0].decode() for batch in batches]
    self.assertCountEqual(names, ["scene8", "scene9", "scene10"])
    for name, batch in zip(names, batches, strict=True):
      image, label = tfds_testing.scene(int(name.removeprefix("scene")))
      np.testing.assert_array_equal(batch["image"][0], image)
      np.testing.assert_array_equal(batch["label"][0], label - 1)
    again = pipeline.eval_dataset(self.source("test"), num_classes=3)
    self.assertEqual(
      [batch["filename"].numpy()[0].decode() for batch in again], names
    )

  def test_part_of_a_split(self):
    data = pipeline.eval_dataset(self.source("train[:3]"), num_classes=3)
    self.assertLen(list(data), 3)

  @parameterized.parameters(None, 3)
  def test_every_epoch_holds_every_image_in_new_order(self, seed):
    epochs = self.seen(3, seed=seed)
    for epoch in epochs:
      self.assertEqual(sorted(epoch), list(range(NUM_TRAIN)))
    self.assertNotEqual(epochs[0], epochs[1])

  def test_a_seed_repeats_the_order(self):
    self.assertEqual(self.seen(2, seed=1), self.seen(2, seed=1))
    self.assertNotEqual(self.seen(2, seed=1), self.seen(2, seed=2))

  def test_input_pipelines_share_each_batch(self):
    parts = []
    for index in range(3):
      context = tf.distribute.InputContext(3, index, 3)
      parts.append(self.seen(4, batch_size=2, seed=1, input_context=context))
    shared = [sum(blocks, []) for blocks in zip(*parts, strict=True)]
    self.assertEqual(shared, self.seen(4, batch_size=6, seed=1))

  def test_the_size_is_that_of_the_split(self):
    self.assertEqual(self.source().size, NUM_TRAIN)
    self.assertEqual(self.source("train[:3]").size, 3)
    self.assertEqual(
      self.source().fingerprint, self.source("train[:8]").fingerprint
    )
    self.assertNotEqual(
      self.source().fingerprint, self.source("train[1:]").fingerprint
    )

  def test_a_lost_record_is_told(self):
    data_dir = str(input_testing.temp_dir(self))
    tfds_testing.prepare_scenes(data_dir, NUM_TRAIN)
    (path, *_) = sorted(pathlib.Path(data_dir).rglob("*train.tfrecord*"))
    path.write_bytes(b"")
    source = self.source(data_dir=data_dir)
    with self.assertRaisesRegex(ValueError, "train.tfrecord.* holds 0 records"):
      source.size  # noqa: B018

  def test_other_files_than_records_are_refused(self):
    with mock.patch.object(
      tfds.core.DatasetInfo, "file_format", tfds.core.FileFormat.PARQUET
    ):
      with self.assertRaisesRegex(
        ValueError, "parquet.*file_format='tfrecord'"
      ):
        self.source().size  # noqa: B018

  def test_labels_beyond_the_map_are_named(self):
    data = pipeline.eval_dataset(
      self.source(label_map=[255, 0, 1]), num_classes=3
    )
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError,
      r"(?s)beyond tfds_label_map.*scene.*\[3\]",
    ):
      list(data)

  def test_labels_that_are_no_class_are_named(self):
    data = pipeline.eval_dataset(self.source(label_map=()), num_classes=3)
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError,
      r"(?s)outside the 3 classes.*scene.*\[3\]",
    ):
      list(data)

  @parameterized.parameters([[[0, 256]]], [[[-1]]], [[[0.5]]], [[[0] * 257]])
  def test_refuses_the_map(self, label_map):
    with self.assertRaisesRegex(ValueError, "at most 256 integers in 0..255"):
      self.source(label_map=label_map)

  def test_refuses_features(self):
    with self.assertRaisesRegex(
      ValueError, "no feature 'mask'. It has file_name, image, segm.*species"
    ):
      self.source(label_key="mask")
    with self.assertRaisesRegex(ValueError, "'species' .* integer"):
      self.source(label_key="species")
    with self.assertRaisesRegex(ValueError, "8-bit image with 3 channels"):
      self.source(image_key="segmentation_mask")

  def test_unknown_split(self):
    with self.assertRaisesRegex(ValueError, "Unknown split 'val'"):
      self.source("val").size  # noqa: B018

  def test_unknown_name(self):
    with self.assertRaisesRegex(
      ValueError, f"no data set 'scenery', and {self.data_dir} holds none"
    ):
      tfds_source.TfdsSource("scenery", "train", data_dir=self.data_dir)

  def test_not_prepared(self):
    source = tfds_source.TfdsSource(
      "oxford_iiit_pet",
      "train",
      data_dir=self.data_dir,
      label_key="segmentation_mask",
    )
    with self.assertRaisesRegex(
      FileNotFoundError,
      rf"(?s)not prepared.*'oxford_iiit_pet', data_dir='{self.data_dir}'\)"
      r".download_and_prepare\(\)",
    ):
      source.size  # noqa: B018

  def test_classes_without_names(self):
    with self.assertRaisesRegex(ValueError, "does not name.*task.dataset"):
      self.source().info()


def _tensor(*shape, dtype=np.int64):
  return tfds.features.Tensor(shape=shape, dtype=dtype, encoding="zlib")


class FeaturesTest(parameterized.TestCase):
  """Labels as data sets keep them."""

  def read(self, feature, label, **kwargs):
    """Returns (source, its only element) of a data set with one image."""
    data_dir = str(input_testing.temp_dir(self))
    image, _ = tfds_testing.scene(1, (4, 6))
    features = {"image": tfds_testing.IMAGE, "segmentation_label": feature}
    tfds_testing.prepare(
      data_dir,
      features,
      {"train": [{"image": image, "segmentation_label": label}]},
      num_shards=1,
    )
    source = tfds_source.TfdsSource(
      "tiny", "train", data_dir=data_dir, **kwargs
    )
    self.assertEqual(source.size, 1)
    (element,) = tf.data.Dataset.range(1).map(
      lambda index: source.decode(source.read(index))
    )
    return source, element

  @parameterized.parameters(
    (_tensor(None, None), (4, 6)),
    (_tensor(4, 6, 1, dtype=np.uint8), (4, 6, 1)),
    (tfds.features.LabeledImage(labels=3), (4, 6, 1)),
  )
  def test_kinds(self, feature, shape):
    label = np.arange(24).reshape(shape).astype(feature.np_dtype)
    source, element = self.read(feature, label)
    self.assertEqual(element["label"].dtype, tf.int32)
    np.testing.assert_array_equal(element["label"], label.reshape(4, 6, 1))
    self.assertEqual(
      element["filename"], b"tiny-train.tfrecord-00000-of-00001__0"
    )
    with self.assertRaisesRegex(ValueError, "does not name the classes"):
      source.info()

  @parameterized.parameters(
    (_tensor(None, None), np.int64, ()),
    (tfds_testing.MASK, np.uint8, ()),
    (tfds_testing.MASK, np.uint8, (2, 1, 255)),
  )
  def test_a_part_of_the_image_with_all_of_its_label(
    self, feature, dtype, label_map
  ):
    label = (np.arange(24) % 3).reshape(4, 6, 1).astype(dtype)
    if feature is not tfds_testing.MASK:
      label = label[..., 0]
    source, whole = self.read(feature, label, label_map=label_map)
    stored = source.read(tf.constant(0, tf.int64))
    np.testing.assert_array_equal(source.image_size(stored), (4, 6))
    part = source.decode_box(stored, tf.constant([1, 2, 2, 3]))
    np.testing.assert_array_equal(part["image"], whole["image"][1:3, 2:5])
    np.testing.assert_array_equal(part["label"], whole["label"])
    self.assertEqual(part["filename"], whole["filename"])

  def test_grey_png_of_a_feature_with_three_channels(self):
    # As scene_parse150 has it.
    label = np.arange(24, dtype=np.uint8).reshape(4, 6)
    _, element = self.read(tfds_testing.IMAGE, tfds_testing.png(label))
    np.testing.assert_array_equal(element["label"][..., 0], label)

  def test_palette_png_is_refused(self):
    label = np.arange(24, dtype=np.uint8).reshape(4, 6)
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError, "8-bit grey PNG.*tiny-train"
    ):
      self.read(tfds_testing.MASK, tfds_testing.png(label, "P"))

  @parameterized.parameters(
    (tfds_testing.MASK, np.uint8),
    (_tensor(None, None, 1), np.int64),
  )
  def test_another_size_is_refused(self, feature, dtype):
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError, r"differ in size.*\[6 4\] \[4 6\]"
    ):
      self.read(feature, np.zeros((6, 4, 1), dtype))

  @parameterized.parameters(
    ((), "sky road car"),
    ((0, 1, 1, 255), "sky road"),
    ((255, 0, 1, 2), "road car"),
    ((255, 1, 0), "car road"),
  )
  def test_names(self, label_map, names):
    labels = ["sky", "road", "car"]
    source, _ = self.read(
      tfds.features.LabeledImage(labels=labels),
      np.zeros((4, 6, 1), np.uint8),
      label_map=label_map,
    )
    info = source.info()
    self.assertEqual(info.name, "tiny")
    self.assertEqual(info.class_names, tuple(names.split()))
    self.assertEqual(info.ignore_label, 255)

  def test_one_class_alone_is_refused(self):
    source, _ = self.read(
      tfds.features.LabeledImage(labels=["sky", "road", "car"]),
      np.zeros((4, 6, 1), np.uint8),
      label_map=[255, 255, 0],
    )
    with self.assertRaisesRegex(ValueError, r"two or more.*'car'"):
      source.info()

  def test_names_of_classes_that_are_left_out(self):
    source, _ = self.read(
      tfds.features.LabeledImage(labels=["sky", "road", "car"]),
      np.zeros((4, 6, 1), np.uint8),
      label_map=[0, 2, 2],
    )
    with self.assertRaisesRegex(ValueError, r"classes 0, 1, .*\[0, 2, 2\]"):
      source.info()


class CatalogueTest(absltest.TestCase):
  def test_oxford_iiit_pet(self):
    image, label = tfds_testing.scene(4)
    source = tfds_source.TfdsSource(
      "oxford_iiit_pet",
      "test",
      label_key="segmentation_mask",
      label_map=[255, 0, 1, 2],
    )
    serialized = tfds.builder(source.name).info.features.serialize_example(
      {
        "image": image,
        "segmentation_mask": label,
        "file_name": "Abyssinian_1.jpg",
        "label": 0,
        "species": 1,
        "head_bbox": tfds.features.BBox(0.0, 0.0, 1.0, 1.0),
      }
    )
    example = source.decode({"serialized": serialized, "id": "unused"})
    self.assertEqual(example["filename"], b"Abyssinian_1.jpg")
    self.assertEqual(example["image"].shape, [20, 24, 3])
    np.testing.assert_array_equal(example["label"], label.astype(int) - 1)


if __name__ == "__main__":
  absltest.main()
