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

"""What XLA makes of the loss and of a training step.

  python -m benchmarks.compiler_benchmark

`runtime.enable_xla` is refused on a CPU; the row of the step shows why.
"""

from absl import flags

from benchmarks import measurement
from benchmarks import model_benchmark
from benchmarks import part
from deeplab_ssl.cli import environment

_ROUNDS = flags.DEFINE_integer("compiler_rounds", 3, "Rounds.")
_CLASSES = 21
_ON_CPU = ("mobilenet_v2",)


def _loss(size, jit_compile):
  """Returns a function that computes SSL and its gradient on one image."""
  import tensorflow as tf

  from deeplab_ssl import losses

  _, labels = model_benchmark.images_and_labels(1, size)
  labels = tf.constant(labels[..., 0])
  logits = tf.random.stateless_normal([1, size, size, _CLASSES], [0, 1])
  settings = losses.Settings(region_size=3)

  @tf.function(jit_compile=jit_compile)
  def run():
    with tf.GradientTape() as tape:
      tape.watch(logits)
      terms = losses.structural_similarity_terms(
        labels, logits, settings=settings
      )
      loss = tf.reduce_mean(terms.loss)
    return loss, tape.gradient(loss, logits)

  return lambda: float(run()[0])


def _row(title, make):
  functions = {"XLA": make(True), "plain": make(False)}
  timed = measurement.seconds_in_turn(functions, part.few(_ROUNDS.value))
  return measurement.row(title, timed)


def measure() -> list[measurement.Row]:
  """Returns a row of the loss, and one for each model.

  On a CPU there is the smallest model alone: compiling takes a minute.
  """
  environment.prepare(training=True)
  import tensorflow as tf

  batch, size = model_benchmark.batch_and_size()
  rows = [_row("ssl k=3 under XLA", lambda jit: _loss(size, jit))]
  has_gpu = tf.config.list_physical_devices("GPU")
  for name in model_benchmark.MODELS if has_gpu else _ON_CPU:
    rows.append(
      _row(
        f"{name}, training step under XLA",
        lambda jit, name=name: model_benchmark.training_step(
          name, batch, size, jit_compile=jit
        ),
      )
    )
  return rows


if __name__ == "__main__":
  part.run(measure)
