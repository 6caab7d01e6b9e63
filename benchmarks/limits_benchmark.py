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

"""What the machine can do, and what a training step asks of it.

  python -m benchmarks.limits_benchmark

The rates are those of a large float32 matrix product and of adding two large
arrays in place, with all threads and with one (`--limit_threads=1`); the costs
are counted from the graph of a step (`graph_cost.py`). A step that took no
longer than its FLOPs at the first rate would be at the limit.
"""

from absl import flags

from benchmarks import graph_cost
from benchmarks import measurement
from benchmarks import model_benchmark
from benchmarks import part
from deeplab_ssl.cli import environment

_ROUNDS = flags.DEFINE_integer("limit_rounds", 15, "Rounds.")
_THREADS = flags.DEFINE_integer(
  "limit_threads", 0, "Threads of TensorFlow; 0: all, and the costs of steps."
)
_SIDE = 2048
_ELEMENTS = 1 << 26


def _rates(quick):
  """Returns rows of GFLOP/s and GB/s."""
  import tensorflow as tf

  side, elements = (256, 1 << 16) if quick else (_SIDE, _ELEMENTS)
  matrix, ones = tf.ones([side, side]), tf.ones([elements])
  array = tf.Variable(ones)

  def product():
    tf.linalg.matmul(matrix, matrix)
    tf.test.experimental.sync_devices()

  # In place: the pages of a new array would take longer than its bytes.
  def addition():
    array.assign_add(ones, read_value=False)
    tf.test.experimental.sync_devices()

  timed = measurement.seconds_in_turn(
    {"product": product, "addition": addition}, part.few(_ROUNDS.value)
  )
  work = {"product": 2 * side**3, "addition": 3 * 4 * elements}
  names = {
    "product": ("matrix product", "GFLOP/s"),
    "addition": ("adding two arrays in place", "GB/s"),
  }
  return [
    measurement.row(
      names[key][0],
      {"rate": [work[key] / seconds / 1e9 for seconds in rounds]},
      names[key][1],
    )
    for key, rounds in timed.items()
  ]


def measure() -> list[measurement.Row]:
  """Returns the rates, and the FLOPs and bytes of each model's step."""
  environment.prepare(training=True)
  import tensorflow as tf

  tf.config.threading.set_intra_op_parallelism_threads(_THREADS.value)
  rows = _rates(part.QUICK.value)
  if _THREADS.value:
    return rows
  for name in model_benchmark.MODELS:
    step = model_benchmark.step_function(
      name, *model_benchmark.batch_and_size()
    )
    cost = graph_cost.count(step.get_concrete_function().graph)
    for kind, value, unit in (
      ("FLOPs", cost.flops, "GFLOP"),
      ("bytes", cost.bytes, "GB"),
    ):
      title = f"{name}, {kind} of a training step"
      rows.append(measurement.row(title, {"count": [value / 1e9]}, unit))
  return rows


if __name__ == "__main__":
  part.run(measure)
