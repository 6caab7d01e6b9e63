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

"""Uses a trained model: evaluate, export, draw."""

from collections.abc import Mapping
from collections.abc import Sequence
import os
from typing import Any

from official.core import task_factory
from official.core import train_utils
from official.modeling import hyperparams
import tensorflow as tf

from deeplab_ssl import modeling
from deeplab_ssl.evaluation import boundary as boundary_lib
from deeplab_ssl.input import dataset_info
from deeplab_ssl.prediction import exported
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import serving
from deeplab_ssl.training import configs
from deeplab_ssl.training import run
from deeplab_ssl.training import sources


def load_run(model_dir: str):
  """Reads the configuration of a finished or running training.

  Args:
    model_dir: its directory.

  Returns:
    The `ExperimentConfig`, whose data set is the one recorded in the run.

  Raises:
    FileNotFoundError: if there is none, listing what the directory holds.
  """
  path = os.path.join(model_dir, run.PARAMS_FILE)
  if not tf.io.gfile.exists(path):
    found = tf.io.gfile.isdir(model_dir) and tf.io.gfile.listdir(model_dir)
    raise FileNotFoundError(
      f"{model_dir} is not the directory of a training run: it has no "
      f"{run.PARAMS_FILE}. It holds {sorted(found) if found else 'nothing'}."
    )
  params = configs.ExperimentConfig()
  try:
    hyperparams.override_params_dict(params, path, is_strict=True)
  except KeyError as error:
    raise ValueError(
      f"{path} is not of a DeepLab experiment of this package: {error}. Runs "
      "of Model Garden's own models are evaluated while they train."
    ) from error
  params.task.dataset = os.path.join(model_dir, run.DATASET_FILE)
  return params


def find_checkpoint(model_dir: str, which: str = "best") -> str:
  """Finds a checkpoint of a run.

  Args:
    model_dir: directory of the run.
    which: "best" (falling back to the last), "last", or a prefix.

  Returns:
    The prefix.

  Raises:
    FileNotFoundError: if there is none, listing what the directory holds.
  """
  if which not in ("best", "last"):
    return modeling.find_prefix(which)
  found = None
  if which == "best":
    found = tf.train.latest_checkpoint(os.path.join(model_dir, "best"))
  found = found or tf.train.latest_checkpoint(model_dir)
  if not found:
    content = sorted(tf.io.gfile.listdir(model_dir))
    raise FileNotFoundError(
      f"No checkpoint in {model_dir}, which holds {content}. Train first, or "
      "wait for the first checkpoint."
    )
  return found


def load_trained(
  *,
  model_dir: str | None = None,
  config_files: Sequence[str] = (),
  checkpoint: str = "best",
  data_dir: str | None = None,
  split: str | None = None,
  dataset: str | None = None,
  reads_records: bool = True,
):
  """Finds what a command needs to use a trained model.

  Args:
    model_dir: directory of a training run, or None.
    config_files: YAML files that describe the model where there is no run.
    checkpoint: "best" or "last" of the run, or a prefix.
    data_dir: folder of the records, if not that of the configuration.
    split: split, if not the validation split of the configuration.
    dataset: name or YAML of the data set, if not that of the configuration.
    reads_records: whether the records will be read.

  Returns:
    `(params, checkpoint)`: the configuration and the prefix of the checkpoint.

  Raises:
    ValueError: if there is neither a run nor a configuration with a checkpoint,
      or records that will be read have other classes than the model and no
      `dataset` says how both are to be read.
    FileNotFoundError: if a file is missing.
  """
  if model_dir and config_files:
    raise ValueError(
      "A run has its own configuration: give --model_dir or --config_file, not "
      f"both. Received: model_dir={model_dir!r}, config_file={config_files}"
    )
  if model_dir:
    params = load_run(model_dir)
    prefix = find_checkpoint(model_dir, checkpoint)
  elif config_files and checkpoint not in ("best", "last"):
    params = run.parse_experiment("deeplab_ssl", config_files)
    prefix = modeling.find_prefix(checkpoint)
  else:
    raise ValueError(
      "Give --model_dir of a training run, or --config_file and the prefix of "
      f"a --checkpoint. Received: model_dir={model_dir!r}, config_file="
      f"{list(config_files)}, checkpoint={checkpoint!r}"
    )
  data = params.task.validation_data
  sources.redirect(data, data_dir, split)
  if reads_records and params.task.dataset and not dataset:
    sources.check_classes(
      params.task,
      data,
      "Or say with --dataset by which classes both are to be read.",
    )
  params.task.dataset = dataset or params.task.dataset
  if not params.task.dataset and data.input_path:
    # The file: a folder may be called like a known data set.
    folder = data.input_path
    params.task.dataset = os.path.join(folder, dataset_info.DATASET_FILE)
  if not params.task.dataset:
    raise ValueError(
      "The number of classes is unknown: give --dataset (a registered name or "
      "a YAML file) or --data_dir (a folder of records)."
    )
  return params, prefix


def evaluate_run(
  params,
  checkpoint: str,
  predictor: predictor_lib.Predictor = predictor_lib.SINGLE_SCALE,
  strategy: tf.distribute.Strategy | None = None,
  boundary: boundary_lib.Settings | None = None,
):
  """Evaluates a checkpoint once on the validation data.

  Args:
    params: the `ExperimentConfig` of a DeepLab experiment.
    checkpoint: prefix of a checkpoint of ours, or a TF1 checkpoint.
    predictor: how the model is asked for labels.
    strategy: distribution strategy; None takes the configured one.
    boundary: also scores along boundaries, if given.

  Returns:
    The `evaluation.metrics.Scores`.
  """
  strategy = strategy or run.distribution_strategy(params.runtime)
  run.resolve_steps(params)
  with strategy.scope():
    task = task_factory.get_task(params.task)
    task.predictor = predictor
    task.boundary = boundary
    trainer = train_utils.create_trainer(
      params, task, train=False, evaluate=True
    )
    _load_weights(trainer.model, checkpoint)
    trainer.evaluate(tf.constant(-1))
  return task.scores


def restored_model(params, checkpoint: str) -> modeling.DeepLab:
  """Builds the model of an experiment and loads a checkpoint.

  Args:
    params: the `ExperimentConfig` of a DeepLab experiment.
    checkpoint: prefix of a checkpoint of ours, or a TF1 checkpoint.

  Returns:
    The model.
  """
  model = task_factory.get_task(params.task).build_model()
  _load_weights(model, checkpoint)
  return model


def _load_weights(model, checkpoint):
  report = modeling.load_checkpoint(model, checkpoint)
  if report.initial:
    raise ValueError(
      f"Checkpoint {checkpoint} has no weights for "
      f"{', '.join(report.initial[:4])}: it has no head, or one for another "
      "number of classes. Give the data set it was trained on (--dataset), "
      "or train first."
    )


def export_run(
  params,
  checkpoint: str,
  export_dir: str,
  predictor: predictor_lib.Predictor = predictor_lib.SINGLE_SCALE,
  tflite: Mapping[str, Any] | None = None,
) -> None:
  """Writes a checkpoint as a model to be used elsewhere.

  Args:
    params: the `ExperimentConfig` of a DeepLab experiment.
    checkpoint: prefix of a checkpoint of ours, or a TF1 checkpoint.
    export_dir: folder for the SavedModel, which accepts images of any size, or
      for `model.tflite`, and for the `dataset.yaml` beside it.
    predictor: how the model is asked.
    tflite: arguments of `ServingModule.save_tflite`; None for a SavedModel.

  Raises:
    ValueError: if the CRF is one that is not of TensorFlow, or the folder holds
      a model of the other kind.
  """
  exported.check_export_dir(export_dir, tflite is not None)
  if getattr(predictor.labels, "kind", None) == "dense":
    raise ValueError(
      "The dense CRF is no part of TensorFlow and cannot be exported; take "
      "--crf=window."
    )
  module = serving.ServingModule(
    restored_model(params, checkpoint), params.task.losses.activation, predictor
  )
  tf.io.gfile.makedirs(export_dir)
  if tflite is None:
    module.save(export_dir)
  else:
    module.save_tflite(os.path.join(export_dir, exported.TFLITE_FILE), **tflite)
  dataset_info.save_dataset_info(sources.dataset_of(params.task), export_dir)


def evaluation_data(params, with_label: bool = True) -> tf.data.Dataset:
  """Returns the validation split of an experiment, image by image.

  Args:
    params: the `ExperimentConfig` of a DeepLab experiment.
    with_label: False leaves the labels out, for records that have none.

  Returns:
    Elements as `input.pipeline.eval_dataset` describes them.
  """
  return task_factory.get_task(params.task).evaluation_data(with_label)
