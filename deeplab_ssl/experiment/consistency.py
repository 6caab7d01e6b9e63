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

"""Refuses an experiment that no training can have, before anything is written.

Each key is checked by its declaration; here stands what keys say together.
"""

import itertools
import operator
import pathlib

from deeplab_ssl.checkpoints import progress
from deeplab_ssl.checkpoints import run_lock
from deeplab_ssl.configuration import data_config
from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import learning_rate
from deeplab_ssl.configuration import rules
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import loss_registry
from deeplab_ssl.experiment import settings
from deeplab_ssl.input import dataset_info
from deeplab_ssl.modeling import option_checks
from deeplab_ssl.modeling.backbones import factory

_TRAIN, _VALIDATION = "task.train_data", "task.validation_data"
# Files of a run that hold its configuration and which images it is trained on.
PARAMS_FILE = "params.yaml"
RECORDS_FILE = "records.json"
# What a run itself writes into its directory, beside "ckpt-STEP...".
_OWN_NAMES = (
  "train",
  "ema_checkpoints",
  "checkpoint",
  PARAMS_FILE,
  RECORDS_FILE,
  dataset_info.DATASET_FILE,
  progress.PROGRESS_FILE,
  run_lock.LOCK_FILE,
)
# {what acts with min_resize_value alone: its default}.
_OF_RESIZING = {
  "max_resize_value": None,
  "resize_factor": None,
  "keep_aspect_ratio": True,
}
_STAGED = ("stepwise", "step_cosine_with_offset")
# The strategies that take every device of a machine.
_ALL_DEVICES = ("multi_worker_mirrored", "tpu")
_REDUCTIONS = {
  "mirrored": ("nccl", "hierarchical_copy"),
  "multi_worker_mirrored": ("nccl", "ring"),
}


def check(params: configs.ExperimentConfig, training: bool = False) -> None:
  """Refuses values that no training can have.

  Args:
    params: the `ExperimentConfig`, of ours or of Model Garden.
    training: whether it is about to be trained: then nothing may be missing.

  Raises:
    ValueError: naming the key, the value and what it may be.
  """
  ours = isinstance(params.task, configs.SegmentationTask)
  for place in ("trainer", "runtime"):
    settings.check_tree(
      getattr(params, place), place, training=training, ours=ours
    )
  _check_trainer(params.trainer)
  _check_runtime(params.runtime)
  _check_scaling(params)
  if isinstance(getattr(params.task, "losses", None), configs.LossConfig):
    loss_registry.check(params.task.losses)
  if ours:
    settings.check_tree(params.task, "task", training=training)
    _check_task(params.task)
    _check_parts(params)
    if training:
      _check_pooling(params.task.model, params.task.train_data)


def _require(condition, path, expected, value):
  if not condition:
    raise ValueError(
      f"{path} must be {expected}. Received: {rules.yaml_text(value)}."
    )


def _check_scaling(params):
  """Refuses a moving average of the weights behind a scaled loss."""
  dtype = params.runtime.mixed_precision_dtype
  _require(
    dtype != "float16" or params.trainer.optimizer_config.ema is None,
    "runtime.mixed_precision_dtype",
    "bfloat16 or float32 with trainer.optimizer_config.ema",
    dtype,
  )


def _check_parts(params):
  """Refuses statistics of a batch where there are those of its parts."""
  parts = params.trainer.accumulation_steps
  _require(
    parts == 1 or not params.task.model.fine_tune_batch_norm,
    "trainer.accumulation_steps",
    "1 with task.model.fine_tune_batch_norm: the statistics of a part are not "
    "those of the batch",
    parts,
  )
  scales = params.task.model.image_pyramid
  _require(
    parts == 1 or len(scales or ()) < 2,
    "trainer.accumulation_steps",
    "1 with several scales in task.model.image_pyramid, each of which has a "
    "loss of its own",
    parts,
  )
  opponent = loss_registry.row_of(params.task.losses).opponent
  _require(
    params.task.upsample_logits
    or not (opponent or params.task.adversarial.discriminator),
    "task.upsample_logits",
    "true for a training with an opponent, which sees labels and logits of the "
    "size of the image",
    params.task.upsample_logits,
  )


def _check_trainer(trainer):
  folders = {}
  for key in ("best_checkpoint_export_subdir", "validation_summary_subdir"):
    name = getattr(trainer, key)
    folders[key] = pathlib.PurePosixPath(name)
    first = next(iter(folders[key].parts), "")
    _require(
      first not in _OWN_NAMES and not first.startswith("ckpt-"),
      f"trainer.{key}",
      f"a folder of its own: a training writes {first!r}",
      name,
    )
  best, validation = folders.values()
  _require(
    not trainer.best_checkpoint_export_subdir or best != validation,
    "trainer.best_checkpoint_export_subdir",
    "another folder than trainer.validation_summary_subdir",
    trainer.best_checkpoint_export_subdir,
  )
  rate = trainer.optimizer_config.learning_rate
  if rate.type == "deeplab" and trainer.train_steps:
    steps = rate.deeplab.training_number_of_steps or trainer.train_steps
    learning_rate.check_schedule(
      rate.deeplab.replace(training_number_of_steps=steps)
    )
  elif rate.type in _STAGED:
    _check_stages(getattr(rate, rate.type), rate.type)


def _check_stages(schedule, name):
  """Refuses stages that do not follow each other, or have no rate."""
  place = f"trainer.optimizer_config.learning_rate.{name}"
  boundaries, values = schedule.boundaries, schedule.values
  _require(
    all(a < b for a, b in itertools.pairwise(boundaries)),
    f"{place}.boundaries",
    "rising",
    boundaries,
  )
  _require(
    name != "stepwise" or len(values) == len(boundaries) + 1,
    f"{place}.values",
    f"one more than boundaries ({boundaries})",
    values,
  )


def _check_runtime(runtime):
  _require(
    runtime.loss_scale is None or runtime.mixed_precision_dtype == "float16",
    "runtime.loss_scale",
    "left out unless runtime.mixed_precision_dtype is float16",
    runtime.loss_scale,
  )
  strategy = runtime.distribution_strategy
  _require(
    strategy not in _ALL_DEVICES or runtime.num_gpus < 1,
    "runtime.num_gpus",
    f"left out with distribution_strategy={strategy}, which takes all devices",
    runtime.num_gpus,
  )
  known = _REDUCTIONS.get(strategy, ())
  _require(
    runtime.all_reduce_alg in (None, *known),
    "runtime.all_reduce_alg",
    f"{' or '.join(map(repr, known)) or 'left out'} with "
    f"distribution_strategy={strategy}",
    runtime.all_reduce_alg,
  )
  _require(
    runtime.num_packs == 1
    or (strategy == "mirrored" and runtime.all_reduce_alg),
    "runtime.num_packs",
    "1 unless runtime.all_reduce_alg is given and the strategy is mirrored",
    runtime.num_packs,
  )
  _require(
    runtime.tpu is None or strategy == "tpu",
    "runtime.tpu",
    "left out unless runtime.distribution_strategy is tpu",
    runtime.tpu,
  )


def _check_task(task):
  _check_model(task.model)
  train, validation = task.train_data, task.validation_data
  _require(
    train.is_training, f"{_TRAIN}.is_training", "true", train.is_training
  )
  _require(
    not validation.is_training,
    f"{_VALIDATION}.is_training",
    "false",
    validation.is_training,
  )
  _check_augmentation(train)
  _check_resizing(train, _TRAIN)
  _check_resizing(validation, _VALIDATION)
  configs.check_crop_size(
    train.crop_size,
    task.model.output_stride,
    size_step=factory.size_step(
      task.model.backbone,
      task.model.output_stride,
      task.model.nas_remove_os32_stride,
    ),
    allow_unaligned=train.allow_unaligned_crop,
  )
  _check_idle(validation)


def _check_pooling(model, data):
  """Refuses a window of image pooling that no crop can hold."""
  window = model.image_pooling_crop_size
  _require(
    not window or all(map(operator.le, window, data.crop_size)),
    "task.model.image_pooling_crop_size",
    f"at most {_TRAIN}.crop_size ({rules.yaml_text(data.crop_size)})",
    window,
  )


def _check_model(model):
  try:
    option_checks.check(model.as_dict())
  except ValueError as error:
    raise ValueError(f"In task.model: {error}") from error


def _check_augmentation(data):
  smallest, largest = data.min_scale_factor, data.max_scale_factor
  _require(
    smallest <= largest,
    f"{_TRAIN}.max_scale_factor",
    f"at least min_scale_factor ({smallest})",
    largest,
  )
  span = largest - smallest
  # With one scale alone, no distance is asked for.
  _require(
    not span or data.scale_factor_step_size <= span,
    f"{_TRAIN}.scale_factor_step_size",
    f"0, or at most max_scale_factor - min_scale_factor ({span:g})",
    data.scale_factor_step_size,
  )


def _check_resizing(data, place):
  """Refuses a size to which no image can be resized, or without one."""
  least, most, factor = (
    data.min_resize_value,
    data.max_resize_value,
    data.resize_factor,
  )
  if least is None:
    for name, default in _OF_RESIZING.items():
      value = getattr(data, name)
      _require(
        value == default,
        f"{place}.{name}",
        "left out without min_resize_value",
        value,
      )
    return
  _require(
    most is None or most >= least,
    f"{place}.max_resize_value",
    f"null, or at least min_resize_value ({least})",
    most,
  )
  _require(
    most is None or factor is None or most > factor,
    f"{place}.max_resize_value",
    f"null, or more than resize_factor ({factor}), or nothing is left",
    most,
  )


def _check_idle(data):
  """Refuses an augmentation of validation data, which nothing would read."""
  defaults = data_config.DataConfig()
  for name, key in fields.keys_of(type(data)).items():
    value = getattr(data, name)
    if key.training_only and value != getattr(defaults, name):
      raise ValueError(
        f"{_VALIDATION}.{name} does nothing: images are evaluated whole, one "
        f"after the other. Received: {rules.yaml_text(value)}. Leave it out, "
        f"or set {_TRAIN}.{name}."
      )
