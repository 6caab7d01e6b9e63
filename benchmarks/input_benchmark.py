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

r"""Time of the training input against the original's data generator.

  python benchmarks/input_benchmark.py --data_dir=records/camvid \
    --original=models/research/deeplab --output=benchmarks/results/input.json

Two data sets, scaled by 0.5 to 2, cropped and mirrored, batches of 4: the
records in `data_dir` with crops of 257, and the same images enlarged to
1024x2048 (height x width) with crops of 769. `original` is a checkout of
research/deeplab; its `datasets/data_generator.py` runs in the same process
through tf.compat.v1. Of its backbones, which need TensorFlow 1, the mean pixel
alone is replaced.

On one core the figure is CPU time per image: it counts all threads and is the
wall time of a core that does nothing else. On all cores it is wall time. The
pipelines take turns, so that a change of the machine's speed meets both, and a
turn ends when its buffers are full again. `steps` says how long a training step
of the smallest model waits for its batch.
"""

import importlib
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import types

from absl import app
from absl import flags

from deeplab_ssl.cli import environment

_DATA = flags.DEFINE_string("data_dir", None, "Records with a split `train`.")
_ORIGINAL = flags.DEFINE_string("original", None, "Folder research/deeplab.")
_OUTPUT = flags.DEFINE_string("output", None, "JSON file for the figures.")
_ROUNDS = flags.DEFINE_integer("rounds", 9, "Turns of each pipeline.")
_BATCHES = flags.DEFINE_integer("batches", 25, "Batches a turn, of 257.")
_STEPS = flags.DEFINE_integer("steps", 3, "Training steps; 0 leaves them out.")
_CORES = flags.DEFINE_integer(
  "cores", None, "Print the figures on so many cores alone."
)
_LARGE_DIR = flags.DEFINE_string(
  "large_dir", None, "Records of large images; by default enlarged ones."
)

# The original's name, which no package that we need has.
_PACKAGE = "deeplab"
_BATCH_SIZE = 4
_LARGE = (1024, 2048)
_LARGE_IMAGES = 40
# Of each data set: the crop, and how many times longer than 257 a batch takes.
_CASES = {"as they are": (257, 1), "enlarged": (769, 8)}
# Whatever a byte may say but void, so that any data set will do.
_NUM_CLASSES = 255


def _enlarge(shards, folder):
  """Writes records of the first images, enlarged."""
  import tensorflow as tf

  from deeplab_ssl.input import records

  path = records.shard_path(folder, "train", 0, 1)
  images = tf.data.TFRecordDataset(shards).take(_LARGE_IMAGES)
  with tf.io.TFRecordWriter(path) as writer:
    for record in images.map(records.parse_record):
      image = tf.image.resize(record["image"], _LARGE)
      label = tf.image.resize(record["label"], _LARGE, "nearest")
      example = records.make_example(
        tf.io.encode_jpeg(tf.cast(image, tf.uint8), quality=90).numpy(),
        filename=record["filename"].numpy().decode(),
        image_format="jpeg",
        height=_LARGE[0],
        width=_LARGE[1],
        label_data=tf.io.encode_png(tf.cast(label, tf.uint8)).numpy(),
      )
      writer.write(example.SerializeToString())


def _ours(folder, crop):
  """Returns an iterator over our batches."""
  from deeplab_ssl.input import pipeline
  from deeplab_ssl.input import records

  return iter(
    pipeline.train_dataset(
      records.find_shards(folder, "train"),
      crop_size=(crop, crop),
      batch_size=_BATCH_SIZE,
      num_classes=_NUM_CLASSES,
      seed=1,
    )
  )


def _import_original():
  """Imports the original's data generator, which knows TensorFlow 1 alone."""
  import tensorflow as tf

  folder = os.path.abspath(_ORIGINAL.value)
  if not os.path.isfile(os.path.join(folder, "datasets", "data_generator.py")):
    raise app.UsageError(
      f"--original={_ORIGINAL.value} has no datasets/data_generator.py; name "
      "the folder research/deeplab of a checkout of tensorflow/models."
    )
  extractor = types.ModuleType(f"{_PACKAGE}.core.feature_extractor")
  extractor.mean_pixel = lambda model_variant=None: [127.5, 127.5, 127.5]
  sys.path.insert(0, os.path.dirname(folder))
  core, generator = (
    f"{_PACKAGE}.{name}" for name in ("core", "datasets.data_generator")
  )
  package = importlib.import_module(core)
  package.feature_extractor = sys.modules[extractor.__name__] = extractor
  ours, sys.modules["tensorflow"] = sys.modules["tensorflow"], tf.compat.v1
  try:
    return importlib.import_module(generator)
  finally:
    sys.modules["tensorflow"] = ours


def _originals(folder, crop, generator, readers):
  """Returns an iterator over the original's batches."""
  import tensorflow as tf

  generator._DATASETS_INFORMATION["records"] = generator.DatasetDescriptor(
    splits_to_sizes={"train": 0}, num_classes=_NUM_CLASSES, ignore_label=255
  )
  # It compares tensors with numbers where the objects are meant.
  tf.compat.v1.disable_tensor_equality()
  try:
    dataset = generator.Dataset(
      "records",
      "train",
      folder,
      _BATCH_SIZE,
      [crop, crop],
      min_scale_factor=0.5,
      max_scale_factor=2.0,
      scale_factor_step_size=0.25,
      model_variant="mobilenet_v2",
      num_readers=readers,
      is_training=True,
      should_repeat=True,
    )
    return iter(dataset.get_one_shot_iterator())
  finally:
    tf.compat.v1.enable_tensor_equality()


def _wait_until_idle(clock):
  """Waits until all buffers are full; returns the clock when they were."""
  while True:
    now, cpu = clock(), time.process_time()
    time.sleep(0.02)
    if time.process_time() - cpu < 1e-3:
      return now


def _turn(batches, count, clock):
  """Returns seconds an image, with those that take the place of the taken."""
  start = clock()
  for _ in itertools.islice(batches, count):
    pass
  return (_wait_until_idle(clock) - start) / count / _BATCH_SIZE


def _figures(seconds):
  """Summarises {name: seconds of each round} of one case."""
  figures = {
    name: {
      "ms_per_image": round(1e3 * statistics.median(rounds), 3),
      "range": [round(1e3 * f(rounds), 3) for f in (min, max)],
      "images_per_second": round(1 / statistics.median(rounds), 1),
    }
    for name, rounds in seconds.items()
  }
  if "original" in seconds:
    ratios = [
      a / b for a, b in zip(seconds["ours"], seconds["original"], strict=True)
    ]
    figures["ratio"] = {
      "median": round(statistics.median(ratios), 3),
      "range": [round(f(ratios), 3) for f in (min, max)],
    }
  return figures


def _measure(cores):
  """Measures all cases in this process; returns {case: figures}."""
  os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
  environment.prepare(training=True)
  folders = {"as they are": _DATA.value, "enlarged": _LARGE_DIR.value}
  results = {}
  if cores > 1 and _STEPS.value:
    results["mobilenet_v2"] = _waiting(_DATA.value)
  # After what else is imported: it changes how TensorFlow is found.
  generator = _import_original() if _ORIGINAL.value else None
  for case, (crop, slower) in _CASES.items():
    pipelines = {"ours": _ours(folders[case], crop)}
    if generator:
      pipelines["original"] = _originals(folders[case], crop, generator, cores)
    count = max(2, _BATCHES.value // slower) * cores
    # On one core the CPU's time, which other programs on it do not lengthen.
    clock = time.process_time if cores == 1 else time.perf_counter
    seconds = {name: [] for name in pipelines}
    for turn in range(_ROUNDS.value + 1):
      for name, batches in pipelines.items():
        value = _turn(batches, count, clock)
        if turn:  # The first fills buffers and caches.
          seconds[name].append(value)
    results[case] = _figures(seconds)
  return results


def _waiting(folder):
  """Times steps of MobileNetV2: all of each, and its wait for the batch."""
  import tensorflow as tf

  from deeplab_ssl.experiment import configs
  from deeplab_ssl.experiment import optimization
  from deeplab_ssl.training import task as task_lib

  model = configs.DeepLabModel(backbone="mobilenet_v2", atrous_rates=None)
  task = task_lib.SegmentationTask(
    configs.SegmentationTask(dataset="camvid", model=model)
  )
  model, optimizer = task.build_model(), optimization.Momentum(1e-5, 0.9)

  @tf.function
  def step(batch):
    # The model may have fewer classes than the data.
    label = tf.minimum(batch["label"], 0)
    return task.train_step((batch["image"], label), model, optimizer)["loss"]

  batches = _ours(folder, 257)
  float(step(next(batches)))  # Traces.
  steps, waits = [], []
  for _ in range(_STEPS.value):
    start = time.perf_counter()
    batch = next(batches)
    waits.append(time.perf_counter() - start)
    float(step(batch))
    steps.append(time.perf_counter() - start)
  return {
    "batch": _BATCH_SIZE,
    "ms_per_step": round(1e3 * statistics.median(steps), 1),
    "ms_waited": round(1e3 * statistics.median(waits), 2),
  }


def _in_fresh_process(cores, large):
  """Measures where TensorFlow sees so many cores from its start."""
  command = [sys.executable, *sys.argv, f"--cores={cores}"]
  command.append(f"--large_dir={large}")
  output = subprocess.run(
    command, check=True, stdout=subprocess.PIPE, text=True
  ).stdout
  return json.loads(output.splitlines()[-1])


def _machine():
  import numpy as np
  import tensorflow as tf

  model = platform.processor() or platform.machine()
  if os.path.exists("/proc/cpuinfo"):
    with open("/proc/cpuinfo") as file:
      names = [line for line in file if line.startswith("model name")]
    model = names[0].split(":")[1].strip() if names else model
  return {
    "cpu": model,
    "cores": len(os.sched_getaffinity(0)),
    "python": platform.python_version(),
    "tensorflow": tf.__version__,
    "numpy": np.__version__,
  }


def main(argv):
  """Writes the figures."""
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments {argv[1:]}: use --flag=value.")
  if not _DATA.value:
    raise app.UsageError("--data_dir is missing: a folder of records.")
  if _CORES.value:
    print(json.dumps(_measure(_CORES.value)))
    return
  environment.prepare(training=True)
  from deeplab_ssl.input import records

  results = {"machine": _machine()}
  with tempfile.TemporaryDirectory() as folder:
    large = _LARGE_DIR.value or folder
    if not _LARGE_DIR.value:
      _enlarge(records.find_shards(_DATA.value, "train"), folder)
    for cores in sorted({1, len(os.sched_getaffinity(0))}):
      name = "1 core" if cores == 1 else f"{cores} cores"
      results[name] = _in_fresh_process(cores, large)
  text = json.dumps(results, indent=1)
  print(text)
  if _OUTPUT.value:
    with open(_OUTPUT.value, "w") as file:
      file.write(text + "\n")


if __name__ == "__main__":
  app.run(main)
