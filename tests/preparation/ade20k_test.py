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

"""Tests of ADE20K's folders and labels, and of the original's records of it."""

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf

from deeplab_ssl.evaluation import evaluator
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import records
from deeplab_ssl.preparation import ade20k
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import inspection
from deeplab_ssl.preparation import samples
from tests import input_testing

INFO = dataset_info.get_dataset_info("ade20k")
TRAIN = [f"ADE_train_0000000{number}" for number in (1, 2, 3)]
VAL = ["ADE_val_00000001"]


@pytest.fixture(name="root")
def fixture_root(tmp_path):
  return tmp_path / "ADEChallengeData2016"


@pytest.fixture(name="labels")
def fixture_labels(root):
  return input_testing.write_ade20k(
    root, {"training": TRAIN, "validation": VAL}
  )


def _convert(root, output, split="train"):
  return conversion.convert_split(
    ade20k.split_pairs(root, split),
    output,
    split,
    INFO,
    num_shards=1,
    label_map=ade20k.label_map(),
  )


def test_the_labels_stay_as_they_are():
  table = ade20k.label_map()
  assert table[:151].tolist() == [*range(151)]
  assert set(table[151:]) == {masks.ILLEGAL}


def test_records_hold_the_labels_and_void_is_counted_once(
  root, labels, tmp_path
):
  histogram = _convert(root, tmp_path / "records")
  zeros = sum(int((labels[name] == 0).sum()) for name in TRAIN)
  assert histogram.void == zeros
  assert histogram.pixels[0] == histogram.images[0] == 0
  assert histogram.images[1:].tolist() == [3] * 150
  assert histogram.pixels.sum() + zeros == 3 * 16 * 32
  shards = records.find_shards(tmp_path / "records", "train")
  names = []
  for batch in pipeline.eval_dataset(shards, num_classes=151, ignore_label=0):
    names.append(batch["filename"].numpy()[0].decode())
    np.testing.assert_array_equal(batch["label"][0, ..., 0], labels[names[-1]])
  assert names == TRAIN


def test_converted_records_are_ready_for_training(root, labels, tmp_path):
  del labels
  for split in ade20k.FOLDERS:
    _convert(root, tmp_path / "records", split)
  report = inspection.inspect_records(tmp_path / "records")
  assert report.ready and not report.warnings, str(report)
  assert report.as_dict()["splits"]["val"]["classes"][0]["name"] == "wall"


def test_a_class_that_no_image_shows_cannot_be_learnt(root, labels, tmp_path):
  for name in TRAIN:
    label = np.where(labels[name] == 150, 149, labels[name])
    path = root / "annotations" / "training" / f"{name}.png"
    Image.fromarray(label.astype(np.uint8)).save(path)
  with pytest.raises(samples.ConversionError, match="no pixel is flag, and"):
    _convert(root, tmp_path / "records")


def _damaged_image(path, kind):
  pixels = Image.open(path)
  if kind == "grey":
    pixels.convert("L").save(path)
  elif kind == "CMYK":
    pixels.convert("CMYK").save(path)
  else:
    path.write_bytes(path.read_bytes()[:-200])


def test_a_grey_image_is_taken(root, labels, tmp_path):
  del labels
  _damaged_image(root / "images" / "training" / f"{TRAIN[0]}.jpg", "grey")
  assert _convert(root, tmp_path / "records").num_images == 3


@pytest.mark.parametrize(
  "kind, why", [("CMYK", "CMYK"), ("cut short", "cut|end|truncated|missing")]
)
def test_images_that_are_refused(root, labels, tmp_path, kind, why):
  del labels
  path = root / "images" / "training" / f"{TRAIN[1]}.jpg"
  _damaged_image(path, kind)
  with pytest.raises(samples.ConversionError, match=f"{path}.*({why})"):
    _convert(root, tmp_path / "records")


def test_an_annotation_of_another_size_is_refused(root, labels, tmp_path):
  path = root / "annotations" / "training" / f"{TRAIN[0]}.png"
  Image.fromarray(labels[TRAIN[0]][:-1]).save(path)
  with pytest.raises(samples.ConversionError, match=f"{path}.* is 32x15, its"):
    _convert(root, tmp_path / "records")


def test_missing_partners_are_named(root, labels):
  del labels
  (root / "annotations" / "training" / f"{TRAIN[0]}.png").unlink()
  (root / "images" / "training" / f"{TRAIN[2]}.jpg").unlink()
  with pytest.raises(samples.ConversionError) as caught:
    ade20k.split_pairs(root, "train")
  image, mask = sorted(caught.value.problems)
  assert f"{TRAIN[0]}.png: does not exist" in image
  assert f"{TRAIN[2]}.png: has no image in" in mask


def test_without_annotations_only_the_images_are_needed(root, labels):
  del labels
  for path in root.glob("annotations/validation/*"):
    path.unlink()
  (root / "annotations" / "validation").rmdir()
  (pair,) = ade20k.split_pairs(root, "val", with_masks=False)
  assert (pair.name, pair.mask_path) == (VAL[0], None)
  with pytest.raises(FileNotFoundError, match="annotations/validation does"):
    ade20k.split_pairs(root, "val")


def test_a_wrong_folder_or_split_is_told(root, labels, tmp_path):
  del labels
  with pytest.raises(
    FileNotFoundError, match=f"Did you mean {root}.*ADEChallengeData2016.zip"
  ):
    ade20k.split_pairs(tmp_path, "train")
  with pytest.raises(ValueError, match="are train and val. Received: 'test'"):
    ade20k.split_pairs(root, "test")


def test_an_empty_folder_is_refused(root, labels, tmp_path):
  del labels
  for kind in ("images", "annotations"):
    for path in (root / kind / "validation").iterdir():
      path.unlink()
  with pytest.raises(
    FileNotFoundError, match="images/validation holds no images.*a folder for"
  ):
    _convert(root, tmp_path / "records", "val")


# === Records of the original ===


def _original_record(root, name):
  """A record as build_ade20k_data.py of the original writes it."""

  def value(data):
    if isinstance(data, int):
      return tf.train.Feature(int64_list=tf.train.Int64List(value=[data]))
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[data]))

  image = root / "images" / "validation" / f"{name}.jpg"
  label = root / "annotations" / "validation" / f"{name}.png"
  path = f"./ADE20K/ADEChallengeData2016/images/validation/{name}.jpg"
  features = {
    "image/encoded": image.read_bytes(),
    "image/filename": path.encode(),
    # The default of its flag, whatever the files are.
    "image/format": b"png",
    "image/height": 16,
    "image/width": 32,
    "image/channels": 3,
    "image/segmentation/class/encoded": label.read_bytes(),
    "image/segmentation/class/format": b"png",
  }
  return tf.train.Example(
    features=tf.train.Features(
      feature={key: value(data) for key, data in features.items()}
    )
  ).SerializeToString()


@pytest.fixture(name="original")
def fixture_original(root, labels, tmp_path):
  del labels
  folder = tmp_path / "tfrecord"
  folder.mkdir()
  path = str(folder / "val-00000-of-00001.tfrecord")
  with tf.io.TFRecordWriter(path) as writer:
    writer.write(_original_record(root, VAL[0]))
  return folder


def test_records_of_the_original_are_read_as_they_are(original, root, labels):
  (batch,) = pipeline.eval_dataset(
    records.find_shards(original, "val"), num_classes=151, ignore_label=0
  )
  np.testing.assert_array_equal(batch["label"][0, ..., 0], labels[VAL[0]])
  ours = tf.io.decode_jpeg(
    (root / "images" / "validation" / f"{VAL[0]}.jpg").read_bytes()
  )
  np.testing.assert_array_equal(batch["image"][0], ours)
  report = inspection.inspect_records(original, info=INFO, subset=True)
  assert report.ready and not report.warnings, str(report)


def test_void_neither_scores_nor_hides_what_is_given_to_it(original, labels):
  (batch,) = pipeline.eval_dataset(
    records.find_shards(original, "val"), num_classes=151, ignore_label=0
  )
  truth = labels[VAL[0]].astype(np.int32)
  predicted = np.where(truth == 7, 0, truth)  # The channel of void wins.
  predicted[truth == 0] = 9
  counts = evaluator.Evaluator(INFO)
  counts.update_state(batch["label"][..., 0], predicted[None])
  scores = counts.scores()
  assert scores.class_names == INFO.class_names[1:]
  assert scores.mean_iou == pytest.approx(149 / 150)
  assert scores.iou[6] == 0 and scores.iou[8] == 1
  valid = truth != 0
  assert scores.pixel_accuracy == pytest.approx(
    np.mean((predicted == truth)[valid])
  )
  assert "over 150 of 150 classes" in str(scores)
  assert "void" not in scores.as_dict()["classes"]
