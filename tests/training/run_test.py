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

import contextlib
import json
import os
import shutil
from unittest import mock

import numpy as np
import pytest
from tensorboard.backend.event_processing import event_accumulator
import tensorflow as tf

from deeplab_ssl.checkpoints import best_checkpoint
from deeplab_ssl.evaluation import metrics
from deeplab_ssl.runs import logs
from deeplab_ssl.runs import run_directory
from deeplab_ssl.runs import trained_run
from deeplab_ssl.training import controller
from deeplab_ssl.training import run
from deeplab_ssl.training import trainer
from tests import digits


def test_run_writes_configuration_data_set_checkpoints_and_logs():
  model_dir = digits.trained_dir()
  found = set(os.listdir(model_dir))
  assert {"params.yaml", "dataset.yaml", "best", "train"} <= found
  assert "ckpt-4.index" in found
  params = run_directory.load_configuration(model_dir)
  assert params.task.model.num_classes == 11
  assert params.task.validation_data.input_path == digits.records()
  curves = logs.read_scalars(model_dir)
  for name in ("hard_fraction", "error_mean", "error_max", "structural"):
    assert curves[name][0] == [2, 4]
    assert np.isfinite(curves[name][1]).all()
  assert curves["learning_rate"][1][0] > curves["learning_rate"][1][1]


def test_validation_shows_scores_and_samples_in_tensorboard():
  events = event_accumulator.EventAccumulator(
    f"{digits.trained_dir()}/validation"
  )
  events.Reload()
  tags = set(events.Tags()["tensors"])
  assert {"iou/background", "mean_iou", "samples"} <= tags
  assert "validation_loss" not in tags  # There is none to show.
  (drawn,) = events.Tensors("samples")
  assert drawn.step == 4
  width, height, picture = tf.make_ndarray(drawn.tensor_proto)
  grid = tf.io.decode_png(picture).numpy()
  assert grid.shape == (int(height), int(width), 3) == (4 * 240, 3 * 320, 3)
  image, truth, _ = np.split(grid[:129], 3, axis=1)
  assert image.std() > 0
  assert (image != truth).any()


def test_training_resumes_where_it_stopped(tmp_path):
  model_dir = str(shutil.copytree(digits.trained_dir(), tmp_path / "run"))
  params = digits.experiment()
  params.trainer.train_steps = 6
  run.run_experiment(params, "train", model_dir)
  assert "ckpt-6.index" in os.listdir(model_dir)
  assert logs.read_scalars(model_dir)["structural"][0] == [2, 4, 6]


def _state(model_dir):
  """All that the last and the best checkpoint hold, and the best scores."""
  state = {}
  for folder in (model_dir, f"{model_dir}/best"):
    reader = tf.train.load_checkpoint(tf.train.latest_checkpoint(folder))
    for name in reader.get_variable_to_shape_map():
      if not name.startswith(("save_counter", "_CHECKPOINTABLE")):
        state[folder.removeprefix(model_dir), name] = reader.get_tensor(name)
  with open(f"{model_dir}/best/info.json") as file:
    return state, json.load(file)


class _KilledError(Exception):
  """Ends a training as a kill does: nothing is saved."""


def _validated_often():
  params = digits.experiment()
  params.trainer.validation_interval = 2
  return params


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
  """What a training ends with that nothing has interrupted."""
  folder = str(tmp_path_factory.mktemp("uninterrupted"))
  run.run_experiment(_validated_often(), "train_and_eval", folder)
  return _state(folder)


# `make torture` kills trainings in earnest.
@pytest.mark.parametrize(
  "place",
  [
    (trainer.Trainer, "train_loop_end"),
    pytest.param(
      (best_checkpoint.BestCheckpoint, "maybe_export_checkpoint"),
      marks=pytest.mark.slow,
    ),
  ],
)
def test_a_killed_training_goes_on_bit_identically(
  place, uninterrupted, tmp_path
):
  calls, original = iter(range(100)), getattr(*place)

  def killed_the_second_time(*args, **kwargs):
    if next(calls):
      raise _KilledError
    return original(*args, **kwargs)

  model_dir = str(tmp_path / "run")
  with (
    mock.patch.object(*place, killed_the_second_time),
    mock.patch.object(
      controller.Controller, "_saved_first", contextlib.nullcontext
    ),
    pytest.raises(_KilledError),
  ):
    run.run_experiment(_validated_often(), "train_and_eval", model_dir)
  run.run_experiment(_validated_often(), "train_and_eval", model_dir)
  (expected, scores), (actual, found) = uninterrupted, _state(model_dir)
  assert expected.keys() == actual.keys()
  for name, value in expected.items():
    np.testing.assert_array_equal(actual[name], value, str(name))
  assert scores == found


def test_another_training_leaves_the_run_as_it_was(tmp_path):
  model_dir = str(shutil.copytree(digits.trained_dir(), tmp_path / "run"))
  before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
  params = digits.experiment(model={"atrous_rates": [3]})
  with pytest.raises(ValueError, match=r"atrous_rates was \[2\] and is \[3\]"):
    run.run_experiment(params, "train", model_dir)
  after = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
  assert before == after


def test_a_finished_training_has_nothing_to_do(tmp_path, capsys):
  model_dir = str(shutil.copytree(digits.trained_dir(), tmp_path / "run"))
  outcome = run.run_experiment(digits.experiment(), "train_and_eval", model_dir)
  assert "nothing to do: step 4 of 4" in capsys.readouterr().out
  assert outcome.scores is None


@pytest.mark.parametrize(
  "split, best",
  [pytest.param("val", 4, marks=pytest.mark.slow), ("train", 6)],
)
def test_the_best_score_of_other_images_is_not_compared_with(
  split, best, tmp_path, caplog
):
  model_dir = str(shutil.copytree(digits.trained_dir(), tmp_path / "run"))
  # The same images, wherever they lie.
  records = shutil.copytree(digits.records(), tmp_path / "records")
  info = tmp_path / "run" / "best" / "info.json"
  perfect = json.loads(info.read_text()) | {"mean_iou": 1.0}
  del perfect["crc32"]
  info.write_text(json.dumps(perfect))
  params = digits.experiment()
  params.trainer.train_steps = 6
  data = {"split": split, "input_path": str(records)}
  params.override({"task": {"validation_data": data}})
  run.run_experiment(params, "train_and_eval", model_dir)
  found = json.loads(info.read_text())
  assert found["best_ckpt_global_step"] == best
  assert ("best/info.json are of 4 images" in caplog.text) == (split == "train")
  assert ("8 images (checksum" in found["validation_data"]) == (
    split == "train"
  )


def test_a_seed_that_is_not_given_is_recorded_and_kept(tmp_path):
  params = digits.experiment(train_data={"seed": None})
  params.trainer.train_steps = 2
  model_dir = str(tmp_path / "run")
  run.run_experiment(params, "train", model_dir)
  assert params.task.train_data.seed is None
  seed = run_directory.load_configuration(model_dir).task.train_data.seed
  assert isinstance(seed, int)
  params.trainer.train_steps = 4
  run.run_experiment(params, "train", model_dir)
  assert (
    run_directory.load_configuration(model_dir).task.train_data.seed == seed
  )


def test_a_lost_record_is_told_before_anything_is_written(tmp_path):
  records = shutil.copytree(digits.records(), tmp_path / "records")
  (first, *_) = sorted(records.glob("train-*"))
  first.write_bytes(b"")
  params = digits.experiment(train_data={"input_path": str(records)})
  with pytest.raises(ValueError, match="'train' in .* hold . records; .* 8"):
    run.run_experiment(params, "train", str(tmp_path / "run"))
  assert not (tmp_path / "run").exists()


def test_weights_that_are_not_finite_are_not_saved(tmp_path):
  end = trainer.Trainer.train_loop_end

  def ruined(self):
    self.model.non_trainable_variables[0].assign_add(
      tf.fill(self.model.non_trainable_variables[0].shape, np.nan)
    )
    return end(self)

  with (
    mock.patch.object(trainer.Trainer, "train_loop_end", ruined),
    pytest.raises(ValueError, match="step 2 the variable .* is not finite"),
  ):
    run.run_experiment(
      digits.experiment(), "train_and_eval", str(tmp_path / "run")
    )
  assert not list(tmp_path.rglob("ckpt-*"))


def test_the_configuration_that_is_given_stays_as_it_is():
  trained = digits.trained()
  assert trained.after == trained.before
  scores = trained.outcome.scores
  assert isinstance(scores, metrics.Scores)
  assert scores.matrix.sum() > 0


@pytest.mark.parametrize(
  "override, error, message",
  [
    ({"train_data": {"input_path": ""}}, ValueError, "input_path is empty"),
    (
      {"train_data": {"input_path": "/nowhere"}},
      FileNotFoundError,
      "'/nowhere', which is no folder",
    ),
  ],
)
def test_missing_data_is_told_before_anything_is_written(
  override, error, message, tmp_path
):
  params = digits.experiment(**override)
  with pytest.raises(error, match=message):
    run.run_experiment(params, "train", str(tmp_path / "run"))
  assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_training_goes_on_in_another_precision(tmp_path):
  outcome = None
  for steps, dtype in ((2, "float16"), (4, None), (6, "bfloat16")):
    params = digits.experiment()
    params.override(
      {
        "trainer": {"train_steps": steps},
        "runtime": {"mixed_precision_dtype": dtype},
      }
    )
    outcome = run.run_experiment(params, "train", str(tmp_path))
  assert outcome.model.compute_dtype == "bfloat16"
  assert {v.dtype for v in outcome.model.variables} == {tf.float32}
  curves = logs.read_scalars(str(tmp_path))
  assert curves["skipped_steps"] == ([2], [0])
  assert curves["loss_scale"][1] == [2**15]
  assert np.isfinite(curves["training_loss"][1]).all()
  trained = trained_run.TrainedRun.open(str(tmp_path))
  assert trained.model().compute_dtype == "bfloat16"
  assert trained.in_precision(None).model().compute_dtype == "float32"
