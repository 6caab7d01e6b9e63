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

"""How a training step is computed: in parts, and by which compiler."""

from typing import NamedTuple

import tensorflow as tf


class StepOptions(NamedTuple):
  """How a step is computed; its results are the same but for rounding.

  Attributes:
    accumulation_steps: into how many parts the batch of a device is divided, of
      which one is in memory at a time.
    jit_compile: whether XLA compiles the forward and the backward pass.
  """

  accumulation_steps: int = 1
  jit_compile: bool = False


# The whole batch at once, without XLA.
PLAIN = StepOptions()


def step_options(params, strategy: tf.distribute.Strategy) -> StepOptions:
  """Returns how a configured training computes its steps.

  Args:
    params: the resolved `ExperimentConfig`.
    strategy: the devices that it trains on.

  Raises:
    ValueError: naming the key, if the batch cannot be divided so, or XLA would
      not compile or make the training slower.
  """
  replicas = strategy.num_replicas_in_sync
  parts = getattr(params.trainer, "accumulation_steps", 1)
  batch = params.task.train_data.global_batch_size
  if parts > 1 and batch % (parts * replicas):
    raise ValueError(
      f"trainer.accumulation_steps must divide the {batch} images of "
      f"task.train_data.global_batch_size on {replicas} device"
      f"{'s' if replicas > 1 else ''} into equal parts. Received: {parts}."
    )
  if params.runtime.enable_xla:
    _check_xla(strategy)
  return StepOptions(parts, params.runtime.enable_xla)


def _check_xla(strategy):
  if not tf.config.list_logical_devices("GPU"):
    raise ValueError(
      "runtime.enable_xla is for GPUs: on a CPU it makes a training step many "
      "times slower. Received: true. Leave it out."
    )
  if strategy.num_replicas_in_sync > 1:
    raise ValueError(
      "runtime.enable_xla must be false on several devices: what they count "
      "together cannot be compiled. Received: true. Leave it out, or set "
      "runtime.num_gpus=1."
    )
