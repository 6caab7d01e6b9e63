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

"""Where a training goes on, and whether it is the same training."""

from collections.abc import Iterator
import json
import os
from typing import Any
from typing import NamedTuple

from absl import logging
import tensorflow as tf
import yaml

from deeplab_ssl.checkpoints import run_checkpoints
from deeplab_ssl.common import atomic_files
from deeplab_ssl.experiment import consistency
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import source as source_lib

# What may differ when a training goes on: how long it trains, how often it
# tells, where its data lie, how fast it learns, on what it runs. All else makes
# another training of it.
_FREE = (
  "runtime.",
  "trainer.",
  "task.dataset",
  "task.init_checkpoint",
  "task.allow_image_summary",
  "task.losses.decay_steps",
  "task.validation_data.",
  "task.train_data.global_batch_size",
  "task.train_data.input_path",
  "task.train_data.tfds_data_dir",
  # No stream depends on these.
  "task.train_data.shuffle_buffer_size",
)
_FROZEN = (
  "trainer.optimizer_config.optimizer.",
  "trainer.optimizer_config.ema.",
)
# Where things lie may differ from machine to machine.
_PLACES = (
  "task.dataset",
  "task.init_checkpoint",
  "task.train_data.input_path",
  "task.train_data.tfds_data_dir",
  "task.validation_data.input_path",
  "task.validation_data.tfds_data_dir",
  "runtime.worker_timeout",
)


class Start(NamedTuple):
  """Where a training begins or goes on.

  Attributes:
    checkpoint: prefix of the checkpoint that it goes on from; None for a new
      one.
    step: steps that are done.
    images_seen: the place in the stream of images.
  """

  checkpoint: str | None = None
  step: int = 0
  images_seen: int = 0


def find_start(model_dir: str, batch_size: int) -> Start:
  """Finds where a training in a directory goes on.

  Args:
    model_dir: directory of the run; it may be missing.
    batch_size: images of a step, for checkpoints that do not say how many were
      seen.

  Raises:
    run_checkpoints.NoWholeCheckpointError: if none of its checkpoints can be
      read.
  """
  prefix = run_checkpoints.newest_whole(model_dir)
  if prefix is None:
    return Start()
  reader = tf.train.load_checkpoint(prefix)
  step = int(reader.get_tensor("global_step/.ATTRIBUTES/VARIABLE_VALUE"))
  name = "images_seen/.ATTRIBUTES/VARIABLE_VALUE"
  seen = step * batch_size
  if reader.has_tensor(name):
    seen = int(reader.get_tensor(name))
  return Start(prefix, step, seen)


def _flat(tree, prefix="") -> dict[str, Any]:
  flat = {}
  for key, value in tree.items():
    if isinstance(value, dict):
      flat |= _flat(value, f"{prefix}{key}.")
    else:
      flat[prefix + key] = value
  return flat


def _differences(before, now, prefix="") -> Iterator[tuple[str, Any, Any]]:
  """Yields (key, was, is); a group that is null on one side is one key.

  Keys that one side does not know are left out: another version has written it.
  """
  for name in [name for name in now if name in before]:
    key, was, is_now = f"{prefix}{name}", before[name], now[name]
    if isinstance(was, dict) and isinstance(is_now, dict):
      yield from _differences(was, is_now, f"{key}.")
    elif was != is_now:
      yield key, was, is_now


def _may_change(key):
  # The key of a group, too, begins with the group's.
  return key.startswith(_FREE) and not f"{key}.".startswith(_FROZEN)


def _read(path, load):
  try:
    with tf.io.gfile.GFile(path) as file:
      content = load(file.read())
  except tf.errors.NotFoundError:
    return None
  except (ValueError, yaml.YAMLError) as error:
    raise ValueError(f"{path} is damaged: {error}") from error
  if not isinstance(content, dict):
    raise ValueError(f"{path} is damaged: it does not hold names with values.")
  return content


def recorded_seed(params_file: str) -> int | None:
  """Returns the seed of the training whose configuration is recorded.

  Args:
    params_file: its file; it may be missing.
  """
  recorded = _read(params_file, yaml.safe_load) or {}
  return _flat(recorded).get("task.train_data.seed")


def _advice(model_dir, start):
  return (
    "A training goes on as it began. For another one, give another "
    "--model_dir; task.init_checkpoint="
    f"{start.checkpoint} starts it from these weights."
  )


def check_same(
  params,
  params_file: str,
  dataset: dataset_info.DatasetInfo | None,
  source: source_lib.Source | None,
  start: Start,
) -> None:
  """Fails if a directory holds another training than the one that goes on.

  Model, data, loss and optimizer stay; what may change is logged.

  Args:
    params: the resolved `ExperimentConfig` of the training.
    params_file: the recorded one, in the directory of the run.
    dataset: the data set.
    source: the training images; None where they cannot be compared.
    start: where the training goes on; nothing is compared for a new one.

  Raises:
    ValueError: naming what was recorded and what is given.
  """
  if not start.checkpoint:
    return
  model_dir = os.path.dirname(params_file)
  recorded = _read(params_file, yaml.safe_load)
  if recorded is None:
    raise ValueError(
      f"{model_dir} holds checkpoints but no {os.path.basename(params_file)}, "
      f"so that nobody can tell of which training. {_advice(model_dir, start)}"
    )
  _check_complete(params_file, recorded)
  changes = {
    key: f"{key} was {before} and is {now}"
    for key, before, now in _differences(recorded, params.as_dict())
  }
  for key, change in sorted(changes.items()):
    if _may_change(key):
      logging.warning("%s now.", change)
  frozen = [change for key, change in changes.items() if not _may_change(key)]
  if frozen:
    raise ValueError(
      f"{model_dir} holds another training by its "
      f"{os.path.basename(params_file)}: {'; '.join(frozen)}. "
      f"{_advice(model_dir, start)}"
    )
  _check_dataset(model_dir, dataset, start)
  _check_records(model_dir, source, start)
  if start.step > params.trainer.train_steps:
    raise ValueError(
      f"trainer.train_steps is {params.trainer.train_steps}, but {model_dir} "
      f"has been trained for {start.step} steps. Give at least as many."
    )


def _check_complete(params_file, recorded):
  """Fails unless the end of a recorded configuration is there.

  Its keys are sorted: all that must not change stands before these steps.
  """
  trainer = recorded.get("trainer")
  if not isinstance(trainer, dict) or "train_steps" not in trainer:
    raise ValueError(
      f"{params_file} is damaged: it has no trainer.train_steps. Restore it, "
      "or train in another --model_dir."
    )


def _check_dataset(model_dir, dataset, start):
  path = os.path.join(model_dir, dataset_info.DATASET_FILE)
  if dataset is None or not tf.io.gfile.exists(path):
    return
  recorded = dataset_info.dataset_of_folder(model_dir)
  if differing := dataset_info.differing_classes(recorded, dataset):
    field, was, is_now = differing
    raise ValueError(
      f"{model_dir} holds another training: {field} in its dataset.yaml was "
      f"{was} and is {is_now}. {_advice(model_dir, start)}"
    )


def identity(params, source: source_lib.Source | None) -> dict[str, Any]:
  """Returns what must be the same in all processes that train together.

  Args:
    params: the resolved `ExperimentConfig`.
    source: the training images; None where they cannot be compared.

  Returns:
    {key: value} of the configuration but for where data lie, and of the images.
  """
  found = _flat(params.as_dict())
  kept = {k: v for k, v in found.items() if not k.startswith(_PLACES)}
  if source is not None:
    kept |= {
      f"The {k} of the training images": v
      for k, v in _described(source).items()
    }
  return kept


def _described(source):
  return {"size": source.size, "fingerprint": source.fingerprint}


def _check_records(model_dir, source, start):
  path = os.path.join(model_dir, consistency.RECORDS_FILE)
  recorded = _read(path, json.loads)
  if source is None:
    return
  if recorded is None:
    if atomic_files.is_local(path):
      logging.warning(
        "%s is not there, so that nobody can tell whether the training has "
        "seen these images before.",
        path,
      )
    return
  now = _described(source)
  if now != recorded:
    raise ValueError(
      f"{model_dir} holds another training: it has seen {recorded.get('size')} "
      f"images, and the {now['size']} of task.train_data are not the same by "
      f"the checksums in {path}. {_advice(model_dir, start)}"
    )


def write_records(model_dir: str, source: source_lib.Source) -> None:
  """Writes what `check_same` compares the training images with.

  Args:
    model_dir: directory of the run.
    source: the training images.
  """
  path = os.path.join(model_dir, consistency.RECORDS_FILE)
  if atomic_files.is_local(path):
    atomic_files.write_json(path, _described(source))
