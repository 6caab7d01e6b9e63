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

"""Memory and time of accumulation and recomputation, against the plain step.

  python -m benchmarks.memory_benchmark

A training step of a batch of four, of one model. Each peak is what the first
steps of a fresh process take beside the weights, graph and slots among it.
"""

import json

from absl import flags

from benchmarks import measurement
from benchmarks import model_benchmark
from benchmarks import part
from deeplab_ssl.cli import environment

_MODEL = flags.DEFINE_enum(
  "model", "mobilenet_v2", list(model_benchmark.MODELS), "Which model."
)
_ROUNDS = flags.DEFINE_integer("memory_rounds", 4, "Rounds.")
_PEAK_OF = flags.DEFINE_string(
  "peak_of", None, "Print the memory growth of this step alone, in MiB."
)
_BATCH = 4
_PLAIN = "plain step"
# The options of `model_benchmark.step_function`.
_STEPS = {
  _PLAIN: {},
  "accumulation in 4 parts": {"parts": 4},
  "recomputation": {"recompute": True},
}


def _step(name):
  size = model_benchmark.batch_and_size()[1]
  return model_benchmark.training_step(
    _MODEL.value, _BATCH, size, **_STEPS[name]
  )


def _peak(name):
  # From before the first step: what that one took stays with the process.
  return measurement.peak_growth(_step(name), calls=2)


def measure() -> list[measurement.Row]:
  """Returns rows of time and of memory."""
  environment.prepare(training=True)
  if _PEAK_OF.value:
    print(json.dumps(_peak(_PEAK_OF.value)))
    raise SystemExit
  timed = measurement.seconds_in_turn(
    {name: _step(name) for name in _STEPS}, part.few(_ROUNDS.value)
  )
  peaks = {
    name: [measurement.in_fresh_process(f"--peak_of={name}")] for name in _STEPS
  }
  return [
    measurement.row(
      f"{_MODEL.value}, {name}, {kind}",
      {name: values[name], _PLAIN: values[_PLAIN]},
      unit,
    )
    for values, kind, unit in ((timed, "time", "ms"), (peaks, "memory", "MiB"))
    for name in _STEPS
    if name != _PLAIN
  ]


if __name__ == "__main__":
  part.run(measure)
