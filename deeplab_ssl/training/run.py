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

import functools
import os
import sys
import tempfile
from typing import NamedTuple

from official.core import base_task
from official.core import task_factory
from official.core import train_lib
from official.core import train_utils
import tensorflow as tf
import tf_keras

from deeplab_ssl.checkpoints import best_checkpoint
from deeplab_ssl.checkpoints import progress
from deeplab_ssl.checkpoints import run_checkpoints
from deeplab_ssl.checkpoints import run_lock
from deeplab_ssl.evaluation import evaluator as evaluator_lib
from deeplab_ssl.evaluation import metrics
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import pipeline
from deeplab_ssl.training import configs
from deeplab_ssl.training import console as console_lib
from deeplab_ssl.training import continuation
from deeplab_ssl.training import controller
from deeplab_ssl.training import distribution
from deeplab_ssl.training import resolution
from deeplab_ssl.training import sample_grid
from deeplab_ssl.training import sources
from deeplab_ssl.training import stopping
from deeplab_ssl.training import trainer as trainer_lib

PARAMS_FILE = "params.yaml"
DATASET_FILE = dataset_info.DATASET_FILE


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


def _make_best(params, model_dir, strategy):
  """Returns what keeps the best checkpoint; None if the run has none."""
  trainer = params.trainer
  if not (
    trainer.best_checkpoint_export_subdir
    and trainer.best_checkpoint_eval_metric
  ):
    return None
  writes = strategy.extended.should_checkpoint
  folder = model_dir if writes else tempfile.mkdtemp()
  return best_checkpoint.BestCheckpoint(
    os.path.join(folder, trainer.best_checkpoint_export_subdir),
    trainer.best_checkpoint_eval_metric,
    trainer.best_checkpoint_metric_comp,
    writes,
  )


def _make_trainer(params, task, mode, best, stop, start):
  """Returns the trainer; under the scope of the strategy."""
  return train_utils.create_trainer(
    params,
    task,
    train=True,
    evaluate="eval" in mode,
    checkpoint_exporter=best if "eval" in mode else None,
    trainer_cls=functools.partial(
      trainer_lib.Trainer, stop=stop, first_place=start.images_seen
    ),
  )


def _eval_actions(params, task, trainer, mode, model_dir):
  if "eval" not in mode or not params.task.allow_image_summary:
    return []
  folder = os.path.join(model_dir, params.trainer.validation_summary_subdir)
  return [
    sample_grid.SampleGrid(task, trainer.model, trainer.global_step, folder)
  ]


def _with_seed(params, model_dir):
  """Returns a configuration whose seed is that of the run, or a new one.

  So that a training can go on as it began, whether or not it was given a seed.
  """
  data = params.task.train_data
  if not isinstance(params.task, configs.SegmentationTask) or (
    data.seed is not None
  ):
    return params
  path = os.path.join(model_dir, PARAMS_FILE)
  seed = continuation.recorded_seed(path)
  seed = pipeline.draw_seed() if seed is None else seed
  return params.replace(task={"train_data": {"seed": seed}})


def run_experiment(
  params,
  mode: str,
  model_dir: str,
  strategy: tf.distribute.Strategy | None = None,
) -> Outcome:
  """Trains, or trains and evaluates, an experiment; goes on where it stopped.

  A training that was interrupted, in whatever way, and is run again ends with
  the same weights as one that was not. SIGTERM saves and ends the process.

  Args:
    params: the `ExperimentConfig`; it stays as it is.
    mode: "train" or "train_and_eval".
    model_dir: directory of checkpoints, logs and the resolved configuration.
    strategy: distribution strategy; None takes the configured one.

  Returns:
    The `Outcome`.

  Raises:
    ValueError: if the experiment cannot be trained, or the directory holds
      another training, before anything is written.
    FileNotFoundError: if the data are not there, likewise.
    BlockingIOError: if another process trains in the directory.
    finite.NotFiniteError: if the weights are not finite where a checkpoint is
      due; earlier ones stay.
    stopping.Stopped: on SIGTERM, when the checkpoint is written.
  """
  params, dataset = resolution.resolve(_with_seed(params, model_dir))
  strategy = strategy or distribution.distribution_strategy(params.runtime)
  with (
    run_lock.hold(model_dir),
    stopping.on_sigterm() as stop,
    controller.quiet_orbit(),
    console_lib.Console(params.trainer.train_steps, sys.stdout) as console,
  ):
    return _train(params, dataset, mode, model_dir, strategy, stop, console)


def _train(params, dataset, mode, model_dir, strategy, stop, console):
  source = sources.open_source(params.task.train_data) if dataset else None
  start = continuation.find_start(
    model_dir, params.task.train_data.global_batch_size
  )
  params_file = os.path.join(model_dir, PARAMS_FILE)
  continuation.check_same(params, params_file, dataset, source, start)
  if source and not start.checkpoint:
    sources.check_learnable(source, dataset)
  if params.task.train_data.seed is not None:
    tf_keras.utils.set_random_seed(params.task.train_data.seed)
  evaluator, options = None, {}
  with strategy.scope():
    if dataset:
      evaluator = evaluator_lib.Evaluator(dataset)
      options = {
        "dataset": dataset,
        "evaluator": evaluator,
        "first_place": start.images_seen,
      }
    task = task_factory.get_task(params.task, logging_dir=model_dir, **options)
    best = _make_best(params, model_dir, strategy)
    trainer = _make_trainer(params, task, mode, best, stop, start)
  run_checkpoints.prepare(model_dir, start.checkpoint)
  writes = strategy.extended.should_checkpoint
  runner = train_lib.OrbitExperimentRunner(
    strategy,
    task,
    mode,
    params,
    model_dir,
    trainer=trainer,
    train_actions=[opponent.watch for opponent in trainer.opponents],
    eval_actions=_eval_actions(params, task, trainer, mode, model_dir),
    controller_cls=functools.partial(
      controller.Controller,
      console=console,
      progress=progress.Progress(model_dir if writes else None),
    ),
  )
  if writes:
    write_run(params, dataset, model_dir)
    if source:
      continuation.write_records(model_dir, source)
  model, _ = runner.run()
  scores = evaluator.scores() if evaluator else None
  # A run that was finished before has nothing to count.
  counted = scores is not None and scores.matrix.sum() > 0
  return Outcome(model, task, scores if counted else None)
