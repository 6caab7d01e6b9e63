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

"""Tests of the scores of a folder of predictions."""

import os

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf

from deeplab_ssl.evaluation import metrics
from deeplab_ssl.evaluation import scoring
from deeplab_ssl.evaluation import submission_layout
from tests.evaluation import submission_testing as testing

VOC = testing.VOC
CITYSCAPES = testing.CITYSCAPES


def expected_matrix(folder, info):
  matrix = metrics.ConfusionMatrix(info.num_classes)
  for example in testing.read(folder, "val", info):
    matrix.update_state(
      example["label"][..., 0],
      testing.predictor(info)(example["image"]),
    )
  return matrix.result()


@pytest.mark.parametrize("file_format", ["voc", "labels"])
def test_score_of_the_files_is_that_of_the_predictions(
  voc_records, tmp_path, file_format
):
  layout = submission_layout.Layout(tmp_path / "o", "val", VOC, file_format)
  testing.submit(layout, voc_records)
  scores = scoring.score(layout, voc_records)
  matrix = expected_matrix(voc_records, VOC)
  assert matrix.numpy().sum() > 1000
  np.testing.assert_array_equal(scores.matrix, matrix)


def test_score_of_label_ids_wherever_cityscapes_finds_them(
  city_records, tmp_path
):
  layout = submission_layout.Layout(tmp_path / "out", "val", CITYSCAPES)
  testing.submit(layout, city_records)
  (tmp_path / "out/deep").mkdir()
  name = testing.CITY_NAMES[0]
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


def test_what_does_not_fit_is_told_all_at_once(voc_records, tmp_path):
  layout = submission_layout.Layout(tmp_path / "out", "val", VOC)
  testing.submit(layout, voc_records)
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
  (folder / "c.png").unlink()
  os.mkfifo(folder / "c.png")
  with pytest.raises(submission_layout.SubmissionError) as caught:
    scoring.score(layout, voc_records)
  assert "c.png is a named pipe, not a file" in caught.value.problems[2]


def test_records_without_labels_are_not_scored(voc_records, tmp_path):
  layout = submission_layout.Layout(tmp_path / "out", "test", VOC)
  testing.submit(layout, voc_records)
  with pytest.raises(
    tf.errors.InvalidArgumentError, match="has no label.*submit"
  ):
    scoring.score(layout, voc_records)


def test_missing_folder_is_told_with_the_format_that_put_it_there(voc_records):
  layout = submission_layout.Layout("/nowhere", "val", VOC)
  with pytest.raises(FileNotFoundError, match="comp6_val_cls.*--format=labels"):
    scoring.score(layout, voc_records)
