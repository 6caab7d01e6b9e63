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

"""Training on two replicas, against one with the same batch.

  python -m benchmarks.replica_benchmark

Where there are not two GPUs, the replicas are two logical devices of one CPU,
which share its threads: what they take longer is what the distribution costs.
"""

from absl import flags

from benchmarks import measurement
from benchmarks import model_benchmark
from benchmarks import part
from deeplab_ssl.cli import environment

_ROUNDS = flags.DEFINE_integer("replica_rounds", 5, "Rounds.")
_MODEL = "mobilenet_v2"
_BATCH = 4


def _devices(number):
  import tensorflow as tf

  gpus = tf.config.list_logical_devices("GPU")
  kind = "GPU" if len(gpus) >= 2 else "CPU"
  return [f"{kind}:{i}" for i in range(number)]


def _step(strategy, size):
  """Returns a function that trains on a batch spread over the replicas."""
  import tensorflow as tf

  share = _BATCH // strategy.num_replicas_in_sync
  with strategy.scope():
    step = model_benchmark.step_function(_MODEL, share, size)

  @tf.function
  def of_all():
    losses = strategy.run(step.python_function)
    return strategy.reduce(tf.distribute.ReduceOp.MEAN, losses, axis=None)

  return lambda: float(of_all())


def measure() -> list[measurement.Row]:
  """Returns one row."""
  environment.prepare(training=True)
  import tensorflow as tf

  (cpu,) = tf.config.list_physical_devices("CPU")
  logical = tf.config.LogicalDeviceConfiguration()
  tf.config.set_logical_device_configuration(cpu, [logical, logical])
  one = tf.distribute.OneDeviceStrategy(_devices(1)[0])
  two = tf.distribute.MirroredStrategy(_devices(2))
  size = model_benchmark.batch_and_size()[1]
  timed = measurement.seconds_in_turn(
    {"two replicas": _step(two, size), "one": _step(one, size)},
    part.few(_ROUNDS.value),
  )
  return [measurement.row(f"{_MODEL}, two replicas", timed)]


if __name__ == "__main__":
  part.run(measure)
