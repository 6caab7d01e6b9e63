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

"""The distribution strategy of a process, made once."""

import functools

from official.common import distribute_utils
import tensorflow as tf


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
