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

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.prediction import crf
from deeplab_ssl.prediction import mean_field
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.runs import gallery
from deeplab_ssl.runs import pictures
from deeplab_ssl.runs import trained_run
from deeplab_ssl.training import resolution
from tests import digits


def _colours_decide(model, images):
  """Logits that differ from pixel to pixel; a short training's hardly do."""
  del model
  return tf.concat([images] * 4, -1)[..., :11] / 32.0


@pytest.fixture(name="run", scope="module")
def fixture_run():
  params, dataset = resolution.resolve(digits.experiment())
  return trained_run.TrainedRun(params, "checkpoint", dataset)


def _subject(run, steps=0):
  predictor = predictor_lib.Predictor(_colours_decide)
  if steps:
    refine = crf.Refinement(
      mean_field.Settings(steps=steps),
      activation=run.activation,
    )
    predictor = predictor._replace(labels=refine)
  return pictures.Subject(run, None, predictor)


def test_the_gallery_shows_every_run_and_keeps_its_masks(run, tmp_path):
  runs = {"ce": _subject(run), "ssl": _subject(run, 1)}
  assert gallery.draw_gallery(runs, tmp_path, 2) == 2
  page = (tmp_path / "index.html").read_text()
  info = run.dataset
  for example in run.examples().take(2):
    name = example["filename"][0].numpy().decode()
    for folder in (
      *("image", "truth", "ce/prediction", "ce/errors", "ssl/prediction"),
      *("ssl/1_CRF_step_window", "ssl/errors", "ssl/hard_examples"),
    ):
      picture = np.asarray(Image.open(tmp_path / folder / f"{name}.png"))
      assert picture.shape == (*example["label"].shape[1:3], 3)
    predicted = runs["ssl"].predictor(None, example["image"])[0]
    mask = masks.decode_mask(
      (tmp_path / "ssl" / "masks" / f"{name}.png").read_bytes(), info
    )
    np.testing.assert_array_equal(mask, predicted)
    label = example["label"][0, ..., 0]
    valid = label != 255
    right = np.mean((label == predicted)[valid])
    assert f"{right:.1%} right" in page
    assert f"ssl/hard_examples/{name}.png" in page


def test_records_with_one_name_keep_their_own_pictures(
  run, tmp_path, monkeypatch
):
  one_name = run.examples().map(
    lambda e: e | {"filename": tf.constant(["same"])}
  )
  monkeypatch.setattr(trained_run.TrainedRun, "examples", lambda _: one_name)
  assert gallery.draw_gallery({"ce": _subject(run)}, tmp_path, 2) == 2
  first, second = (
    np.asarray(Image.open(tmp_path / "image" / f"{name}.png"))
    for name in ("same", "same-2")
  )
  assert (first != second).any()
  assert "image/same-2.png" in (tmp_path / "index.html").read_text()


def test_the_crf_has_a_picture_of_its_own(run):
  example = next(iter(run.examples()))
  plain, labels = pictures.subject_pictures(_subject(run), example)
  refined, other = pictures.subject_pictures(_subject(run, 5), example)
  added = "5 CRF steps (window)"
  assert list(refined)[:2] == ["prediction", added]
  assert (refined.pop(added) != plain["prediction"]).any()
  assert (labels != other).any()
  # Errors are those of the labels that count; the rest is as without a CRF.
  assert (refined.pop("errors") != plain.pop("errors")).any()
  for title, picture in plain.items():
    np.testing.assert_array_equal(refined[title], picture)


def test_runs_on_other_classes_are_refused(run, tmp_path):
  camvid = dataset_info.get_dataset_info("camvid")
  other = _subject(dataclasses.replace(run, dataset=camvid))
  with pytest.raises(ValueError, match="'Sky'.* of b"):
    gallery.draw_gallery({"a": _subject(run), "b": other}, tmp_path, 1)
