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

"""Does to the product what happens to it: `make torture`.

Trainings are killed, bytes are flipped, files are cut, emptied and lost, and
settings are wrong. Each trial ends in one of these ways:

  held        the result is the one that it would have been, to the last bit
  told        an error, or a warning, names the file or the key
  untold      an error that does not
  silent      another result without a word

The last two are faults. A short form of it is among the tests.
"""

import collections
from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from unittest import mock

from absl import app
from absl import flags
from absl import logging

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import messages

environment.prepare(training=True)

import numpy as np  # noqa: E402  After `prepare`, as in a command.
import tensorflow as tf  # noqa: E402

from deeplab_ssl.checkpoints import best_checkpoint  # noqa: E402
from deeplab_ssl.checkpoints import progress  # noqa: E402
from deeplab_ssl.checkpoints import run_checkpoints  # noqa: E402
from deeplab_ssl.input import record_source  # noqa: E402
from deeplab_ssl.training import parsing  # noqa: E402
from deeplab_ssl.training import run  # noqa: E402
from tests import digits  # noqa: E402
from tests import wrong_settings  # noqa: E402

HELD, TOLD, UNTOLD, SILENT = "held", "told", "untold", "silent"
_FAULTS = (UNTOLD, SILENT)
# What the runner of the commands tells without a traceback.
_TOLD = (ValueError, OSError, tf.errors.OpError)
Trial = tuple[str, str]  # What was done, and how it ended.


def _ending(action: Callable[[], object], expected, *names: str) -> str:
  """How an action ends that returns what is expected, or names one of these."""

  def names_it(text):
    return any(name in str(text) for name in names)

  with mock.patch.object(logging, "warning") as warning:
    try:
      result = action()
    except _TOLD as error:
      return TOLD if names_it(error) else UNTOLD
    except Exception:
      return UNTOLD
  if result == expected:
    return HELD
  return TOLD if names_it(warning.call_args_list) else SILENT


# === Records ===


def _read_all(folder, split):
  """Every image and label of a split, as one comparable value."""
  source = record_source.open_split(folder, split)
  data = tf.data.Dataset.range(source.size).map(
    lambda index: source.decode(source.read(index))
  )
  return [
    (e["image"].tobytes(), e["label"].tobytes())
    for e in data.as_numpy_iterator()
  ]


def _damaged_shards(count, rng, damage, names) -> Iterator[Trial]:
  origin = pathlib.Path(digits.records())
  expected = {split: _read_all(origin, split) for split in ("train", "val")}
  with tempfile.TemporaryDirectory() as folder:
    for number in range(count):
      copy = pathlib.Path(shutil.copytree(origin, f"{folder}/{number}"))
      shard = rng.choice(sorted(copy.glob("*.tfrecord")))
      split = shard.name.split("-")[0]
      data = shard.read_bytes()
      done, changed = damage(data, rng)
      shard.write_bytes(changed)
      ending = _ending(
        lambda: _read_all(copy, split),  # noqa: B023
        expected[split],
        *(name.format(shard=shard.name, split=split) for name in names),
      )
      yield f"{shard.name} {done}", ending
      shutil.rmtree(copy)


def _flip(data, rng):
  place, bit = rng.randrange(len(data)), rng.randrange(8)
  changed = bytearray(data)
  changed[place] ^= 1 << bit
  return f"bit {bit} of byte {place}", bytes(changed)


def _cut(data, rng):
  ends = [0]
  while ends[-1] < len(data):
    length = int.from_bytes(data[ends[-1] : ends[-1] + 8], "little")
    ends.append(ends[-1] + length + 16)
  # Anywhere, and between two records, where nothing looks cut.
  end = rng.choice([rng.randrange(len(data)), rng.choice(ends[:-1])])
  return f"cut at {end}", data[:end]


def flipped_shards(count: int, rng: random.Random) -> Iterator[Trial]:
  """Flips a bit of a shard and reads all of it."""
  yield from _damaged_shards(count, rng, _flip, ["{shard}"])


def shortened_shards(count: int, rng: random.Random) -> Iterator[Trial]:
  """Cuts a shard and reads all of it."""
  yield from _damaged_shards(count, rng, _cut, ["{shard}", "{split!r}"])


# === Settings ===


def wrong_arguments(count: int, rng: random.Random) -> Iterator[Trial]:
  """Gives a setting a value that it cannot have."""
  for override in wrong_settings.sample(count, rng):
    key = override.split("=")[0]
    # An unknown key is named as far as it is known.
    names = [key, key.rsplit(".", 1)[0], key.rsplit(".", 1)[-1]]

    def parse(override=override):
      parsing.parse_experiment("deeplab_ssl", [], override)

    yield override, _ending(parse, "refused", *names)


# === Directories of runs ===


def _experiment():
  params = digits.experiment()
  params.trainer.train_steps = 6
  params.trainer.checkpoint_interval = 2
  params.trainer.validation_interval = 2
  return params


def state_of(model_dir: str) -> dict[str, bytes]:
  """What the last and the best checkpoint hold, and the scores of the best."""
  info = pathlib.Path(model_dir, "best", best_checkpoint.INFO_FILE)
  state = {"info": info.read_bytes()}
  last = run_checkpoints.newest_whole(model_dir)
  best = best_checkpoint.find(f"{model_dir}/best")
  for kind, prefix in (("last", last), ("best", best)):
    reader = tf.train.load_checkpoint(prefix)
    for name in reader.get_variable_to_shape_map():
      if not name.startswith(("save_counter", "_CHECKPOINTABLE")):
        value = np.asarray(reader.get_tensor(name))
        state[f"{kind}:{name}"] = value.tobytes()
  return state


def _damages(data):
  yield "lost", None
  yield "emptied", b""
  yield "filled with garbage", bytes(random.Random(0).randbytes(60))
  yield "cut in half", data[: len(data) // 2]
  changed = bytearray(data)
  changed[len(data) // 2] ^= 4
  yield "flipped in the middle", bytes(changed)


def _train_half(model_dir):
  """Trains until the second of three validations is done."""
  done, validated = iter(range(3)), progress.Progress.validated

  def stopped(self, step):
    validated(self, step)
    if next(done):
      raise KeyboardInterrupt

  with (
    mock.patch.object(progress.Progress, "validated", stopped),
    contextlib.suppress(KeyboardInterrupt),
  ):
    run.run_experiment(_experiment(), "train_and_eval", model_dir)


def damaged_runs(count: int, rng: random.Random) -> Iterator[Trial]:
  """Damages a file of an interrupted run and goes on with it."""
  with tempfile.TemporaryDirectory() as folder:
    half, whole = f"{folder}/half", f"{folder}/whole"
    run.run_experiment(_experiment(), "train_and_eval", whole)
    _train_half(half)
    expected = state_of(whole)
    files = [
      path.relative_to(half)
      for path in sorted(pathlib.Path(half).rglob("*"))
      if path.is_file() and "events" not in path.name and path.stat().st_size
    ]
    trials = [
      (file, damage)
      for file in files
      for damage in _damages(pathlib.Path(half, file).read_bytes())
    ]
    for number, (file, (done, data)) in enumerate(
      rng.sample(trials, min(count, len(trials)))
    ):
      copy = shutil.copytree(half, f"{folder}/{number}")
      damaged = pathlib.Path(copy, file)
      damaged.unlink() if data is None else damaged.write_bytes(data)

      def go_on(copy=copy):
        run.run_experiment(_experiment(), "train_and_eval", copy)
        return state_of(copy)

      yield f"{file} {done}", _ending(go_on, expected, file.name, file.stem)
      shutil.rmtree(copy)


# === Kills ===


def _train(model_dir):
  """Trains the tiny experiment in a process of its own."""
  return subprocess.Popen(
    [sys.executable, "-m", "tests.torture", f"--train={model_dir}"],
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    env=os.environ | {"TORTURE_RECORDS": digits.records()},
  )


def killed_trainings(count: int, rng: random.Random) -> Iterator[Trial]:
  """Kills a training at random moments until it is through."""
  with tempfile.TemporaryDirectory() as folder:
    whole = f"{folder}/whole"
    begun = tf.timestamp()
    _train(whole).communicate()
    seconds = float(tf.timestamp() - begun)
    expected, kills, number = state_of(whole), 0, 0
    while kills < count:
      model_dir, number, times = f"{folder}/{number}", number + 1, []
      while True:
        process = _train(model_dir)
        try:
          output, _ = process.communicate(timeout=rng.uniform(0, 1) * seconds)
          break
        except subprocess.TimeoutExpired:
          kind = rng.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM])
          process.send_signal(kind)
          process.communicate()
          times.append(kind.name)
      kills += len(times)
      ending = HELD if state_of(model_dir) == expected else SILENT
      if process.returncode:
        ending = UNTOLD
        print(output.decode()[-2000:])
      yield " ".join(times) or "none", ending


KINDS = {
  "flipped shards": (flipped_shards, 222),
  "shortened shards": (shortened_shards, 41),
  "wrong arguments": (wrong_arguments, 214),
  "damaged run directories": (damaged_runs, 74),
  "kills of a training": (killed_trainings, 20),
}


def torture(name: str, count: int, seed: int = 0) -> collections.Counter:
  """Does one kind of thing a number of times, and prints what went wrong.

  Args:
    name: one of `KINDS`.
    count: how many times.
    seed: of what is drawn.

  Returns:
    How often it ended in which way.
  """
  trial, _ = KINDS[name]
  endings = collections.Counter()
  for done, ending in trial(count, random.Random(seed)):
    endings[ending] += 1
    if ending in _FAULTS:
      print(f"{name}: {done}: {ending}", flush=True)
  return endings


def faults(endings: collections.Counter) -> int:
  """How many trials ended in a way that they must not."""
  return sum(endings[ending] for ending in _FAULTS)


_ONLY = flags.DEFINE_multi_enum("only", None, list(KINDS), "Kinds to do.")
_SEED = flags.DEFINE_integer("seed", 0, "Seed of what is drawn.")
_TRAIN = flags.DEFINE_string("train", None, "Only trains, into this directory.")


def main(argv):
  del argv
  messages.hide_chatter()
  if _TRAIN.value:
    params = _experiment()
    for data in (params.task.train_data, params.task.validation_data):
      data.input_path = os.environ["TORTURE_RECORDS"]
    run.run_experiment(params, "train_and_eval", _TRAIN.value)
    return 0
  print("| what | trials | held | told | untold | silent |")
  print("|---|---|---|---|---|---|")
  wrong = 0
  for name in _ONLY.value or KINDS:
    endings = torture(name, KINDS[name][1], _SEED.value)
    counts = (endings[ending] for ending in (HELD, TOLD, UNTOLD, SILENT))
    cells = [name, endings.total(), *counts]
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
    wrong += faults(endings)
  return 1 if wrong else 0


if __name__ == "__main__":
  app.run(main)
