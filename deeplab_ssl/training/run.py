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

import contextlib
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
from deeplab_ssl.checkpoints import manager
from deeplab_ssl.checkpoints import progress
from deeplab_ssl.checkpoints import run_checkpoints
from deeplab_ssl.distribution import strategies
from deeplab_ssl.distribution import workers as workers_lib
from deeplab_ssl.evaluation import evaluator as evaluator_lib
from deeplab_ssl.evaluation import metrics
from deeplab_ssl.experiment import consistency
from deeplab_ssl.experiment import resolution
from deeplab_ssl.experiment import sources
from deeplab_ssl.input import dataset_info
from deeplab_ssl.modeling import precision
from deeplab_ssl.training import beginning
from deeplab_ssl.training import console as console_lib
from deeplab_ssl.training import continuation
from deeplab_ssl.training import controller
from deeplab_ssl.training import loss_bound
from deeplab_ssl.training import precision_speed
from deeplab_ssl.training import sample_grid
from deeplab_ssl.training import step_options
from deeplab_ssl.training import stopping
from deeplab_ssl.training import trainer as trainer_lib

PARAMS_FILE = consistency.PARAMS_FILE
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


def _make_best(params, folder, workers, validation):
  """Returns what keeps the best checkpoint; None if the run has none."""
  trainer = params.trainer
  if not (
    trainer.best_checkpoint_export_subdir
    and trainer.best_checkpoint_eval_metric
  ):
    return None
  best = best_checkpoint.BestCheckpoint(
    os.path.join(folder, trainer.best_checkpoint_export_subdir),
    trainer.best_checkpoint_eval_metric,
    trainer.best_checkpoint_metric_comp,
    validation and sources.told(params.task.validation_data, validation),
  )
  best.go_on_from(workers.from_chief(lambda: best.best_ckpt_logs))
  return best


def _make_trainer(params, task, mode, best, stop, start):
  """Returns the trainer; under the scope of the strategy."""
  with precision.scope(params.runtime.mixed_precision_dtype):
    model = task.build_model()
  return trainer_lib.Trainer(
    params,
    task,
    model=model,
    optimizer=train_utils.create_optimizer(task, params),
    evaluate="eval" in mode,
    checkpoint_exporter=best if "eval" in mode else None,
    stop=stop,
    first_place=start.images_seen,
  )


def _eval_actions(params, task, trainer, mode, folder):
  if "eval" not in mode or not params.task.allow_image_summary:
    return []
  folder = os.path.join(folder, params.trainer.validation_summary_subdir)
  return [
    sample_grid.SampleGrid(task, trainer.model, trainer.global_step, folder)
  ]


class _Runner(train_lib.OrbitExperimentRunner):
  """Model Garden's runner, which goes on from a given checkpoint.

  Model Garden's own looks for one where it writes, which in all workers but the
  chief is a folder that nobody has written yet. Its own answers to SIGTERM and
  to a loss that grows are left out; the trainer's and `LossBound` stand for
  them.
  """

  def __init__(self, strategy, task, mode, params, *args, first, **kwargs):
    self._first = first
    left_out = {
      "preemption_on_demand_checkpoint": False,
      "recovery_max_trials": -1,
    }
    super().__init__(
      strategy, task, mode, params.replace(trainer=left_out), *args, **kwargs
    )
    self.controller.train_actions += (
      loss_bound.LossBound(
        params.trainer, self.trainer, self.checkpoint_manager
      ),
    )

  def _maybe_build_checkpoint_manager(self):
    return manager.CheckpointManager(
      self.trainer.checkpoint,
      directory=self.model_dir,
      max_to_keep=self.params.trainer.max_to_keep,
      step_counter=self.trainer.global_step,
      checkpoint_interval=self.params.trainer.checkpoint_interval,
      init_fn=self.trainer.initialize,
      first=self._first,
    )


def run_experiment(
  params,
  mode: str,
  model_dir: str,
  strategy: tf.distribute.Strategy | None = None,
) -> Outcome:
  """Trains, or trains and evaluates, an experiment; goes on where it stopped.

  A training that was interrupted, in whatever way, and is run again ends with
  the same weights as one that was not. SIGTERM saves and ends the process. Of
  several workers the chief alone writes into the directory, which all of them
  must see; SIGTERM to one of them ends all of them after the same step.

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
    NotADirectoryError: if a file is in the place of one of its folders.
    BlockingIOError: if another process trains in the directory.
    loss_bound.LossTooLargeError: if the loss exceeds its bound.
    finite.NotFiniteError: if the weights are not finite where a checkpoint is
      due; earlier ones stay.
    rendezvous.PeersMissingError: if another worker does not come.
    workers.PeerLostError: if another worker ends before the training does.
    stopping.Stopped: on SIGTERM, when the checkpoint is written.
  """
  params, dataset, source = resolution.resolve(params)
  strategy = strategy or strategies.distribution_strategy(params.runtime)
  options = step_options.step_options(params, strategy)
  precision_speed.warn_if_slower(params.runtime.mixed_precision_dtype)
  workers = workers_lib.Workers(strategy)
  with (
    workers.watched(),
    stopping.on_sigterm(workers.any_of if workers.several else None) as stop,
    controller.quiet_orbit(),
    console_lib.Console(params.trainer.train_steps, sys.stdout) as console,
    contextlib.ExitStack() as stack,
  ):
    params, start = stack.enter_context(
      beginning.hold(
        params, dataset, source, os.path.join(model_dir, PARAMS_FILE), workers
      )
    )
    folder = model_dir
    if not workers.is_chief:
      folder = stack.enter_context(tempfile.TemporaryDirectory())
    session = _Session(
      mode, model_dir, folder, start, options, workers, stop, console
    )
    return _train(params, dataset, source, session)


class _Session(NamedTuple):
  """What a training has to do with beside its configuration and data.

  Attributes:
    mode: "train" or "train_and_eval".
    model_dir: directory of the run.
    folder: what this worker writes into: the same, or one that is thrown away.
      All workers must save, since reading some variables sums them up.
    start: where the training begins.
    step_options: how its steps are computed.
    workers: who trains together.
    stop: asked whether to end.
    console: told how it goes.
  """

  mode: str
  model_dir: str
  folder: str
  start: continuation.Start
  step_options: step_options.StepOptions
  workers: workers_lib.Workers
  stop: stopping.StopRequest
  console: console_lib.Console


def _train(params, dataset, source, session):
  mode, folder, start = session.mode, session.folder, session.start
  if params.task.train_data.seed is not None:
    tf_keras.utils.set_random_seed(params.task.train_data.seed)
  evaluator, validation = None, None
  options = {"step_options": session.step_options}
  if dataset and "eval" in mode:
    validation = sources.open_source(params.task.validation_data)
  with session.workers.strategy.scope():
    if dataset:
      evaluator = evaluator_lib.Evaluator(dataset)
      options |= {
        "dataset": dataset,
        "evaluator": evaluator,
        "train_source": source,
        "validation_source": validation,
        "first_place": start.images_seen,
      }
    task = task_factory.get_task(params.task, logging_dir=folder, **options)
    best = _make_best(params, folder, session.workers, validation)
    trainer = _make_trainer(params, task, mode, best, session.stop, start)
  if session.workers.is_chief:
    run_checkpoints.prepare(session.model_dir, start.checkpoint)
  runner = _Runner(
    session.workers.strategy,
    task,
    mode,
    params,
    folder,
    first=start.checkpoint,
    trainer=trainer,
    train_actions=[opponent.watch for opponent in trainer.opponents],
    eval_actions=_eval_actions(params, task, trainer, mode, folder),
    controller_cls=functools.partial(
      controller.Controller,
      console=session.console,
      model_dir=session.model_dir,
      workers=session.workers,
      progress=_progress(session),
    ),
  )
  if session.workers.is_chief:
    write_run(params, dataset, session.model_dir)
    if source:
      continuation.write_records(session.model_dir, source)
  model, _ = runner.run()
  scores = evaluator.scores() if evaluator else None
  # A run that was finished before has nothing to count.
  counted = scores is not None and scores.matrix.sum() > 0
  return Outcome(model, task, scores if counted else None)


def _progress(session):
  """Returns which validation is done, in all workers what the chief knows."""
  found = progress.Progress(session.folder)
  found.go_on_from(session.workers.from_chief(lambda: found.step))
  return found
