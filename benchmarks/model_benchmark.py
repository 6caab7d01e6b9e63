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

r"""Seconds per training step and per inference of the models of the paper.

  python benchmarks/model_benchmark.py --size=257 --batch=2

A step is what the trainer does with one batch: forward and backward pass with
softmax cross entropy on upsampled logits, weight decay, momentum. The models
take turns in one process, and each one's best and median round are shown.
`training_step` and `inference` return plain functions, to be timed in turn
with another implementation.
"""

import statistics
import time

from absl import app
from absl import flags

from deeplab_ssl.cli import environment

_SIZE = flags.DEFINE_integer("size", 257, "Height and width of the images.")
_BATCH = flags.DEFINE_integer("batch", 2, "Images per training step.")
_REPEATS = flags.DEFINE_integer("repeats", 5, "Rounds.")
_LOSS = flags.DEFINE_string("loss", "ce", "task.losses.type.")
_THREADS = flags.DEFINE_integer("threads", 0, "Threads of TensorFlow; 0: all.")

_PLUS = {
  "aspp_with_separable_conv": True,
  "decoder_output_stride": 4,
  "decoder_use_separable_conv": True,
}
MODELS = {
  "resnet_v1_50_beta v3": {
    "backbone": "resnet_v1_50_beta",
    "multi_grid": [1, 2, 4],
  },
  "xception_65 v3+": {"backbone": "xception_65"} | _PLUS,
  "mobilenet_v2": {"backbone": "mobilenet_v2", "atrous_rates": None},
}


def _images_and_labels(batch, size):
  import numpy as np

  rng = np.random.default_rng(0)
  images = rng.uniform(0, 255, [batch, size, size, 3]).astype(np.float32)
  return images, rng.integers(0, 21, [batch, size, size, 1]).astype(np.int32)


def training_step(name: str, batch: int, size: int, loss: str = "ce"):
  """Returns a function that trains a model for one step and gives the loss."""
  import tensorflow as tf

  from deeplab_ssl.experiment import configs
  from deeplab_ssl.experiment import optimization
  from deeplab_ssl.training import task as task_lib

  config = configs.SegmentationTask(
    dataset="voc2012",
    model=configs.DeepLabModel(**MODELS[name]),
    losses=configs.Losses(type=loss),
  )
  task = task_lib.SegmentationTask(config)
  model = task.build_model()
  optimizer = optimization.Momentum(1e-5, 0.9)
  images, labels = map(tf.constant, _images_and_labels(batch, size))

  @tf.function
  def step():
    return task.train_step((images, labels), model, optimizer)["loss"]

  return lambda: float(step())


def inference(name: str, batch: int, size: int):
  """Returns a function that predicts the labels of a batch."""
  import tensorflow as tf

  from deeplab_ssl import modeling

  model = modeling.build_deeplab(**MODELS[name])
  images = tf.constant(_images_and_labels(batch, size)[0])

  @tf.function
  def predict():
    logits = modeling.upsample_logits(model(images), (size, size))
    return tf.argmax(logits, -1)

  return lambda: predict().numpy()


def seconds_in_turn(functions, repeats: int):
  """Calls functions in turn; returns {name: seconds of each round}."""
  for function in functions.values():  # The first call traces.
    function()
  seconds = {name: [] for name in functions}
  for _ in range(repeats):
    for name, function in functions.items():
      start = time.perf_counter()
      function()
      seconds[name].append(time.perf_counter() - start)
  return seconds


def main(argv):
  """Prints the table."""
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments {argv[1:]}: use --flag=value.")
  environment.prepare(training=True)
  import tensorflow as tf

  tf.config.threading.set_intra_op_parallelism_threads(_THREADS.value)
  functions = {}
  for name in MODELS:
    functions[f"{name}, training step"] = training_step(
      name, _BATCH.value, _SIZE.value, _LOSS.value
    )
    functions[f"{name}, inference"] = inference(name, _BATCH.value, _SIZE.value)
  print(f"{'':36}  best s  median s")
  for name, rounds in seconds_in_turn(functions, _REPEATS.value).items():
    print(f"{name:36}  {min(rounds):6.2f}  {statistics.median(rounds):8.2f}")


if __name__ == "__main__":
  app.run(main)
