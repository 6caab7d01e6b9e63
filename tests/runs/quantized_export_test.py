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

"""Tests of the export with 8-bit integers and of what it costs."""

import copy
import dataclasses
import json
from unittest import mock

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.evaluation import metrics
from deeplab_ssl.prediction import export_folder
from deeplab_ssl.prediction import exported_model
from deeplab_ssl.prediction import input_size
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import views
from deeplab_ssl.runs import quantized_export
from deeplab_ssl.runs import trained_run
from tests import digits
from tests import models
from tests.runs import run_testing

_SIZE = (129, 129)
_SINGLE_SCALE = predictor_lib.SINGLE_SCALE


class _Colors(models.Blocks):
  """A network of one layer: conversions of deeper ones take long."""

  num_classes = 11

  def __init__(self):
    super().__init__()
    random = np.random.RandomState(3)
    self._kernel = tf.Variable(
      random.normal(0, 1, [4, 4, 3, 11]).astype(np.float32)
    )

  def __call__(self, images, training, scale=1.0):
    return tf.nn.conv2d(images / 127.5 - 1, self._kernel, 4, "SAME")


@pytest.fixture(name="run")
def fixture_run():
  return run_testing.untrained_run()


@pytest.fixture(autouse=True, scope="module")
def _fixture_model():
  with mock.patch.object(trained_run.TrainedRun, "model", lambda _: _Colors()):
    yield


@pytest.fixture(scope="module", params=[False, True])
def exported(request, tmp_path_factory):
  """(folder of an export, its report, whether its tensors are all integers)."""
  folder = tmp_path_factory.mktemp("export")
  settings = quantized_export.Settings(
    _SIZE,
    calibration_images=4,
    evaluation_images=3,
    integer_io=request.param,
  )
  report = quantized_export.export(
    run_testing.untrained_run(), folder, _SINGLE_SCALE, settings
  )
  return folder, report, request.param


def test_the_figures_are_those_of_the_exported_model(run, exported):
  folder, report, _ = exported
  model = exported_model.load(folder)
  matrix = np.zeros([11, 11], np.int64)
  for example in run.examples().take(3):
    label = example["label"][0, ..., 0].numpy()
    labels = model(example["image"][0].numpy().astype(np.uint8))
    valid = label != 255
    np.add.at(matrix, (label[valid], labels[valid]), 1)
  np.testing.assert_array_equal(report.quantized.matrix, matrix)
  expected = metrics.Scores(matrix, run.dataset.class_names).mean_iou
  assert report.quantized.mean_iou == expected
  content = json.loads((folder / "quantization.json").read_text())
  assert content == report.as_dict()
  assert content["mean_iou"]["int8"] == expected
  assert content["mean_iou"]["loss"] == report.unquantized.mean_iou - expected
  assert (content["split"], content["images"]) == ("val", 3)
  assert content["calibration"].startswith("'train' of ")
  assert f"{100 * expected:.2f} % with int8, a loss of" in str(report)


def test_the_folder_holds_a_model_its_data_set_and_its_figures(run, exported):
  folder, _, _ = exported
  assert sorted(path.name for path in folder.iterdir()) == [
    *("dataset.yaml", "model.tflite", "quantization.json")
  ]
  assert exported_model.dataset_of(folder) == run.dataset


def test_the_float_model_scores_as_the_run_does(run, exported):
  _, report, _ = exported
  model = run.model()
  same = []
  for example in run.examples().take(3):
    labels = _SINGLE_SCALE(model, example["image"])
    counts = metrics.ConfusionMatrix(11)
    counts.update_state(example["label"][..., 0], labels)
    same.append(counts.result().numpy())
  difference = np.abs(sum(same) - report.unquantized.matrix).sum()
  assert difference <= 2e-3 * report.unquantized.matrix.sum()


def test_the_export_resizes_images_as_an_evaluation_does(tmp_path):
  run = run_testing.untrained_run()
  run = dataclasses.replace(run, params=copy.deepcopy(run.params))
  run.params.task.validation_data.min_resize_value = 65
  settings = quantized_export.Settings(
    _SIZE, calibration_images=2, evaluation_images=2
  )
  report = quantized_export.export(run, tmp_path, _SINGLE_SCALE, settings)
  counts = metrics.ConfusionMatrix(11)
  predictor, model = run.on_own_size(_SINGLE_SCALE), run.model()
  for example in run.examples().take(2):
    labels = predictor(model, example["image"])
    counts.update_state(example["label"][..., 0], labels)
  expected = counts.result().numpy()
  difference = np.abs(expected - report.unquantized.matrix).sum()
  assert difference <= 2e-3 * expected.sum()


@pytest.mark.usefixtures("no_model")
def test_an_image_that_the_predictor_does_not_take_is_told_likewise(
  run, tmp_path
):
  predictor = _SINGLE_SCALE._replace(
    logits=input_size.Padded((97, 97), _SINGLE_SCALE.logits)
  )
  settings = quantized_export.Settings(_SIZE, calibration_images=4)
  with pytest.raises(ValueError, match="--image_size must be at most --eval_c"):
    quantized_export.export(run, tmp_path, predictor, settings)
  assert not list(tmp_path.iterdir())


def test_a_later_export_without_integers_takes_the_figures_away(
  run, exported, tmp_path
):
  folder, _, _ = exported
  for path in folder.iterdir():
    (tmp_path / path.name).write_bytes(path.read_bytes())
  run.export(tmp_path, tflite={"image_size": _SIZE})
  assert sorted(path.name for path in tmp_path.iterdir()) == [
    *("dataset.yaml", "model.tflite")
  ]


@pytest.fixture(name="no_model")
def fixture_no_model(monkeypatch):
  """Fails if a model is loaded: all is told before."""

  def load(self):
    raise AssertionError("The model was loaded.")

  monkeypatch.setattr(trained_run.TrainedRun, "model", load)


@pytest.mark.usefixtures("no_model")
@pytest.mark.parametrize(
  "options, message",
  [
    (
      {},
      "8 images to calibrate on, 'train' of .*--calibration_images=100. Ask",
    ),
    (
      {"calibration_images": 8, "calibration_split": "other"},
      "no images to calibrate on: No records match .*--calibration_split name",
    ),
    (
      {"calibration_images": 8, "calibration_data": "nowhere"},
      "no images to calibrate on: .*'nowhere', which is no folder",
    ),
    (
      {"calibration_images": 8, "evaluation_images": 5},
      "'val' has 4 images, fewer than --evaluation_images=5. Ask for 4",
    ),
    (
      {"calibration_images": 8, "image_size": (128, 200)},
      "Image 0 of 'train' of .* is 129 x 129, larger than the 128 x 200 of",
    ),
  ],
)
def test_what_cannot_be_done_is_told_before_the_model_is_loaded(
  run, options, message, tmp_path
):
  settings = quantized_export.Settings(**{"image_size": _SIZE} | options)
  with pytest.raises((ValueError, FileNotFoundError), match=message):
    quantized_export.export(run, tmp_path / "x", _SINGLE_SCALE, settings)
  assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("no_model")
def test_validation_images_that_are_too_large_are_told(
  run, tmp_path, monkeypatch
):
  monkeypatch.setattr(quantized_export._Images, "check", lambda *args: None)
  settings = quantized_export.Settings((65, 129), calibration_images=2)
  with pytest.raises(ValueError, match="of 'val' is 129 x 129, larger than"):
    quantized_export.export(run, tmp_path / "x", _SINGLE_SCALE, settings)
  assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("no_model")
def test_images_that_are_all_void_are_told(run, tmp_path, monkeypatch):
  void = run.examples().map(lambda e: e | {"label": 0 * e["label"] + 255})
  monkeypatch.setattr(trained_run.TrainedRun, "examples", lambda _: void)
  settings = quantized_export.Settings(_SIZE, calibration_images=2)
  with pytest.raises(ValueError, match="of the 4 images of 'val' has a class"):
    quantized_export.export(run, tmp_path, _SINGLE_SCALE, settings)


@pytest.mark.usefixtures("no_model")
def test_a_folder_or_a_view_that_does_not_fit_is_refused(run, tmp_path):
  settings = quantized_export.Settings(_SIZE, calibration_images=8)
  tiles = predictor_lib.Predictor(
    views.Views(tile_size=(65, 65), tile_overlap=8)
  )
  with pytest.raises(ValueError, match="leave --tile_size out"):
    quantized_export.export(run, tmp_path, tiles, settings)
  (tmp_path / export_folder.Format.ONNX.value).write_bytes(b"")
  with pytest.raises(ValueError, match="holds an ONNX model"):
    quantized_export.export(run, tmp_path, _SINGLE_SCALE, settings)


@pytest.mark.parametrize(
  "options",
  [
    {"image_size": (0, 9)},
    {"calibration_images": 0},
    {"evaluation_images": -1},
  ],
)
def test_numbers_must_be_positive(options):
  with pytest.raises(ValueError, match=f"`{next(iter(options))}` must be pos"):
    quantized_export.Settings(**{"image_size": _SIZE} | options)


def test_a_failing_score_leaves_nothing(run, tmp_path, monkeypatch):
  def fail(*args):
    raise tf.errors.DataLossError(None, None, "the disk is gone")

  monkeypatch.setattr(quantized_export, "_score", fail)
  settings = quantized_export.Settings(_SIZE, calibration_images=1)
  with pytest.raises(tf.errors.DataLossError):
    quantized_export.export(run, tmp_path, _SINGLE_SCALE, settings)
  assert not list(tmp_path.iterdir())


def test_a_checkpoint_without_a_training_is_calibrated_on_its_records(run):
  validation = {"input_path": digits.records()}
  params = run.params.replace(
    task={"train_data": {"input_path": ""}, "validation_data": validation}
  )
  other = dataclasses.replace(run, params=params)
  settings = quantized_export.Settings(_SIZE, calibration_images=8)
  told, opened = quantized_export._open_calibration(other, settings)
  assert told == f"'train' of {digits.records()}"
  assert opened.size == 8
