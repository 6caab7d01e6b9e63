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

import dataclasses
import fnmatch
import io
import os

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf

from deeplab_ssl.evaluation import metrics
from deeplab_ssl.evaluation import scoring
from deeplab_ssl.evaluation import submission
from deeplab_ssl.evaluation import submission_layout
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import records
from deeplab_ssl.preparation import cityscapes
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import layouts
from tests import input_testing

VOC = dataset_info.get_dataset_info("voc2012")
CITYSCAPES = dataset_info.get_dataset_info("cityscapes")
PETS = input_testing.PETS
ORIGIN = {"checkpoint": "ckpt-1", "method": ""}
CITY_NAMES = ["aachen_000000_000019", "ulm_000002_000019"]


def read(folder, split, info, with_label=True):
  return pipeline.eval_dataset(
    records.find_shards(folder, split),
    num_classes=info.num_classes,
    with_label=with_label,
  )


def predictor(info):
  """A model that gives every brightness of red some class."""
  return lambda images: tf.cast(images[..., 0], tf.int32) % info.num_classes


@pytest.fixture
def voc_records(tmp_path):
  """Three labelled images of val and two of test without labels."""
  devkit = tmp_path / "devkit"
  input_testing.write_devkit(devkit, {"val": "abc", "test": "de"}, VOC)
  for split, masks in (("val", True), ("test", False)):
    pairs = layouts.devkit_pairs(devkit, split, with_masks=masks)
    conversion.convert_split(
      pairs, tmp_path / "records", split, VOC, num_shards=1
    )
  return tmp_path / "records"


@pytest.fixture
def city_records(tmp_path):
  input_testing.write_cityscapes(tmp_path / "cityscapes", {"val": CITY_NAMES})
  conversion.convert_split(
    cityscapes.split_pairs(tmp_path / "cityscapes", "val"),
    tmp_path / "records",
    "val",
    CITYSCAPES,
    num_shards=1,
    label_map=cityscapes.label_map(),
  )
  return tmp_path / "records"


def submit(layout, folder, origin=ORIGIN):
  info = layout.info
  examples = read(folder, layout.split, info, with_label=False)
  return submission.write_predictions(layout, examples, predictor(info), origin)


def expected_matrix(folder, info):
  matrix = metrics.ConfusionMatrix(info.num_classes)
  for example in read(folder, "val", info):
    matrix.update_state(
      example["label"][..., 0], predictor(info)(example["image"])
    )
  return matrix.result()


def test_voc_gets_palette_pngs_in_the_folders_of_its_devkit(
  voc_records, tmp_path
):
  layout = submission_layout.Layout(tmp_path / "out", "test", VOC)
  assert submit(layout, voc_records) == 2
  folder = tmp_path / "out/results/VOC2012/Segmentation/comp6_test_cls"
  assert sorted(os.listdir(folder)) == ["d.png", "e.png"]
  image = np.asarray(Image.open(tmp_path / "devkit/JPEGImages/d.png"))
  with Image.open(folder / "d.png") as written:
    assert written.mode == "P"
    assert tuple(written.getpalette()[:63]) == tuple(VOC.palette[:63])
    np.testing.assert_array_equal(written, image[..., 0] % 21)
  other = submission_layout.Layout("out", "val", VOC, competition="comp5")
  assert other.folder.name == "comp5_val_cls"


def test_cityscapes_gets_the_label_ids_that_its_evaluation_finds(
  city_records, tmp_path
):
  layout = submission_layout.Layout(tmp_path / "out", "val", CITYSCAPES)
  assert submit(layout, city_records) == 2
  written = [n for n in os.listdir(tmp_path / "out") if n.endswith(".png")]
  for example in read(city_records, "val", CITYSCAPES):
    name = example["filename"][0].numpy().decode()
    (file,) = fnmatch.filter(written, f"{name}*.png")
    train_ids = np.array(example["image"])[0, ..., 0].astype(int) % 19
    with Image.open(tmp_path / "out" / file) as image:
      assert image.mode == "L"
      values = np.asarray(image)
    back = cityscapes.label_map()[values]
    np.testing.assert_array_equal(back, train_ids)
    assert set(np.unique(values)) <= set(cityscapes.LABEL_IDS)


@pytest.mark.parametrize("file_format", ["voc", "labels"])
def test_score_of_the_files_is_that_of_the_predictions(
  voc_records, tmp_path, file_format
):
  layout = submission_layout.Layout(tmp_path / "o", "val", VOC, file_format)
  submit(layout, voc_records)
  scores = scoring.score(layout, voc_records)
  matrix = expected_matrix(voc_records, VOC)
  assert matrix.numpy().sum() > 1000
  np.testing.assert_array_equal(scores.matrix, matrix)


def test_score_of_label_ids_wherever_cityscapes_finds_them(
  city_records, tmp_path
):
  layout = submission_layout.Layout(tmp_path / "out", "val", CITYSCAPES)
  submit(layout, city_records)
  (tmp_path / "out/deep").mkdir()
  name = CITY_NAMES[0]
  os.rename(
    tmp_path / "out" / f"{name}_labelIds.png",
    tmp_path / "out/deep" / f"{name}_my_network.png",
  )
  np.testing.assert_array_equal(
    scoring.score(layout, city_records).matrix,
    expected_matrix(city_records, CITYSCAPES),
  )
  (tmp_path / "out" / f"{name}_again.png").write_bytes(b"")
  with pytest.raises(
    submission_layout.SubmissionError, match=f"{name}: has several"
  ):
    scoring.score(layout, city_records)


def test_ids_of_a_data_set_of_ones_own():
  info = dataset_info.DatasetInfo("x", tuple("abc"), eval_ids=(7, 0, 200))
  layout = submission_layout.Layout("out", "val", info)
  labels = np.array([[0, 1, 2, 2]], np.int32)
  data = layout.encode(labels)
  assert np.asarray(Image.open(io.BytesIO(data))).tolist() == [[7, 0, 200, 200]]
  np.testing.assert_array_equal(layout.decode(data), labels)


def test_what_does_not_fit_is_told_all_at_once(voc_records, tmp_path):
  layout = submission_layout.Layout(tmp_path / "out", "val", VOC)
  submit(layout, voc_records)
  folder = layout.folder
  (folder / "a.png").unlink()
  with Image.open(folder / "b.png") as image:
    width, height = image.size
    image.resize((9, 5)).save(folder / "b.png")
  Image.new("RGB", (9, 9)).save(folder / "c.png")
  Image.new("L", (9, 9)).save(folder / "z.png")
  with pytest.raises(submission_layout.SubmissionError) as caught:
    scoring.score(layout, voc_records)
  missing, size, colour, surplus = caught.value.problems
  assert missing == "a: has no prediction"
  assert f"b.png is 9x5, the image {width}x{height}" in size
  assert "c.png is a colour picture" in colour
  assert "z.png: belongs to no record of 'val'" in surplus
  Image.new("L", (width, height), 21).save(folder / "b.png")
  (folder / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"?" * 30)
  with pytest.raises(submission_layout.SubmissionError) as caught:
    scoring.score(layout, voc_records)
  assert "b.png holds the values 21; " in caught.value.problems[1]
  assert "c.png cannot be decoded" in caught.value.problems[2]


def test_records_without_labels_are_not_scored(voc_records, tmp_path):
  layout = submission_layout.Layout(tmp_path / "out", "test", VOC)
  submit(layout, voc_records)
  with pytest.raises(
    tf.errors.InvalidArgumentError, match="has no label.*submit"
  ):
    scoring.score(layout, voc_records)


def test_missing_folder_is_told_with_the_format_that_put_it_there(voc_records):
  layout = submission_layout.Layout("/nowhere", "val", VOC)
  with pytest.raises(FileNotFoundError, match="comp6_val_cls.*--format=labels"):
    scoring.score(layout, voc_records)


def examples_named(*names):
  images = tf.zeros([len(names), 4, 5, 3])
  return tf.data.Dataset.from_tensor_slices(
    {"image": images, "filename": list(names)}
  ).batch(1)


def test_names_that_leave_the_folder_are_refused_before_anything_is_written(
  tmp_path,
):
  bad = ["../x", "/etc/x", "a/../../x", "a\0b", "", ".", "x" * 250, b"\xff"]
  bad += ["..\\x", "C:x", "a\nb"]
  layout = submission_layout.Layout(tmp_path / "out", "val", PETS)
  with pytest.raises(submission_layout.SubmissionError) as caught:
    submission.write_predictions(
      layout, examples_named("good", *bad), predictor(PETS), ORIGIN
    )
  assert len(caught.value.problems) == len(bad)
  for number, (name, problem) in enumerate(
    zip(bad, caught.value.problems, strict=True), start=1
  ):
    data = name if isinstance(name, bytes) else name.encode()
    assert problem.startswith(f"record {number}, {data!r}: ")
  assert os.listdir(tmp_path) == []


def test_names_of_ones_own_data_may_have_folders(tmp_path):
  layout = submission_layout.Layout(tmp_path / "out", "val", PETS)
  examples = examples_named("berlin/1", "bonn/1")
  submission.write_predictions(layout, examples, predictor(PETS), ORIGIN)
  assert (tmp_path / "out/bonn/1.png").is_file()
  with pytest.raises(ValueError, match="names a folder"):
    submission_layout.Layout("out", "val", VOC).path("berlin/1")


@pytest.mark.parametrize(
  "info, names",
  [(PETS, ("a", "b", "a")), (CITYSCAPES, ("a_1_2_x", "b_1_2", "a_1_2_y"))],
)
def test_records_with_one_file_are_refused(info, names):
  with pytest.raises(
    submission_layout.SubmissionError, match="record 2, b'a.*another record"
  ) as caught:
    submission_layout.check_names(
      submission_layout.Layout("out", "val", info), [n.encode() for n in names]
    )
  assert len(caught.value.problems) == 1


def test_cityscapes_takes_no_names_that_its_evaluation_does_not_find():
  layout = submission_layout.Layout("out", "val", CITYSCAPES)
  with pytest.raises(ValueError, match="CITY_SEQUENCE_FRAME"):
    layout.path("2007_000033")


def test_an_interrupted_submission_is_continued(tmp_path):
  examples = examples_named("a", "b", "c")
  layout = submission_layout.Layout(tmp_path / "out", "val", PETS)
  asked = []

  def fails_once(images):
    asked.append(1)
    if len(asked) == 2:
      raise KeyboardInterrupt
    return predictor(PETS)(images)

  def write(origin=ORIGIN):
    return submission.write_predictions(layout, examples, fails_once, origin)

  with pytest.raises(KeyboardInterrupt):
    write()
  files = {"a.png", submission.ORIGIN_FILE}
  assert set(os.listdir(tmp_path / "out")) == files
  assert write() == 2
  assert len(asked) == 4
  assert set(os.listdir(tmp_path / "out")) == files | {"b.png", "c.png"}
  with pytest.raises(
    ValueError, match="says: checkpoint 'ckpt-1' .now 'ckpt-2'"
  ):
    write(ORIGIN | {"checkpoint": "ckpt-2"})
  ids = dataclasses.replace(PETS, eval_ids=(0, 1, 2))
  layout, first = dataclasses.replace(layout, info=ids), layout
  with pytest.raises(ValueError, match=r"says: eval_ids \[\] .now \[0, 1, 2"):
    write()
  layout = first
  # Other images under the same names, as after another conversion.
  examples = examples.map(lambda e: e | {"image": 255.0 - e["image"]})
  with pytest.raises(ValueError, match="says: images_sha256 '.*' .now '"):
    write()


def test_no_prediction_is_mixed_with_pngs_of_unknown_origin(tmp_path):
  Image.new("L", (2, 2)).save(tmp_path / "x.png")
  layout = submission_layout.Layout(tmp_path, "val", PETS)
  with pytest.raises(ValueError, match="unknown origin"):
    submission.write_predictions(
      layout, examples_named("a"), predictor(PETS), ORIGIN
    )
  assert os.listdir(tmp_path) == ["x.png"]


@pytest.mark.parametrize(
  "change, message",
  [
    ({"format": "coco"}, "`format` must be one of .*'coco'"),
    ({"competition": "comp3"}, "`competition` must be one of .*'comp3'"),
    ({"competition": "comp5"}, "Only the format 'voc'.*not 'labels'"),
    ({"split": "../val"}, "without folders"),
    ({"format": "cityscapes"}, "no eval_ids.*--dataset=cityscapes"),
  ],
)
def test_wrong_layouts_are_refused(change, message):
  arguments = {"directory": "out", "split": "val", "info": PETS} | change
  with pytest.raises(ValueError, match=message):
    submission_layout.Layout(**arguments)
