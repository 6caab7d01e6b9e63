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

"""Finished runs are found by their names and asked as they were evaluated."""

import json
import types
from unittest import mock

from absl import app
import numpy as np
import pytest
import tensorflow as tf

from benchmarks import finished_runs
from deeplab_ssl.runs import trained_run
from tests import digits

_RUN, _RUN_AT_2 = "vessels/stride_4/bce/seed2", "vessels/stride_2/ssl_3/seed2"
# As `deeplab_ssl.reproduce` names them: the evaluation is part of the name.
_SCORES = f"{_RUN}/scores.json"
_SCORES_AT_2 = f"{_RUN_AT_2}/scores_eval_scales_2.0.json"


@pytest.fixture
def model_dir(tmp_path):
  """Runs of DRIVE as far as their scores; nothing is loaded."""
  for scores in (_SCORES, _SCORES_AT_2):
    path = tmp_path / scores
    path.parent.mkdir(parents=True)
    path.write_text('{"mean_iou": 0.5}')
  opened = mock.patch.object(trained_run.TrainedRun, "open")
  images = mock.patch.object(finished_runs, "images_of")
  with opened, images as made:
    made.side_effect = lambda run, scales: iter(scales)
    yield tmp_path


def _scores(images):
  return {"mean_iou": 0.5, "images": list(images)}


def test_runs_are_recorded_as_a_suite_has_them(model_dir):
  first, second = finished_runs.measure(
    str(model_dir), [_RUN, _RUN_AT_2], _scores
  )
  expected = {"mean_iou": 0.5, "images": [1.0]}
  assert first["rows"] == {
    "vessels/stride_4/bce": {"method": "BCE", "runs": {"seed 2": expected}}
  }
  # The suite shows images of twice the size at stride 2.
  runs = second["rows"]["vessels/stride_2/ssl_3"]["runs"]
  assert runs["seed 2"]["images"] == [2.0]


def _record(row, seed, score):
  run = {"mean_iou": score}
  return {"rows": {row: {"method": row.upper(), "runs": {seed: run}}}}


def test_a_record_grows_by_other_runs():
  record = {"rows": {}}
  for args in (
    ("ce", "seed 1", 0.5),
    ("ce", "seed 2", 0.6),
    ("bce", "seed 1", 0.7),
  ):
    record = finished_runs.merged(record, _record(*args))
  assert finished_runs.merged(record, record) == record
  assert record["rows"]["ce"]["method"] == "CE"
  assert {name: list(row["runs"]) for name, row in record["rows"].items()} == {
    "ce": ["seed 1", "seed 2"],
    "bce": ["seed 1"],
  }
  with pytest.raises(ValueError, match="ce, seed 2 is recorded with other val"):
    finished_runs.merged(record, _record("ce", "seed 2", 0.61))
  assert record["rows"]["ce"]["runs"]["seed 2"] == {"mean_iou": 0.6}


def _flags(model_dir, output):
  values = {"model_dir": str(model_dir), "output": str(output)}
  flags = {name: types.SimpleNamespace(value=v) for name, v in values.items()}
  return mock.patch.object(finished_runs.flags, "FLAGS", flags)


def test_what_is_measured_is_kept_when_a_run_fails(model_dir, tmp_path):
  (model_dir / _SCORES_AT_2).write_text('{"mean_iou": 0.25}')
  path = tmp_path / "found.json"
  argv = ["command", _RUN, _RUN_AT_2]
  with (
    _flags(model_dir, path),
    pytest.raises(app.UsageError, match="evaluated otherwise"),
  ):
    finished_runs.main(argv, _scores)
  kept = json.loads(path.read_text())
  assert list(kept["rows"]) == ["vessels/stride_4/bce"]


@pytest.mark.parametrize(
  "text, message",
  [
    ("{}", "holds no recorded runs"),
    ('{"CE": {"seed 1": {"mean_iou": 0.5}}}', "is no record of runs by their"),
  ],
)
def test_a_file_of_another_kind_is_not_touched(
  text, message, model_dir, tmp_path
):
  path = tmp_path / "other.json"
  path.write_text(text)
  with _flags(model_dir, path), pytest.raises(app.UsageError, match=message):
    finished_runs.main(["command", _RUN], _scores)
  assert path.read_text() == text
  finished_runs.images_of.assert_not_called()


def test_scores_of_another_evaluation_are_told(model_dir):
  (model_dir / _SCORES).write_text('{"mean_iou": 0.25}')
  with pytest.raises(ValueError, match="evaluated otherwise.*0.25000 instead"):
    list(finished_runs.measure(str(model_dir), [_RUN], _scores))


@pytest.mark.parametrize(
  "name, message",
  [
    ("vessels/ce", "SUITE/SETTING/ROW/seedN is expected"),
    ("vessels/stride_4/ce/seed_1", "SUITE/SETTING/ROW/seedN is expected"),
    ("vessels/stride_4/bec/seed2", "the suite has only .*stride_4/bce"),
    ("vessels/stride_4/ce/seed2", "no .*ce/seed2/scores.json: reproduce it fi"),
    ("vessels/stride_2/ce/seed2", "no .*scores_eval_scales_2.0.json: reproduc"),
    (_RUN, "is given twice"),
  ],
)
def test_names_are_looked_at_first(name, message, model_dir):
  with pytest.raises(ValueError, match=message):
    next(finished_runs.measure(str(model_dir), [_RUN, name], _scores))
  finished_runs.images_of.assert_not_called()


def test_another_evaluation_than_scales_is_refused(model_dir):
  row = "digits_finetune/from_bce/ce+split=val_a"
  folder = model_dir / "digits_finetune/from_bce/ce/seed1"
  folder.mkdir(parents=True)
  (folder / "scores_split_val_a.json").write_text('{"mean_iou": 0.5}')
  with pytest.raises(ValueError, match="with split are not known here"):
    next(finished_runs.measure(str(model_dir), [_RUN, f"{row}/seed1"], _scores))
  finished_runs.images_of.assert_not_called()


def test_a_command_needs_a_run():
  with pytest.raises(app.UsageError, match="Give runs below --model_dir"):
    finished_runs.main(["command"], _scores)


def test_more_than_two_classes_are_refused():
  run = trained_run.TrainedRun.open(digits.trained_dir(), "last")
  with pytest.raises(ValueError, match="has 11 classes; two are expected"):
    next(finished_runs.images_of(run))


def test_the_mean_iou_is_that_of_two_classes():
  matrix = np.array([[6, 2], [1, 3]])
  assert finished_runs.mean_iou(matrix) == pytest.approx((6 / 9 + 3 / 6) / 2)


class _Model:
  """The red channel says that a pixel is of the second class."""

  size_step, least_size, padding = 1, (1, 1), 0.0
  decoder_output_stride, output_stride = None, 1

  def __init__(self):
    self.seen = []

  def __call__(self, images, training, scale=1.0):
    self.seen.append(images.shape[1:3])
    return tf.stack([0.0 * images[..., 0], images[..., 0] - 127.0], -1)


def _stand_in(model):
  """A run of two classes with one image, whose red says what a pixel is."""
  truth = np.tile([[False, False, False, True, True, True]], [5, 1])
  labels = truth.astype(np.uint8)
  labels[0] = 255
  image = np.repeat(np.where(truth, 255, 0)[..., None], 3, -1)
  example = {"image": image, "label": labels[..., None]}
  return types.SimpleNamespace(
    dataset=types.SimpleNamespace(num_classes=2, ignore_label=255),
    activation="sigmoid",
    model=lambda: model,
    examples=lambda: [
      {key: tf.constant(value)[None] for key, value in example.items()}
    ],
  )


@pytest.mark.parametrize("scales", [(1.0,), (2.0,), (1.0, 2.0)])
def test_images_have_the_margin_of_the_run(scales):
  model = _Model()
  (image,) = finished_runs.images_of(_stand_in(model), scales)
  # A side of n pixels has n - 1 distances, which are scaled.
  sides = [tuple(int(scale * (n - 1) + 1) for n in (5, 6)) for scale in scales]
  assert [tuple(shape) for shape in model.seen] == sides
  np.testing.assert_array_equal(
    image.valid, np.arange(5)[:, None] + [0] * 6 > 0
  )
  np.testing.assert_array_equal(image.truth[1:], [[0, 0, 0, 1, 1, 1]] * 4)
  assert not image.truth[0].any()
  np.testing.assert_array_equal(image.margin > 0, [[0, 0, 0, 1, 1, 1]] * 5)
