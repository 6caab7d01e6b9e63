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

"""What a configuration leaves open, filled in, and what it may not be."""

from typing import NamedTuple

from deeplab_ssl.input import dataset_info
from deeplab_ssl.training import configs
from deeplab_ssl.training import loss_registry
from deeplab_ssl.training import sources


class Resolved(NamedTuple):
  """An experiment with nothing left open.

  Attributes:
    params: the `ExperimentConfig`.
    dataset: the data set; None for Model Garden's own models.
  """

  params: configs.ExperimentConfig
  dataset: dataset_info.DatasetInfo | None


def resolve(params: configs.ExperimentConfig) -> Resolved:
  """Checks an experiment before its training, and fills in what it leaves open.

  Args:
    params: the `ExperimentConfig`; it stays as it is.

  Returns:
    A resolved copy, and its data set.

  Raises:
    ValueError: naming the value that is wrong, and what it may be.
    FileNotFoundError: if the data are not there.
  """
  _check_values(params)
  task = params.task
  if not isinstance(task, configs.SegmentationTask):
    return Resolved(fill_in(params, None), None)
  sources.check_source(task.train_data)
  dataset = sources.dataset_of(task)
  for data in (task.train_data, task.validation_data):
    sources.check_classes(
      dataset,
      data,
      "Or leave task.dataset out, to train by the classes beside the records; "
      "for other names of the same classes, train on a folder with links to "
      "the shards and a dataset.yaml of its own.",
    )
  return Resolved(fill_in(params, dataset), dataset)


def _check_values(params):
  """Refuses values that no training can have."""
  if params.runtime.mixed_precision_dtype:
    raise ValueError(
      "runtime.mixed_precision_dtype is not supported. Received: "
      f"{params.runtime.mixed_precision_dtype!r}; leave it out."
    )
  for name in (
    "train_steps",
    "steps_per_loop",
    "summary_interval",
    "checkpoint_interval",
    "validation_interval",
  ):
    steps = getattr(params.trainer, name)
    if steps < 1:
      raise ValueError(
        f"trainer.{name} must be a positive number of steps. Received: {steps}."
      )
  if _has_our_loss(params.task):
    loss_registry.check(params.task.losses)
  if isinstance(params.task, configs.SegmentationTask):
    configs.check_adversarial(params.task.adversarial)


def _has_our_loss(task):
  return isinstance(getattr(task, "losses", None), configs.LossConfig)


def fill_in(
  params: configs.ExperimentConfig, dataset: dataset_info.DatasetInfo | None
) -> configs.ExperimentConfig:
  """Fills in what a configuration leaves open.

  The learning rate and the affinity field end with the training unless they say
  otherwise, the validation data are of the training data's source unless they
  name one, and the number of classes and the label of void are those of the
  data set.

  Args:
    params: the `ExperimentConfig`; it stays as it is.
    dataset: its data set; None for Model Garden's own models.

  Returns:
    A copy with nothing left open.

  Raises:
    ValueError: if the model has another number of classes than the data set.
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
    check_num_classes(task.model, dataset)
    sources.inherit(task)
    task.model.num_classes = dataset.num_classes
    task.losses.ignore_label = dataset.ignore_label
  return params


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
