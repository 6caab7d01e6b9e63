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

"""What a configuration leaves open, filled in."""

from typing import NamedTuple

from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import consistency
from deeplab_ssl.experiment import sources
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import source as source_lib
from deeplab_ssl.modeling import dense_prediction_cell


class Resolved(NamedTuple):
  """An experiment with nothing left open.

  Attributes:
    params: the `ExperimentConfig`.
    dataset: the data set; None for Model Garden's own models.
    source: the training images, opened once for all who read them; likewise.
  """

  params: configs.ExperimentConfig
  dataset: dataset_info.DatasetInfo | None
  source: source_lib.Source | None


def resolve(params: configs.ExperimentConfig) -> Resolved:
  """Checks an experiment before its training, and fills in what it leaves open.

  Args:
    params: the `ExperimentConfig`; it stays as it is.

  Returns:
    A resolved copy, its data set and its training images.

  Raises:
    ValueError: naming the value that is wrong, and what it may be.
    FileNotFoundError: if the data are not there.
  """
  consistency.check(params, training=True)
  task = params.task
  if not isinstance(task, configs.SegmentationTask):
    return Resolved(fill_in(params, None), None, None)
  source = sources.open_training(task.train_data)
  dataset = sources.dataset_of(task)
  for data in (task.train_data, task.validation_data):
    sources.check_classes(
      dataset,
      data,
      "Or leave task.dataset out, to train by the classes beside the records; "
      "for other names of the same classes, train on a folder with links to "
      "the shards and a dataset.yaml of its own.",
    )
  check_best_metric(params.trainer, dataset)
  return Resolved(fill_in(params, dataset), dataset, source)


def _has_our_loss(task):
  return isinstance(getattr(task, "losses", None), configs.LossConfig)


def fill_in(
  params: configs.ExperimentConfig, dataset: dataset_info.DatasetInfo | None
) -> configs.ExperimentConfig:
  """Fills in what a configuration leaves open.

  A dense prediction cell is written out where it came from a file. The learning
  rate and the affinity field end with the training unless they say
  otherwise, the validation data are of the training data's source unless they
  name one, and the number of classes and the label of void are those of the
  data set.

  Args:
    params: the `ExperimentConfig`; it stays as it is.
    dataset: its data set; None for Model Garden's own models.

  Returns:
    A copy with nothing left open.

  Raises:
    ValueError: if the configuration has other classes than the data set.
  """
  params = params.replace()
  rate = params.trainer.optimizer_config.learning_rate
  if rate.type == "deeplab":
    rate.deeplab.training_number_of_steps = (
      rate.deeplab.training_number_of_steps or params.trainer.train_steps
    )
  task = params.task
  if _has_our_loss(task):
    task.losses.decay_steps = (
      task.losses.decay_steps or params.trainer.train_steps
    )
  if dataset:
    check_dataset(task, dataset)
    sources.inherit(task)
    task.model.num_classes = dataset.num_classes
    task.model.dense_prediction_cell = dense_prediction_cell.as_text(
      task.model.dense_prediction_cell
    )
    task.losses.ignore_label = dataset.ignore_label
  return params


def check_ignore_label(task: configs.SegmentationTask) -> None:
  """Refuses a label of void that no data set stands behind.

  Args:
    task: the task; the default of `ignore_label` stands for any data set.

  Raises:
    ValueError: if it is given and is not that of the data set, or the data set
      cannot be read.
  """
  given = task.losses.ignore_label
  if given == configs.Losses().ignore_label:
    return
  try:
    dataset = sources.dataset_of(task)
  except (ValueError, OSError) as error:
    raise ValueError(
      "task.losses.ignore_label is not chosen: it comes from the data set, "
      f"which cannot be read. Received: {given}. Leave it out. ({error})"
    ) from error
  check_dataset(task, dataset)


def check_dataset(
  task: configs.SegmentationTask, dataset: dataset_info.DatasetInfo
) -> None:
  """Refuses what is said of the classes and differs from the data set.

  Args:
    task: the task; `num_classes: 0` stands for any data set, and the default
      of `ignore_label` too.
    dataset: the data set.

  Raises:
    ValueError: naming the key, its value and that of the data set.
  """
  check_num_classes(task.model, dataset)
  given = task.losses.ignore_label
  if given not in (configs.Losses().ignore_label, dataset.ignore_label):
    raise ValueError(
      f"task.losses.ignore_label must be {dataset.ignore_label}, the label of "
      f"void of data set {dataset.name}. Received: {given}. Leave it out."
    )


def check_num_classes(
  model: configs.DeepLabModel, dataset: dataset_info.DatasetInfo
) -> None:
  """Refuses a number of classes that is not that of the data set.

  Args:
    model: the configuration of the model; 0 stands for any data set.
    dataset: the data set.

  Raises:
    ValueError: if the numbers differ.
  """
  if model.num_classes not in (0, dataset.num_classes):
    raise ValueError(
      f"task.model.num_classes is {model.num_classes}, but data set "
      f"{dataset.name} has {dataset.num_classes} classes (the ignore label "
      "does not count). Leave num_classes at 0."
    )


def check_best_metric(
  trainer: configs.TrainerConfig, dataset: dataset_info.DatasetInfo
) -> None:
  """Refuses the IoU of a class that the data set does not have.

  Args:
    trainer: whose `best_checkpoint_eval_metric` is checked.
    dataset: the data set.

  Raises:
    ValueError: naming the classes that there are.
  """
  prefix, _, name = trainer.best_checkpoint_eval_metric.partition("/")
  if name and name not in dataset.class_names:
    raise ValueError(
      f"trainer.best_checkpoint_eval_metric is {prefix}/{name}, but data set "
      f"{dataset.name} has no such class. It has: "
      f"{', '.join(dataset.class_names)}."
    )
