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
import os

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf

from deeplab_ssl.evaluation import submission
from deeplab_ssl.evaluation import submission_layout
from deeplab_ssl.preparation import cityscapes
from tests.evaluation import submission_testing as testing

VOC = testing.VOC
CITYSCAPES = testing.CITYSCAPES
PETS = testing.PETS


def test_voc_gets_palette_pngs_in_the_folders_of_its_devkit(
  voc_records, tmp_path
):
  layout = submission_layout.Layout(tmp_path / "out", "test", VOC)
  assert testing.submit(layout, voc_records) == 2
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
  assert testing.submit(layout, city_records) == 2
  written = [n for n in os.listdir(tmp_path / "out") if n.endswith(".png")]
  for example in testing.read(city_records, "val", CITYSCAPES):
    name = example["filename"][0].numpy().decode()
    (file,) = fnmatch.filter(written, f"{name}*.png")
    train_ids = np.array(example["image"])[0, ..., 0].astype(int) % 19
    with Image.open(tmp_path / "out" / file) as image:
      assert image.mode == "L"
      values = np.asarray(image)
    back = cityscapes.label_map()[values]
    np.testing.assert_array_equal(back, train_ids)
    assert set(np.unique(values)) <= set(cityscapes.LABEL_IDS)


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
      layout,
      examples_named("good", *bad),
      testing.predictor(PETS),
      testing.ORIGIN,
    )
  assert len(caught.value.problems) == len(bad)
  for number, (name, problem) in enumerate(
    zip(bad, caught.value.problems, strict=True), start=1
  ):
    data = name if isinstance(name, bytes) else name.encode()
    assert problem.startswith(f"record {number}, {data!r}: ")
  assert os.listdir(tmp_path) == []


def test_a_path_from_here_stays_in_the_folder(tmp_path):
  layout = submission_layout.Layout(tmp_path / "out", "val", PETS)
  submission.write_predictions(
    layout,
    examples_named("./ADE20K/1", "ADE20K/2"),
    testing.predictor(PETS),
    testing.ORIGIN,
  )
  assert {path.name for path in (tmp_path / "out" / "ADE20K").iterdir()} == {
    *("1.png", "2.png")
  }


def test_names_of_ones_own_data_may_have_folders(tmp_path):
  layout = submission_layout.Layout(tmp_path / "out", "val", PETS)
  examples = examples_named("berlin/1", "bonn/1")
  submission.write_predictions(
    layout,
    examples,
    testing.predictor(PETS),
    testing.ORIGIN,
  )
  assert (tmp_path / "out/bonn/1.png").is_file()
  with pytest.raises(ValueError, match="names a folder"):
    submission_layout.Layout("out", "val", VOC).path("berlin/1")


def test_an_interrupted_submission_is_continued(tmp_path):
  examples = examples_named("a", "b", "c")
  layout = submission_layout.Layout(tmp_path / "out", "val", PETS)
  asked = []

  def fails_once(images):
    asked.append(1)
    if len(asked) == 2:
      raise KeyboardInterrupt
    return testing.predictor(PETS)(images)

  def write(origin=testing.ORIGIN):
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
    write(testing.ORIGIN | {"checkpoint": "ckpt-2"})
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
      layout,
      examples_named("a"),
      testing.predictor(PETS),
      testing.ORIGIN,
    )
  assert os.listdir(tmp_path) == ["x.png"]


@pytest.mark.parametrize("text", [b"", b"[1]", b"3", b"null", b"\xff\xfe"])
def test_a_damaged_origin_is_named(text, tmp_path):
  path = tmp_path / submission.ORIGIN_FILE
  path.write_bytes(text)
  layout = submission_layout.Layout(tmp_path, "val", PETS)
  with pytest.raises(ValueError, match=f"{path} is damaged"):
    submission.write_predictions(
      layout, tf.data.Dataset.range(0), tf.identity, testing.ORIGIN
    )
  assert path.read_bytes() == text
