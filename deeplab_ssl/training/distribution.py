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
import json
import os

from official.common import distribute_utils
import tensorflow as tf

# The strategies that spread nothing.
_ONE_DEVICE = ("one_device", "off")
_MANY_MACHINES = "multi_worker_mirrored"
# Where TensorFlow is told of a cluster, and which of its machines train.
_CLUSTER = "TF_CONFIG"
_TRAINING_MACHINES = ("chief", "worker")


def distribution_strategy(runtime) -> tf.distribute.Strategy:
  """Returns the strategy of a runtime configuration.

  Args:
    runtime: `RuntimeConfig`; `num_gpus: -1` takes all GPUs, and a machine
      without one trains on the CPU.

  Returns:
    A MirroredStrategy unless the configuration names another.

  Raises:
    ValueError: if more GPUs are asked for than there are, which TensorFlow
      would wait for or do without, or the strategy and the cluster of TF_CONFIG
      do not belong together, so that each machine would train alone.
  """
  _check_cluster(runtime.distribution_strategy)
  there = len(tf.config.list_physical_devices("GPU"))
  gpus = there if runtime.num_gpus == -1 else runtime.num_gpus
  if not 0 <= gpus <= there:
    known = f"in [0, {there}]" if there else "0"
    raise ValueError(
      f"runtime.num_gpus must be {known}, or -1 for all that there are: "
      f"TensorFlow sees {there} on this machine. Received: {runtime.num_gpus}. "
      "0 trains on the CPU. Where there is a GPU that is not seen, look at "
      "CUDA_VISIBLE_DEVICES, and install tensorflow[and-cuda]."
    )
  if runtime.distribution_strategy in _ONE_DEVICE and gpus > 1:
    raise ValueError(
      f"runtime.num_gpus must be 0 or 1 with distribution_strategy="
      f"{runtime.distribution_strategy}, which has one device. Received: "
      f"{runtime.num_gpus}, which is {gpus} here."
    )
  return _strategy(
    runtime.distribution_strategy,
    runtime.all_reduce_alg,
    gpus,
    runtime.num_packs,
    runtime.tpu,
  )


def _check_cluster(strategy):
  """Refuses a strategy for one machine in a cluster, and for many without."""
  text = os.environ.get(_CLUSTER)
  try:
    cluster = json.loads(text or "{}").get("cluster", {})
    machines = sum(len(cluster.get(kind, [])) for kind in _TRAINING_MACHINES)
  except (AttributeError, TypeError, json.JSONDecodeError) as error:
    raise ValueError(
      f"The environment variable {_CLUSTER} must be JSON, such as "
      '{"cluster": {"worker": ["host:port"]}, "task": {"type": "worker", '
      f'"index": 0}}}}. Received: {text} ({error})'
    ) from error
  if strategy == _MANY_MACHINES and not machines:
    raise ValueError(
      f"runtime.distribution_strategy={strategy} needs the machines in the "
      f"environment variable {_CLUSTER}, or each trains alone. For one machine "
      "leave the strategy out."
    )
  if strategy != _MANY_MACHINES and machines > 1:
    raise ValueError(
      f"The environment variable {_CLUSTER} names {machines} machines, but "
      f"with runtime.distribution_strategy={strategy} each would train alone. "
      f"Set runtime.distribution_strategy={_MANY_MACHINES}, or unset the "
      "variable."
    )


@functools.cache
def _strategy(name, all_reduce_alg, num_gpus, num_packs, tpu):
  # One per process: a second MirroredStrategy restarts the numbering of its
  # collectives, and TensorFlow aborts when they meet those of the first.
  return distribute_utils.get_distribution_strategy(
    distribution_strategy=name,
    all_reduce_alg=all_reduce_alg,
    num_gpus=num_gpus,
    num_packs=num_packs,
    tpu_address=tpu,
  )
