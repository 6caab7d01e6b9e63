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

"""Trains an experiment with Model Garden's trainer, in its own directory."""

import datetime
import os
import time
from typing import NamedTuple

from absl import logging
from official.core import base_task
from official.core import task_factory
from official.core import train_lib
from official.core import train_utils
import tensorflow as tf
import tf_keras

from deeplab_ssl.evaluation import evaluator as evaluator_lib
from deeplab_ssl.evaluation import metrics
from deeplab_ssl.input import dataset_info
from deeplab_ssl.training import distribution
from deeplab_ssl.training import resolution
from deeplab_ssl.training import sample_grid

PARAMS_FILE = "params.yaml"
DATASET_FILE = dataset_info.DATASET_FILE


class _Progress:
  """Orbit action that prints how long the rest of the training will take."""

  def __init__(self, total_steps, global_step):
    self._total = total_steps
    self._step = global_step
    self._started = None

  def __call__(self, output):
    del output  # Orbit prints it.
    step, now = int(self._step.numpy()), time.monotonic()
    if self._started is None:  # The first loop also traced the graph.
      self._started = step, now
      return
    first_step, first_time = self._started
    rate = (step - first_step) / (now - first_time)
    left = datetime.timedelta(seconds=round((self._total - step) / rate))
    print(
      f"train | step {step} of {self._total}, {rate:.2f} steps/s, ETA {left}",
      flush=True,
    )


def write_run(
  params, dataset: dataset_info.DatasetInfo | None, model_dir: str
) -> None:
  """Writes a resolved configuration and its data set into a run directory.

  Args:
    params: the `ExperimentConfig`, from `resolution.resolve`.
    dataset: its data set, or None.
    model_dir: the directory, which is made.
  """
  tf.io.gfile.makedirs(model_dir)
  if dataset:
    path = os.path.join(model_dir, DATASET_FILE)
    if params.task.dataset != path:
      dataset_info.save_dataset_info(dataset, path)
  train_utils.serialize_config(params, model_dir)


class Outcome(NamedTuple):
  """What a training leaves in memory; the rest is in its directory.

  Attributes:
    model: the trained model.
    task: the task, with the opponents of the model.
    scores: those of the last validation; None without one.
  """

  model: tf_keras.Model
  task: base_task.Task
  scores: metrics.Scores | None


def _make_trainer(params, task, mode, model_dir):
  """Returns Model Garden's trainer, which checkpoints the opponents too."""
  trainer = train_utils.create_trainer(
    params,
    task,
    train=True,
    evaluate="eval" in mode,
    checkpoint_exporter=train_utils.maybe_create_best_ckpt_exporter(
      params, model_dir
    ),
  )
  for opponent in _opponents(task):
    setattr(trainer.checkpoint, opponent.name, opponent)
  return trainer


def _opponents(task):
  # Model Garden's own tasks have none.
  return getattr(task, "opponents", ())


def _eval_actions(params, task, trainer, mode, model_dir):
  if "eval" not in mode or not params.task.allow_image_summary:
    return []
  folder = os.path.join(model_dir, params.trainer.validation_summary_subdir)
  return [
    sample_grid.SampleGrid(task, trainer.model, trainer.global_step, folder)
  ]


def run_experiment(
  params,
  mode: str,
  model_dir: str,
  strategy: tf.distribute.Strategy | None = None,
) -> Outcome:
  """Trains, or trains and evaluates, an experiment; resumes what is there.

  Args:
    params: the `ExperimentConfig`; it stays as it is.
    mode: "train" or "train_and_eval".
    model_dir: directory of checkpoints, logs and the resolved configuration.
    strategy: distribution strategy; None takes the configured one.

  Returns:
    The `Outcome`.

  Raises:
    ValueError: if the experiment cannot be trained, before anything is written.
    FileNotFoundError: if the data are not there, likewise.
  """
  params, dataset = resolution.resolve(params)
  strategy = strategy or distribution.distribution_strategy(params.runtime)
  write_run(params, dataset, model_dir)
  if params.task.train_data.seed is not None:
    tf_keras.utils.set_random_seed(params.task.train_data.seed)
  logging.info("Training on %d replica(s)", strategy.num_replicas_in_sync)
  evaluator, options = None, {}
  with strategy.scope():
    if dataset:
      evaluator = evaluator_lib.Evaluator(dataset)
      options = {"dataset": dataset, "evaluator": evaluator}
    task = task_factory.get_task(params.task, logging_dir=model_dir, **options)
    trainer = _make_trainer(params, task, mode, model_dir)
  model, _ = train_lib.run_experiment(
    strategy,
    task,
    mode,
    params,
    model_dir,
    trainer=trainer,
    train_actions=[
      _Progress(params.trainer.train_steps, trainer.global_step),
      *(opponent.watch for opponent in _opponents(task)),
    ],
    eval_actions=_eval_actions(params, task, trainer, mode, model_dir),
  )
  scores = evaluator.scores() if evaluator and "eval" in mode else None
  return Outcome(model, task, scores)
