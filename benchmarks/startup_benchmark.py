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

"""How long a command takes before it does what it is for.

  python -m benchmarks.startup_benchmark

Each is a process from its start to its end: `train --help`, and `evaluate` on a
split of four small images with a small model, which take no time. Beside them
stands a process that imports TensorFlow and does nothing.
"""

import os
import subprocess
import sys
import tempfile

from absl import flags

from benchmarks import measurement
from benchmarks import part
from deeplab_ssl.cli import environment

_ROUNDS = flags.DEFINE_integer("startup_rounds", 3, "Rounds.")
_BARE = "import tensorflow"
# To train and to evaluate: as few as their shards allow.
_IMAGES = (8, 4)


def _make_run(folder):
  """Writes records of a few images, and a run; returns its folder."""
  from official.core import task_factory
  import tensorflow as tf

  from deeplab_ssl.experiment import resolution
  from deeplab_ssl.preparation import digit_scenes
  from deeplab_ssl.training import parsing
  from deeplab_ssl.training import run

  records = digit_scenes.make_records(
    os.path.join(folder, "records"), *_IMAGES, seed=0
  )
  params = parsing.parse_experiment("deeplab_ssl_demo")
  params.override(
    {
      "task": {
        "train_data": {"input_path": records},
        "validation_data": {"input_path": records},
      }
    }
  )
  params, dataset, _ = resolution.resolve(params)
  run_dir = os.path.join(folder, "run")
  run.write_run(params, dataset, run_dir)
  model = task_factory.get_task(params.task, dataset=dataset).build_model()
  tf.train.Checkpoint(model=model).save(os.path.join(run_dir, "ckpt"))
  return run_dir


def _process(*arguments):
  """Returns a function that runs Python to its end."""

  def run():
    done = subprocess.run(
      [sys.executable, *arguments], capture_output=True, text=True
    )
    if done.returncode:
      raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr}")

  return run


def measure() -> list[measurement.Row]:
  """Returns a row for each command."""
  environment.prepare()
  with tempfile.TemporaryDirectory() as folder:
    run_dir = _make_run(folder)
    commands = {
      "train --help": _process("-m", "deeplab_ssl.train", "--help"),
      "evaluate, first images": _process(
        "-m", "deeplab_ssl.evaluate", f"--model_dir={run_dir}"
      ),
      _BARE: _process("-c", _BARE),
    }
    timed = measurement.seconds_in_turn(commands, part.few(_ROUNDS.value))
  return [
    measurement.row(name, {name: timed[name], _BARE: timed[_BARE]})
    for name in commands
    if name != _BARE
  ]


if __name__ == "__main__":
  part.run(measure)
