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
import html

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf

from deeplab_ssl.common import problems
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.prediction import input_size
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.runs import gallery
from deeplab_ssl.runs import pictures
from deeplab_ssl.runs import trained_run
from tests.runs import run_testing


@pytest.fixture(name="run")
def fixture_run():
  return run_testing.untrained_run()


def test_the_gallery_shows_every_run_and_keeps_its_masks(run, tmp_path):
  runs = {"ce": run_testing.subject(run), "ssl": run_testing.subject(run, 1)}
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
  monkeypatch.setattr(
    trained_run.TrainedRun, "examples", lambda *_, **__: one_name
  )
  assert (
    gallery.draw_gallery({"ce": run_testing.subject(run)}, tmp_path, 2) == 2
  )
  first, second = (
    np.asarray(Image.open(tmp_path / "image" / f"{name}.png"))
    for name in ("same", "same-2")
  )
  assert (first != second).any()
  assert "image/same-2.png" in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize(
  "name, why",
  [
    (b"caf\xe9", "UTF-8"),
    (b"a\0b", "control character"),
    (b"a\nb", "control character"),
    (b"../..", "must name a file"),
  ],
)
def test_names_that_cannot_be_shown_are_refused(
  run, tmp_path, monkeypatch, name, why
):
  second = (
    run.examples().skip(1).map(lambda e: e | {"filename": tf.constant([name])})
  )
  examples = run.examples().take(1).concatenate(second)
  monkeypatch.setattr(
    trained_run.TrainedRun, "examples", lambda *_, **__: examples
  )
  with pytest.raises(problems.ProblemsError, match=why) as caught:
    gallery.draw_gallery({"ce": run_testing.subject(run)}, tmp_path, 2)
  (problem,) = caught.value.problems
  assert problem.startswith(f"record 1, {name!r}: ")
  assert not list(tmp_path.iterdir())


def test_names_of_records_are_text_in_the_page(run, tmp_path, monkeypatch):
  name = '<img src=x onerror=alert(1)> & "b"'
  renamed = run.examples().map(lambda e: e | {"filename": tf.constant([name])})
  monkeypatch.setattr(
    trained_run.TrainedRun, "examples", lambda *_, **__: renamed
  )
  gallery.draw_gallery({"ce": run_testing.subject(run)}, tmp_path, 1)
  page = (tmp_path / "index.html").read_text()
  assert "<img src=x" not in page
  assert f"<td>{html.escape(name)}</td>" in page


def test_pictures_of_resized_images_are_of_their_own_size(run, tmp_path):
  data = {"min_resize_value": 20}
  params = run.params.replace(task={"validation_data": data})
  resized = dataclasses.replace(run, params=params)
  weights = run.untrained_model()
  prefix = tf.train.Checkpoint(model=weights).write(str(tmp_path / "ckpt"))
  resized = dataclasses.replace(resized, checkpoint=prefix)
  subjects = gallery.subjects_of(
    [resized], lambda _: run_testing.subject(run).predictor
  )
  (subject,) = subjects.values()
  assert gallery.draw_gallery(subjects, tmp_path / "out", 1) == 1
  (mask,) = (tmp_path / "out").glob("*/masks/*.png")
  example = next(iter(run.examples()))
  predicted = subject.predictor(None, example["image"])[0]
  found = masks.decode_mask(mask.read_bytes(), run.dataset)
  assert found.shape == example["label"].shape[1:3]
  np.testing.assert_array_equal(found, predicted)
  plain = run_testing.subject(run).predictor(None, example["image"])[0]
  assert (found != plain.numpy()).any()


def test_an_image_that_is_too_large_is_named(run, tmp_path):
  padded = input_size.Padded((9, 9), run_testing.colours_decide)
  subject = pictures.Subject(run, None, predictor_lib.Predictor(padded))
  with pytest.raises(tf.errors.InvalidArgumentError, match="eval_crop_size"):
    gallery.draw_gallery({"ce": subject}, tmp_path, 1)
  assert not list(tmp_path.iterdir())


def test_runs_on_other_classes_are_refused(run, tmp_path):
  camvid = dataset_info.get_dataset_info("camvid")
  runs = {
    "a": run_testing.subject(run),
    "b": run_testing.subject(dataclasses.replace(run, dataset=camvid)),
  }
  with pytest.raises(ValueError, match="'Sky'.* of b"):
    gallery.draw_gallery(runs, tmp_path, 1)


def test_runs_get_their_models_and_names_that_tell_them_apart(run, tmp_path):
  saved = run.untrained_model()
  prefix = tf.train.Checkpoint(model=saved).write(str(tmp_path / "ckpt"))
  run = dataclasses.replace(run, checkpoint=prefix)
  runs = [dataclasses.replace(run, model_dir=name) for name in ("a", "b")]
  asked = []

  def make_predictor(activation):
    asked.append(activation)
    return predictor_lib.SINGLE_SCALE

  subjects = gallery.subjects_of(runs, make_predictor)
  assert list(subjects) == [run.label, f"{run.label} (b)"]
  assert asked == ["sigmoid", "sigmoid"]
  for subject, own in zip(subjects.values(), runs, strict=True):
    assert subject.run is own
    assert subject.predictor is predictor_lib.SINGLE_SCALE
    np.testing.assert_array_equal(
      subject.model.logits.kernel, saved.logits.kernel
    )
