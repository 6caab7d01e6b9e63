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

"""Runs an experiment: parse, check, train with Model Garden's trainer."""

from collections.abc import Sequence
import functools
import os
import re
import sys

from official.common import distribute_utils
from official.core import exp_factory
from official.core import task_factory
from official.core import train_lib
from official.core import train_utils
from official.modeling import hyperparams
import tensorflow as tf
import tf_keras
import yaml

from deeplab_ssl.common import suggestions
from deeplab_ssl.input import dataset_info
from deeplab_ssl.training import configs
from deeplab_ssl.training import console as console_lib
from deeplab_ssl.training import controller
from deeplab_ssl.training import experiments
from deeplab_ssl.training import field_types
from deeplab_ssl.training import pixel_losses
from deeplab_ssl.training import sample_grid
from deeplab_ssl.training import sources

PARAMS_FILE = "params.yaml"
DATASET_FILE = "dataset.yaml"


def parse_experiment(
  experiment: str,
  config_files: Sequence[str] = (),
  params_override: str = "",
):
  """Builds the configuration of an experiment.

  Args:
    experiment: registered name, e.g. "deeplab_ssl".
    config_files: YAML files, applied in order.
    params_override: YAML text or file, or "a.b=1,c=2", applied last.

  Returns:
    The `ExperimentConfig`, checked for consistency.

  Raises:
    ValueError: if a name or a key is unknown, naming the nearest one, or a
      value is of another kind than its default.
    FileNotFoundError: if a configuration file is missing.
  """
  try:
    params = exp_factory.get_exp_config(experiment)
  except LookupError as error:
    raise ValueError(
      f"Unknown experiment {experiment!r}."
      f"{suggestions.did_you_mean(experiment, experiments.NAMES)} Known are "
      f"{experiments.NAMES} and those of Model Garden."
    ) from error
  defaults = params.as_dict()
  for override in (*config_files, params_override):
    if not override:
      continue
    if override in config_files and not tf.io.gfile.exists(override):
      raise FileNotFoundError(f"There is no configuration file {override}.")
    try:
      hyperparams.override_params_dict(params, override, is_strict=True)
    except yaml.YAMLError as error:
      raise ValueError(f"{override} is not valid YAML: {error}") from error
    except KeyError as error:
      key = re.search(r"key `?'?([\w.]+)`?'?", str(error))
      known = _keys(params.as_dict())
      hint = ""
      if key:
        last = key.group(1).rsplit(".", 1)[-1]
        hint = suggestions.did_you_mean(last, known)
      raise ValueError(
        f"Unknown configuration key in {override}: {error}.{hint}"
      ) from error
  field_types.check(defaults, params.as_dict())
  params.validate()
  return params


def _keys(tree):
  keys = []
  for key, value in tree.items():
    keys += [key, *(_keys(value) if isinstance(value, dict) else [])]
  return keys


def distribution_strategy(runtime) -> tf.distribute.Strategy:
  """Returns the strategy of a runtime configuration.

  Args:
    runtime: `RuntimeConfig`; `num_gpus: -1` takes all GPUs, and a machine
      without one trains on the CPU.

  Returns:
    A MirroredStrategy unless the configuration names another.
  """
  gpus = runtime.num_gpus
  if gpus < 0:
    gpus = len(tf.config.list_physical_devices("GPU"))
  return _strategy(
    runtime.distribution_strategy, runtime.all_reduce_alg, gpus, runtime.tpu
  )


@functools.cache
def _strategy(name, all_reduce_alg, num_gpus, tpu):
  # One per process: a second MirroredStrategy restarts the numbering of its
  # collectives, and TensorFlow aborts when they meet those of the first.
  return distribute_utils.get_distribution_strategy(
    distribution_strategy=name,
    all_reduce_alg=all_reduce_alg,
    num_gpus=num_gpus,
    tpu_address=tpu,
  )


def resolve_steps(params) -> None:
  """Lets the learning rate end with the training unless it says otherwise."""
  rate = params.trainer.optimizer_config.learning_rate
  if rate.type == "deeplab":
    rate.deeplab.training_number_of_steps = (
      rate.deeplab.training_number_of_steps or params.trainer.train_steps
    )
  losses = getattr(params.task, "losses", None)
  if isinstance(losses, configs.LossTerms):
    losses.decay_steps = losses.decay_steps or params.trainer.train_steps


def _check_runnable(params):
  """Raises ValueError or FileNotFoundError before anything is written."""
  if params.runtime.mixed_precision_dtype:
    raise ValueError(
      "runtime.mixed_precision_dtype is not supported. Received: "
      f"{params.runtime.mixed_precision_dtype!r}; leave it out."
    )
  if isinstance(getattr(params.task, "losses", None), configs.LossTerms):
    pixel_losses.check(params.task.losses)
  if not isinstance(params.task, configs.SegmentationTask):
    return
  configs.check_adversarial(params.task.adversarial)
  sources.check_source(params.task.train_data)
  for data in (params.task.train_data, params.task.validation_data):
    sources.check_classes(
      params.task,
      data,
      "Or leave task.dataset out, to train by the classes beside the records; "
      "for other names of the same classes, train on a folder with links to "
      "the shards and a dataset.yaml of its own.",
    )


def record_run(params, model_dir: str) -> None:
  """Writes the resolved configuration and the data set into a run directory."""
  resolve_steps(params)
  task = params.task
  ours = isinstance(task, configs.SegmentationTask)
  info = sources.dataset_of(task) if ours else None
  tf.io.gfile.makedirs(model_dir)
  if info:
    path = os.path.join(model_dir, DATASET_FILE)
    if task.dataset != path:
      dataset_info.save_dataset_info(info, path)
    sources.inherit(task)
    task.model.num_classes = info.num_classes
    task.losses.ignore_label = info.ignore_label
  train_utils.serialize_config(params, model_dir)


def run_experiment(
  params,
  mode: str,
  model_dir: str,
  strategy: tf.distribute.Strategy | None = None,
):
  """Trains, or trains and evaluates, an experiment; resumes what is there.

  Args:
    params: the `ExperimentConfig`.
    mode: "train" or "train_and_eval".
    model_dir: directory of checkpoints, logs and the resolved configuration.
    strategy: distribution strategy; None takes the configured one.

  Returns:
    `(model, task)`; `task.scores` holds the last evaluation.
  """
  _check_runnable(params)
  strategy = strategy or distribution_strategy(params.runtime)
  record_run(params, model_dir)
  if params.task.train_data.seed is not None:
    tf_keras.utils.set_random_seed(params.task.train_data.seed)
  with strategy.scope():
    task = task_factory.get_task(params.task, logging_dir=model_dir)
    trainer = train_utils.create_trainer(
      params,
      task,
      train=True,
      evaluate="eval" in mode,
      checkpoint_exporter=train_utils.maybe_create_best_ckpt_exporter(
        params, model_dir
      ),
    )
    opponents = getattr(task, "opponents", ())
    for opponent in opponents:
      setattr(trainer.checkpoint, opponent.name, opponent)
  eval_actions = []
  if "eval" in mode and params.task.allow_image_summary:
    folder = os.path.join(model_dir, params.trainer.validation_summary_subdir)
    eval_actions.append(
      sample_grid.SampleGrid(task, trainer.model, trainer.global_step, folder)
    )
  with (
    console_lib.Console(params.trainer.train_steps, sys.stdout) as console,
    controller.quiet_orbit(),
  ):
    model, _ = train_lib.run_experiment(
      strategy,
      task,
      mode,
      params,
      model_dir,
      trainer=trainer,
      train_actions=[opponent.watch for opponent in opponents],
      eval_actions=eval_actions,
      controller_cls=functools.partial(controller.Controller, console=console),
    )
  return model, task
