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

"""The keys of `runtime`: devices, and how a training is spread over them."""

import dataclasses

from official.core import config_definitions as cfg

from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import rules
from deeplab_ssl.modeling import precision

STRATEGIES = ("mirrored", "one_device", "off", "multi_worker_mirrored", "tpu")
# Schedulers start the machines of a training within minutes of each other.
WORKER_TIMEOUT = 600.0
_TPU_ALONE = "Leave it out: it is of use on a TPU alone, and not supported."
_LEFT_TO_TENSORFLOW = "Leave it out: TensorFlow's own setting is taken."
_VARIABLE = "Set the environment variable {} of TensorFlow instead."
_CLUSTER = (
  "Leave it out, and name the machines in the environment variable TF_CONFIG "
  "of each, with runtime.distribution_strategy=multi_worker_mirrored."
)


@dataclasses.dataclass
class RuntimeConfig(cfg.RuntimeConfig):
  """Model Garden's runtime: `num_gpus: -1` takes all GPUs there are."""

  distribution_strategy: str = fields.declared(
    "mirrored",
    rules.choice(*STRATEGIES),
    'how a step is spread over devices; "off" is one device without a strategy',
  )
  num_gpus: int = fields.declared(
    -1,
    rules.integer(-1),
    "GPUs to train on; -1 takes all there are, and the CPU where there is "
    "none; 0 takes the CPU",
  )
  all_reduce_alg: str | None = fields.declared(
    None,
    rules.optional(rules.choice("nccl", "hierarchical_copy", "ring")),
    'how gradients are summed over devices: "mirrored" has the first two, '
    '"multi_worker_mirrored" the first and the last; null leaves the choice to '
    "TensorFlow",
  )
  num_packs: int = fields.declared(
    1,
    rules.integer(0),
    "packs in which all_reduce_alg sums the gradients of one machine",
  )
  worker_timeout: float = fields.declared(
    WORKER_TIMEOUT,
    rules.real(above=0),
    "seconds that one of several workers waits at the start for the others",
  )
  tpu: str | None = fields.declared(
    None,
    rules.optional(rules.text()),
    "address of a TPU, with distribution_strategy=tpu",
  )
  mixed_precision_dtype: str | None = fields.declared(
    None,
    rules.optional(rules.choice(*precision.DTYPES)),
    "type of the activations; weights, statistics, logits and losses are "
    "float32 in any case",
  )
  loss_scale: str | float | None = fields.declared(
    None,
    rules.optional(rules.either(rules.choice("dynamic"), rules.real(above=0))),
    "factor on a float16 loss, so that its gradients do not vanish; null and "
    '"dynamic" adapt it, and leave out the steps that it makes overflow',
  )
  enable_xla: bool = fields.declared(
    False,
    rules.flag(),
    "whether XLA compiles the step, on one GPU",
  )
  run_eagerly: bool = fields.unused(
    False,
    "whether no graph is made",
    "To debug, take trainer.train_tf_function=false instead.",
  )
  gpu_thread_mode: str | None = fields.unused(
    None, "threads of a GPU", _VARIABLE.format("TF_GPU_THREAD_MODE")
  )
  per_gpu_thread_count: int = fields.unused(
    0, "threads of each GPU", _VARIABLE.format("TF_GPU_THREAD_COUNT")
  )
  dataset_num_private_threads: int | None = fields.unused(
    None, "threads of the input", _LEFT_TO_TENSORFLOW
  )
  batchnorm_spatial_persistent: bool = fields.unused(
    False,
    "a faster batch norm of cuDNN",
    _VARIABLE.format("TF_USE_CUDNN_BATCHNORM_SPATIAL_PERSISTENT"),
  )
  worker_hosts: str | None = fields.unused(
    None, "addresses of the machines of a training", _CLUSTER
  )
  task_index: int = fields.unused(
    -1, "which of worker_hosts this machine is", _CLUSTER
  )
  tpu_enable_xla_dynamic_padder: bool | None = fields.unused(
    None, "whether XLA pads shapes on a TPU", _TPU_ALONE
  )
  num_cores_per_replica: int = fields.unused(
    1, "cores of a TPU that share a model", _TPU_ALONE
  )
  default_shard_dim: int = fields.unused(
    -1, "dimension along which these cores share", _TPU_ALONE
  )
  use_tpu_mp_strategy: bool = fields.unused(
    False, "whether these cores share a model", _TPU_ALONE
  )
