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
from tensorflow.python.eager import context

from deeplab_ssl.configuration import runtime_config
from deeplab_ssl.distribution import cluster as cluster_lib
from deeplab_ssl.distribution import rendezvous

# The strategies that spread nothing.
_ONE_DEVICE = ("one_device", "off")
_MANY_MACHINES = "multi_worker_mirrored"
# Workers that have met are connected within seconds; one that is silent for
# longer than the second number is gone.
_CONNECTION_SECONDS, _SILENCE_SECONDS = 60, 10


def distribution_strategy(runtime) -> tf.distribute.Strategy:
  """Returns the strategy of a runtime configuration.

  Args:
    runtime: `RuntimeConfig`; `num_gpus: -1` takes all GPUs, and a machine
      without one trains on the CPU.

  Returns:
    A MirroredStrategy unless the configuration names another. Among several
    machines it waits for the others.

  Raises:
    ValueError: if more GPUs are asked for than there are, which TensorFlow
      would wait for or do without, or the strategy and the cluster of TF_CONFIG
      do not belong together, so that each machine would train alone.
    rendezvous.PeersMissingError: if a machine of the cluster does not come.
  """
  cluster = cluster_lib.from_environment()
  _check_cluster(runtime.distribution_strategy, cluster)
  if runtime.distribution_strategy == _MANY_MACHINES:
    _check_all_gpus(runtime.num_gpus)
    return _strategy_of(
      cluster,
      runtime.all_reduce_alg,
      getattr(runtime, "worker_timeout", runtime_config.WORKER_TIMEOUT),
    )
  return _alone(runtime)


def local_strategy(runtime) -> tf.distribute.Strategy:
  """Returns the strategy of a runtime configuration for this process alone.

  What several machines have trained, one evaluates, whatever TF_CONFIG says.

  Args:
    runtime: `RuntimeConfig`; see `distribution_strategy`.

  Raises:
    ValueError: if more GPUs are asked for than there are.
  """
  if runtime.distribution_strategy == _MANY_MACHINES:
    runtime = runtime.replace(
      distribution_strategy="mirrored", all_reduce_alg=None
    )
  return _alone(runtime)


def _alone(runtime):
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


def _check_cluster(strategy, cluster):
  """Refuses a strategy for one machine in a cluster, and for many without."""
  machines = len(cluster.names) if cluster else 0
  if strategy == _MANY_MACHINES and not machines:
    raise ValueError(
      f"runtime.distribution_strategy={strategy} needs the machines in the "
      f"environment variable {cluster_lib.VARIABLE}, or each trains alone. For "
      "one machine leave the strategy out."
    )
  if strategy != _MANY_MACHINES and machines > 1:
    raise ValueError(
      f"The environment variable {cluster_lib.VARIABLE} names {machines} "
      f"machines, but with runtime.distribution_strategy={strategy} each would "
      f"train alone. Set runtime.distribution_strategy={_MANY_MACHINES}, or "
      "unset the variable."
    )


def _check_all_gpus(num_gpus):
  there = len(tf.config.list_physical_devices("GPU"))
  if num_gpus not in (-1, there):
    raise ValueError(
      f"With runtime.distribution_strategy={_MANY_MACHINES} each machine "
      f"trains on all GPUs that TensorFlow sees, which are {there} here. "
      f"Received: runtime.num_gpus={num_gpus}. Leave it out, and hide GPUs "
      "with the environment variable CUDA_VISIBLE_DEVICES."
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


@functools.cache
def _strategy_of(cluster, all_reduce_alg, timeout):
  rendezvous.wait_for_peers(cluster, timeout)
  # TensorFlow's own number for the connection is an hour.
  context.context().configure_coordination_service(
    service_type="standalone",
    service_leader=cluster.leader,
    cluster_register_timeout_in_ms=1000 * _CONNECTION_SECONDS,
    heartbeat_timeout_in_ms=1000 * _SILENCE_SECONDS,
    coordinated_jobs=[
      context.coordination_config_pb2.CoordinatedJob(name=job, num_tasks=tasks)
      for job, tasks in cluster.jobs
    ],
  )
  return distribute_utils.get_distribution_strategy(
    distribution_strategy=_MANY_MACHINES, all_reduce_alg=all_reduce_alg
  )
