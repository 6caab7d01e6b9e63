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

  python -m benchmarks.input_benchmark --data_dir=records/camvid \
    --original=models/research/deeplab

Two data sets, scaled by 0.5 to 2, cropped and mirrored, batches of 4: the
records in `data_dir` with crops of 257, and the same images enlarged to
1024x2048 (height x width) with crops of 769. Without `data_dir`, photographs
are drawn: smooth noise of all wavelengths, as large as those of CamVid.
`original` is a checkout of research/deeplab; its `datasets/data_generator.py`
runs in the same process.

On one core the figure is CPU time per image: it counts all threads and is the
wall time of a core that does nothing else. On all cores it is wall time. The
pipelines take turns, and a turn ends when its buffers are full again. The last
row says how long a training step of the smallest model waits for its batch.
"""

import itertools
import json
import os
import tempfile
import time

from absl import flags

from benchmarks import measurement
from benchmarks import original
from benchmarks import part
from deeplab_ssl.cli import environment

_DATA = flags.DEFINE_string("data_dir", None, "Records with a split `train`.")
_ROUNDS = flags.DEFINE_integer("rounds", 9, "Turns of each pipeline.")
_BATCHES = flags.DEFINE_integer("batches", 25, "Batches a turn, of 257.")
_STEPS = flags.DEFINE_integer("steps", 3, "Training steps; 0 leaves them out.")
_CORES = flags.DEFINE_integer(
  "cores", None, "Print the figures on so many cores alone."
)
_FOLDER = flags.DEFINE_string(
  "folder", None, "With `cores`: where both data sets lie."
)

_BATCH_SIZE = 4
_DRAWN = (360, 480)
_DRAWN_IMAGES = 60
_LARGE = (1024, 2048)
_LARGE_IMAGES = 40
# Of each data set: the crop, and how many times longer than 257 a batch takes.
_CASES = {"as they are": (257, 1), "enlarged": (769, 8)}
# Whatever a byte may say but void, so that any data set will do.
_NUM_CLASSES = 255


def _noise(rng, channels):
  """Returns `[height, width, channels]` in [0, 255], rough at every scale."""
  import tensorflow as tf

  total = 0.0
  for cells in (2, 4, 8, 16, 32, 64, 128):
    coarse = rng.normal(size=[cells, cells, channels]) / cells**0.5
    total += tf.image.resize(coarse, _DRAWN, "bicubic")
  low, high = tf.reduce_min(total), tf.reduce_max(total)
  return tf.cast(255 * (total - low) / (high - low), tf.uint8)


def _record(image, label, filename):
  """Returns a record, in bytes, of uint8 arrays."""
  import tensorflow as tf

  from deeplab_ssl.input import records

  height, width = image.shape[:2]
  example = records.make_example(
    tf.io.encode_jpeg(image, quality=90).numpy(),
    filename=filename,
    image_format="jpeg",
    height=height,
    width=width,
    label_data=tf.io.encode_png(label).numpy(),
  )
  return example.SerializeToString()


def _draw(folder):
  """Writes records of drawn images."""
  import numpy as np
  import tensorflow as tf

  from deeplab_ssl.input import records

  rng = np.random.default_rng(0)
  path = records.shard_path(folder, "train", 0, 1)
  with tf.io.TFRecordWriter(path) as writer:
    for i in range(_DRAWN_IMAGES):
      label = _noise(rng, 1) // 24
      writer.write(_record(_noise(rng, 3), label, f"drawn{i}"))


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
      filename = record["filename"].numpy().decode()
      image, label = (tf.cast(x, tf.uint8) for x in (image, label))
      writer.write(_record(image, label, filename))


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


def _measure(cores):
  """Returns the rows of all cases, measured in this process."""
  os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
  environment.prepare(training=True)
  clock = time.process_time if cores == 1 else time.perf_counter
  what = "CPU time" if cores == 1 else "time"
  rows = []
  for case, (crop, slower) in _CASES.items():
    folder = os.path.join(_FOLDER.value, case)
    pipelines = {"ours": _ours(folder, crop)}
    if part.ORIGINAL.value:
      pipelines["original"] = original.batches(
        part.ORIGINAL.value, folder, crop, _BATCH_SIZE, readers=cores
      )
    count = max(2, part.few(_BATCHES.value) // slower) * cores
    seconds = {name: [] for name in pipelines}
    for turn in range(part.few(_ROUNDS.value) + 1):
      for name, batches in pipelines.items():
        value = _turn(batches, count, clock)
        if turn:  # The first fills buffers and caches.
          seconds[name].append(value)
    title = f"{what} of an image, {case}, {cores} core{'s' * (cores > 1)}"
    rows.append(measurement.row(title, seconds))
  return rows


def _waiting(folder):
  """Returns a row on steps of MobileNetV2: the wait for a batch of each."""
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
  sides = {"wait for the batch": waits, "training step": steps}
  return measurement.row("mobilenet_v2, wait of a training step", sides)


def measure() -> list[measurement.Row]:
  """Returns the rows on one core, on all cores, and of a training step."""
  if _CORES.value:
    print(json.dumps(_measure(_CORES.value)))
    raise SystemExit
  environment.prepare(training=True)
  from deeplab_ssl.input import records

  rows = []
  with tempfile.TemporaryDirectory() as folder:
    as_they_are, enlarged = (os.path.join(folder, case) for case in _CASES)
    os.makedirs(enlarged)
    if _DATA.value:
      os.symlink(os.path.abspath(_DATA.value), as_they_are)
    else:
      os.makedirs(as_they_are)
      _draw(as_they_are)
    _enlarge(records.find_shards(as_they_are, "train"), enlarged)
    for cores in sorted({1, len(os.sched_getaffinity(0))}):
      rows += measurement.in_fresh_process(
        f"--cores={cores}", f"--folder={folder}"
      )
    if _STEPS.value:
      rows.append(_waiting(as_they_are))
  return rows


if __name__ == "__main__":
  part.run(measure)
