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

from collections.abc import Sequence
import os

from official.core import base_trainer
from official.core import task_factory
from official.modeling import hyperparams
import tensorflow as tf

from deeplab_ssl import losses as losses_lib
from deeplab_ssl import modeling
from deeplab_ssl.evaluation import inference
from deeplab_ssl.evaluation import serving
from deeplab_ssl.training import configs
from deeplab_ssl.training import run
from deeplab_ssl.training import task as task_lib
from deeplab_ssl.visualization import images as images_lib


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
  hyperparams.override_params_dict(params, path, is_strict=True)
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
    if not tf.io.gfile.glob(f"{which}.index"):
      raise FileNotFoundError(f"There is no checkpoint {which}.")
    return which
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
):
  """Finds what a command needs to use a trained model.

  Args:
    model_dir: directory of a training run, or None.
    config_files: YAML files that describe the model where there is no run.
    checkpoint: "best" or "last" of the run, or a prefix.
    data_dir: folder of the records, if not that of the configuration.
    split: split, if not the validation split of the configuration.
    dataset: name or YAML of the data set, if not that of the configuration.

  Returns:
    `(params, checkpoint)`: the configuration and the prefix of the checkpoint.

  Raises:
    ValueError: if there is neither a run nor a configuration with a checkpoint.
    FileNotFoundError: if a file is missing.
  """
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
  data.input_path = data_dir or data.input_path
  data.split = split or data.split
  params.task.dataset = dataset or params.task.dataset or data.input_path
  if not params.task.dataset:
    raise ValueError(
      "The number of classes is unknown: give --dataset (a registered name or "
      "a YAML file) or --data_dir (a folder of records)."
    )
  return params, prefix


def evaluate_run(
  params, checkpoint: str, strategy: tf.distribute.Strategy | None = None
):
  """Evaluates a checkpoint once on the validation data.

  Args:
    params: the `ExperimentConfig` of a DeepLab experiment.
    checkpoint: prefix of a checkpoint of ours, or a TF1 checkpoint.
    strategy: distribution strategy; None takes the configured one.

  Returns:
    The `evaluation.metrics.Scores`.
  """
  strategy = strategy or run.distribution_strategy(params.runtime)
  with strategy.scope():
    task = task_factory.get_task(params.task)
    model = restored_model(task, checkpoint)
    trainer = base_trainer.Trainer(
      params, task, model, optimizer=None, train=False, evaluate=True
    )
    trainer.evaluate(tf.constant(-1))
  return task.scores


def restored_model(task, checkpoint: str):
  """Builds the model of a task and loads a checkpoint of either format."""
  model = task.build_model()
  if modeling.is_slim_checkpoint(checkpoint):
    modeling.load_slim_checkpoint(model, checkpoint)
  else:
    task_lib.restore_model(model, checkpoint)
  return model


def export_run(params, checkpoint: str, export_dir: str) -> None:
  """Writes a checkpoint as a SavedModel that accepts images of any size.

  Args:
    params: the `ExperimentConfig` of a DeepLab experiment.
    checkpoint: prefix of a checkpoint of ours, or a TF1 checkpoint.
    export_dir: folder for the SavedModel.
  """
  model = restored_model(task_factory.get_task(params.task), checkpoint)
  softmax = params.task.losses.type == "ce"
  serving.ServingModule(model, "softmax" if softmax else "sigmoid").save(
    export_dir
  )


def visualize_run(
  params, checkpoint: str, output_dir: str, max_images: int
) -> int:
  """Draws images, labels, predictions and the maps of the loss side by side.

  Args:
    params: the `ExperimentConfig` of a DeepLab experiment.
    checkpoint: prefix of a checkpoint of ours, or a TF1 checkpoint.
    output_dir: folder for NAME.png (the panels) and NAME_prediction.png (class
      indices with the palette of the data set).
    max_images: how many images of the split to draw.

  Returns:
    The number of images drawn.
  """
  task = task_factory.get_task(params.task)
  model = restored_model(task, checkpoint)
  losses = params.task.losses
  options = {
    "region_size": losses.region_size,
    "sigma": losses.sigma,
    "beta": losses.beta,
    "stability": losses.stability,
    "stability_form": losses.stability_form,
    "ignore_class": losses.ignore_label,
  }
  tf.io.gfile.makedirs(output_dir)
  drawn = 0
  for example in task.evaluation_data().take(max_images):
    logits = inference.predict_logits(model, example["image"])
    error, hard = losses_lib.structural_error(
      example["label"], logits, **options
    )
    prediction = tf.argmax(logits, -1, output_type=tf.int32)[0].numpy()
    name = images_lib.safe_name(example["filename"][0].numpy().decode())
    images_lib.save_panels(
      os.path.join(output_dir, f"{name}.png"),
      {
        "image": example["image"][0].numpy().astype("uint8"),
        "truth": images_lib.colorize(
          example["label"][0, ..., 0].numpy(), task.dataset.colormap
        ),
        "prediction": images_lib.colorize(prediction, task.dataset.colormap),
        "structural error e": images_lib.heatmap(
          tf.reduce_max(error[0], -1).numpy(),
          losses_lib.max_structural_error(
            region_size=losses.region_size,
            sigma=losses.sigma,
            stability=losses.stability,
            stability_form=losses.stability_form,
          ),
        ),
        "hard examples": images_lib.heatmap(
          tf.reduce_sum(tf.cast(hard[0], tf.float32), -1).numpy(), 2.0
        ),
      },
    )
    images_lib.save_indexed(
      os.path.join(output_dir, f"{name}_prediction.png"),
      prediction,
      task.dataset.colormap,
    )
    drawn += 1
  return drawn
