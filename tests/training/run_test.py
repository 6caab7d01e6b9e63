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

import os
import shutil

import numpy as np
import pytest
from tensorboard.backend.event_processing import event_accumulator
import tensorflow as tf

from deeplab_ssl.evaluation import metrics
from deeplab_ssl.runs import logs
from deeplab_ssl.runs import run_directory
from deeplab_ssl.training import run
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


def test_mixed_precision_is_refused(tmp_path):
  params = digits.experiment()
  params.runtime.mixed_precision_dtype = "bfloat16"
  with pytest.raises(ValueError, match="bfloat16"):
    run.run_experiment(params, "train", str(tmp_path))
