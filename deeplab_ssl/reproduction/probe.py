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

"""Estimates the time of a training from a few steps on random images."""

from collections.abc import Callable
import dataclasses
import time
from typing import Any

import numpy as np
from official.core import task_factory
import tensorflow as tf

from deeplab_ssl.common import op_errors
from deeplab_ssl.distribution import strategies
from deeplab_ssl.experiment import resolution
from deeplab_ssl.input import dataset_info
from deeplab_ssl.modeling import precision
from deeplab_ssl.reproduction import override_text
from deeplab_ssl.reproduction import plan
from deeplab_ssl.training import parsing

# A CPU is probed with as many pixels as one crop of 513 has, or with one image.
_CPU_PIXELS = 513 * 513


class ProbeError(RuntimeError):
  """The training does not run on this machine, e.g. for lack of memory."""


@dataclasses.dataclass(frozen=True)
class Probe:
  """A training step on random images.

  Attributes:
    strategy: runs it.
    step: a `tf.function` of what each replica does.
    share: of the images that a replica takes in a step of the training, those
      that it takes in this one; less than 1 on a CPU.
  """

  strategy: tf.distribute.Strategy
  step: Callable[[], Any]
  share: float


def build(
  training: plan.Training, dataset: str, images: int | None = None
) -> Probe:
  """Builds the step of a planned training.

  Args:
    training: what is planned.
    dataset: registered name of its data set, or the folder of its records.
    images: of each replica; by default those of the training, or on a CPU as
      many as have the pixels of one crop of 513.

  Raises:
    ProbeError: if the data set is not known before its records are there.
  """
  params = parsing.parse_experiment(
    training.stage.experiment,
    training.stage.config_files,
    override_text.text_of(training.overrides),
  )
  try:
    info = dataset_info.get_dataset_info(dataset)
  except ValueError as error:
    raise ProbeError(f"the records of {dataset} are missing") from error
  params = resolution.fill_in(params, info)
  strategy = strategies.local_strategy(params.runtime)
  data = params.task.train_data
  share = data.global_batch_size / strategy.num_replicas_in_sync
  if images is None:
    images = max(1, int(share))
    if not tf.config.list_physical_devices("GPU"):
      images = min(images, max(1, _CPU_PIXELS // int(np.prod(data.crop_size))))
  with strategy.scope():
    task = task_factory.get_task(params.task, dataset=info)
    with precision.scope(params.runtime.mixed_precision_dtype):
      model = task.build_model()
    optimizer = task.create_optimizer(
      params.trainer.optimizer_config, params.runtime
    )
    task.build_metrics(training=True)  # The opponents' variables too.

  @tf.function
  def step():
    shape = [images, *data.crop_size]
    image = tf.random.uniform([*shape, 3], maxval=255.0)
    label = tf.random.uniform(
      [*shape, 1], maxval=task.dataset.num_classes, dtype=tf.int32
    )
    return task.train_step((image, label), model, optimizer)

  return Probe(strategy, step, images / share)


def seconds_per_step(
  training: plan.Training, dataset: str, steps: int
) -> float:
  """Times training steps of a planned training on this machine.

  The images are random, and on a CPU fewer than the batch, for which the time
  is scaled up; input is not timed.

  Args:
    training: what is planned.
    dataset: registered name of its data set, or the folder of its records.
    steps: how many steps to time, after one that traces the graph.

  Returns:
    Seconds per step of the whole batch.

  Raises:
    ProbeError: if a step fails, or the data set is not known before its records
      are there.
  """
  probe = build(training, dataset)
  try:
    probe.strategy.run(probe.step)
    started = time.perf_counter()
    for _ in range(steps):
      probe.strategy.run(probe.step)
  except tf.errors.OpError as error:
    raise ProbeError(op_errors.reason(error).partition("\n")[0]) from error
  return (time.perf_counter() - started) / steps / probe.share
