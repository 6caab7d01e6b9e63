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

r"""Time and memory of the losses against a plain sigmoid cross entropy.

  python benchmarks/loss_benchmark.py --size=513 --classes=21

Times the value and the gradient of one image. The losses take turns in one
process, so that a change of the machine's speed meets all of them alike, and
each one's best round counts. The peak memory is the growth of
the resident set of a fresh process (Linux), logits and labels not counted.

"bce" is what one would write by hand: tf.nn.sigmoid_cross_entropy_with_logits,
masked, differentiated by TensorFlow. Everything is relative to it. "affinity by
hand" is the affinity field with its eight neighbours stacked.
"""

import os
import subprocess
import sys
import time

from absl import app
from absl import flags

_SIZE = flags.DEFINE_integer("size", 513, "Height and width of the image.")
_CLASSES = flags.DEFINE_integer("classes", 21, "Number of classes.")
_REGIONS = flags.DEFINE_list("region_sizes", "3,11", "Windows of the SSL.")
_REPEATS = flags.DEFINE_integer("repeats", 15, "Rounds.")
_THREADS = flags.DEFINE_integer("threads", 1, "Threads of TensorFlow.")
_ONEDNN = flags.DEFINE_bool("onednn", True, "Whether oneDNN kernels are used.")
_PEAK_OF = flags.DEFINE_string(
  "peak_of", None, "Print the memory growth of this loss alone, in MB."
)


def _neighbours(x, outside):
  """Stacks the eight neighbours, `[b, h, w, c, 8]`."""
  import tensorflow as tf

  height, width = x.shape[1:3]
  padded = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], constant_values=outside)
  offsets = [(i, j) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
  return tf.stack(
    [padded[:, i : i + height, j : j + width] for i, j in offsets], -1
  )


def _losses(names):
  """Returns {name: function of labels and logits giving loss and gradient}."""
  import tensorflow as tf

  from deeplab_ssl import losses

  def bce(labels, logits):
    mask = tf.cast(labels != 255, tf.float32)
    targets = tf.one_hot(labels, _CLASSES.value)
    values = tf.nn.sigmoid_cross_entropy_with_logits(targets, logits)
    return tf.reduce_sum(values * mask[..., None]) / tf.reduce_sum(mask)

  def package(function, **kwargs):
    return lambda labels, logits: tf.reduce_mean(
      function(labels, logits, **kwargs)
    )

  def affinity_by_hand(labels, logits):
    labels = tf.where(labels == 255, -1, labels)
    p = tf.clip_by_value(tf.nn.softmax(logits), 1e-4, 1 - 1e-4)
    near = _neighbours(p, 0.5), _neighbours(labels[..., None], -1)
    own, targets = p[..., None], tf.one_hot(labels, _CLASSES.value)[..., None]
    divergence = near[0] * tf.math.log(near[0] / own)
    divergence += (1 - near[0]) * tf.math.log((1 - near[0]) / (1 - own))
    near_targets = tf.one_hot(near[1][..., 0, :], _CLASSES.value, axis=3)
    valid = (labels[..., None] >= 0) & (near[1][..., 0, :] >= 0)
    valid = tf.cast(valid[..., None, :], tf.float32)
    edge = tf.abs(targets - near_targets) * valid
    same = valid - edge
    return tf.reduce_sum(tf.nn.relu(3.0 - divergence) * edge) / tf.reduce_sum(
      edge
    ) + tf.reduce_sum(divergence * same) / tf.reduce_sum(same)

  def terms(function, settings):
    return lambda labels, logits: tf.reduce_mean(
      function(labels, logits, settings=settings).loss
    )

  functions = {
    "bce": bce,
    "affinity by hand": affinity_by_hand,
    "affinity k=3": terms(losses.affinity_terms, losses.AffinitySettings()),
    "affinity k=3,5,7": terms(
      losses.affinity_terms, losses.AffinitySettings((3, 5, 7))
    ),
    "ssim k=3": terms(losses.ssim_terms, losses.SSIMSettings()),
    "ssim k=11": terms(losses.ssim_terms, losses.SSIMSettings(region_size=11)),
    "sigmoid_cross_entropy": package(losses.sigmoid_cross_entropy),
    "softmax_cross_entropy": package(losses.softmax_cross_entropy),
  }
  for region in _REGIONS.value:
    settings = losses.Settings(region_size=int(region))
    functions[f"ssl k={region}"] = terms(
      losses.structural_similarity_terms, settings
    )

  def with_gradient(function):
    @tf.function
    def run(labels, logits):
      with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = function(labels, logits)
      return loss, tape.gradient(loss, logits)

    return run

  names = names or functions
  return {name: with_gradient(functions[name]) for name in names}


def _inputs(size):
  """Labels in blocks with void seams, logits smooth as after upsampling."""
  import numpy as np
  import tensorflow as tf

  rng = np.random.default_rng(0)
  cells = -(-size // 32)
  labels = rng.integers(0, _CLASSES.value, [1, cells, cells])
  labels = np.kron(labels, np.ones([1, 32, 32], np.int32))[:, :size, :size]
  labels[:, ::32] = 255
  coarse = rng.normal(size=[1, cells, cells, _CLASSES.value]) * 4
  logits = tf.image.resize(coarse, [size, size])
  return tf.constant(labels, tf.int32), tf.cast(logits, tf.float32)


def _seconds(function, inputs):
  start = time.perf_counter()
  float(function(*inputs)[0])
  return time.perf_counter() - start


def _resident_mb(peak):
  key = "VmHWM:" if peak else "VmRSS:"
  with open("/proc/self/status") as status:
    return next(int(x.split()[1]) for x in status if x.startswith(key)) / 1024


def _peak(name):
  """Growth of this process's resident set, in MB, caused by one loss."""
  (function,) = _losses([name]).values()
  # Tracing and the kernels' code are not the loss's memory.
  function(*_inputs(33))
  inputs = _inputs(_SIZE.value)
  # Forgets the peak so far: that of the parent process, inherited at the fork,
  # and that of making the inputs.
  with open("/proc/self/clear_refs", "w") as clear:
    clear.write("5")
  before = _resident_mb(peak=False)
  for _ in range(3):
    float(function(*inputs)[0])
  return _resident_mb(peak=True) - before


def _peak_in_fresh_process(name):
  output = subprocess.run(
    [sys.executable, *sys.argv, f"--peak_of={name}"],
    check=True,
    stdout=subprocess.PIPE,
    text=True,
  ).stdout
  return float(output.split()[-1])


def main(argv):
  """Prints the table."""
  if len(argv) > 1:
    raise app.UsageError(f"Unknown arguments: {argv[1:]}")
  # Both are read when TensorFlow is imported.
  os.environ["TF_ENABLE_ONEDNN_OPTS"] = str(int(_ONEDNN.value))
  os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
  import numpy as np
  import tensorflow as tf

  tf.config.threading.set_intra_op_parallelism_threads(_THREADS.value)
  tf.config.threading.set_inter_op_parallelism_threads(1)
  if _PEAK_OF.value:
    print(_peak(_PEAK_OF.value))
    return

  functions = _losses(None)
  inputs = _inputs(_SIZE.value)
  for function in functions.values():
    _seconds(function, inputs)
  seconds = np.array(
    [
      [_seconds(function, inputs) for function in functions.values()]
      for _ in range(_REPEATS.value)
    ]
  )
  best = seconds.min(0)
  peaks = [_peak_in_fresh_process(name) for name in functions]
  print(f"{'loss':24s}{'ms':>8s}{'time':>8s}{'MB':>8s}{'memory':>8s}")
  for i, name in enumerate(functions):
    print(
      f"{name:24s}{best[i] * 1e3:8.1f}{best[i] / best[0]:8.2f}"
      f"{peaks[i]:8.1f}{peaks[i] / peaks[0]:8.2f}"
    )


if __name__ == "__main__":
  app.run(main)
