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


def check(params: configs.ExperimentConfig) -> None:
  """Refuses an experiment that cannot be trained.

  Args:
    params: the `ExperimentConfig`, resolved or not.

  Raises:
    ValueError: naming the value that is wrong, and what it may be.
    FileNotFoundError: if the data are not there.
  """
  if params.runtime.mixed_precision_dtype:
    raise ValueError(
      "runtime.mixed_precision_dtype is not supported. Received: "
      f"{params.runtime.mixed_precision_dtype!r}; leave it out."
    )
  if _has_our_loss(params.task):
    loss_registry.check(params.task.losses)
  if not isinstance(params.task, configs.SegmentationTask):
    return
  configs.check_adversarial(params.task.adversarial)
  sources.check_source(params.task.train_data)
  for data in (params.task.train_data, params.task.validation_data):
    sources.check_classes(
      sources.dataset_of(params.task),
      data,
      "Or leave task.dataset out, to train by the classes beside the records; "
      "for other names of the same classes, train on a folder with links to "
      "the shards and a dataset.yaml of its own.",
    )


def _has_our_loss(task):
  return isinstance(getattr(task, "losses", None), configs.LossConfig)


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


def resolve(params: configs.ExperimentConfig) -> Resolved:
  """Fills in what a configuration leaves open.

  The learning rate and the affinity field end with the training unless they say
  otherwise, the validation data are of the training data's source unless they
  name one, and the number of classes and the label of void are those of the
  data set.

  Args:
    params: the `ExperimentConfig`; it stays as it is.

  Returns:
    A resolved copy, and its data set.

  Raises:
    ValueError: if the data set is unknown, names no classes or has another
      number of them than the model.
    FileNotFoundError: if a file of it does not exist.
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
  if not isinstance(task, configs.SegmentationTask):
    return Resolved(params, None)
  dataset = sources.dataset_of(task)
  check_num_classes(task.model, dataset)
  sources.inherit(task)
  task.model.num_classes = dataset.num_classes
  task.losses.ignore_label = dataset.ignore_label
  return Resolved(params, dataset)
