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

  python -m benchmarks.loss_benchmark --size=513 --classes=21

Times the value and the gradient of one image, the losses in turn. The peak
memory is that of a fresh process, logits and labels not counted.

"BCE by hand" is what one would write by hand:
tf.nn.sigmoid_cross_entropy_with_logits, masked, differentiated by TensorFlow.
Everything is relative to it. "affinity by hand" is the affinity field with its
eight neighbours stacked; "tf.image.ssim" is 1 minus that of the probabilities
and the one-hot labels, which knows no void.

  python -m benchmarks.loss_benchmark --backend=jax --batch=12

measures all losses on a backend of Keras against what that has for BCE, in
float32 and bfloat16, compiled and eager, on a GPU where there is one.
"""

import json
import os

from absl import flags

from benchmarks import backend_losses
from benchmarks import measurement
from benchmarks import operation_times
from benchmarks import part

_SIZE = flags.DEFINE_integer("size", 513, "Height and width of the image.")
_CLASSES = flags.DEFINE_integer("classes", 21, "Number of classes.")
_REGIONS = flags.DEFINE_list("region_sizes", "3,11", "Windows of the SSL.")
_ROUNDS = flags.DEFINE_integer("rounds", 15, "Rounds.")
_THREADS = flags.DEFINE_integer("threads", 1, "Threads of TensorFlow.")
_ONEDNN = flags.DEFINE_bool("onednn", True, "Whether oneDNN kernels are used.")
_PEAK_OF = flags.DEFINE_string(
  "peak_of", None, "Print the memory growth of this loss alone, in MiB."
)
_BACKEND = flags.DEFINE_enum(
  "backend", None, ["jax", "torch", "tensorflow"], "Backend of Keras."
)
_BATCH = flags.DEFINE_integer("batch", 1, "Images, with --backend.")
_DTYPES = flags.DEFINE_list(
  "dtypes", "float32,bfloat16", "Of the logits, with --backend."
)
_MODES = flags.DEFINE_list(
  "modes", "compiled,eager", "What is measured, with --backend."
)
_BCE = "BCE by hand"
# Each takes a process of its own.
_PEAKS = (
  _BCE,
  "ssl k=3",
  "ssl k=11",
  "ssim k=3",
  "tf.image.ssim k=3",
  "affinity k=3",
  "affinity by hand",
)
# Whose time is told by kind of operation.
ANALYSED = ("ssl k=3", "ssl k=11", "ssim k=3", "affinity k=3")
# Of one form of the window: the loss and what there is to compare it with.
_TWINS = {
  "ssim k=3": "tf.image.ssim k=3",
  "ssim k=11": "tf.image.ssim k=11",
  "affinity k=3": "affinity by hand",
}


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

  def of_tensorflow(size):
    def loss(labels, logits):
      targets = tf.one_hot(labels, _CLASSES.value)
      similarity = tf.image.ssim(
        targets, tf.nn.softmax(logits), 1.0, filter_size=size
      )
      return 1 - tf.reduce_mean(similarity)

    return loss

  functions = {
    _BCE: backend_losses.engine("tensorflow").bce,
    "tf.image.ssim k=3": of_tensorflow(3),
    "tf.image.ssim k=11": of_tensorflow(11),
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


def _arrays(size, batch=1):
  """Labels in blocks with void seams, logits smooth as after upsampling."""
  import numpy as np

  rng = np.random.default_rng(0)
  cells = -(-size // 32)
  labels = rng.integers(0, _CLASSES.value, [batch, cells, cells])
  labels = np.kron(labels, np.ones([1, 32, 32], np.int32))[:, :size, :size]
  labels[:, ::32] = 255
  coarse = rng.normal(size=[batch, cells, cells, _CLASSES.value]) * 4
  return labels.astype(np.int32), coarse.astype(np.float32)


def _inputs(size):
  """Returns labels and logits as tensors of TensorFlow."""
  import tensorflow as tf

  labels, coarse = _arrays(size)
  logits = tf.image.resize(coarse, [size, size])
  return tf.constant(labels), tf.cast(logits, tf.float32)


def _enlarged(coarse, size):
  """Enlarges maps bilinearly, without a backend; float32."""
  import numpy as np

  for axis in (1, 2):
    cells = coarse.shape[axis]
    at = np.linspace(0, cells - 1, size)
    low = np.minimum(at.astype(int), cells - 2)
    shape = [1] * 4
    shape[axis] = size
    share = (at - low).reshape(shape).astype(np.float32)
    coarse = (1 - share) * coarse.take(low, axis) + share * coarse.take(
      low + 1, axis
    )
  return coarse


def _calls(functions, inputs):
  """Returns {name: function without arguments that waits for its loss}."""
  return {
    name: lambda function=function: float(function(*inputs)[0])
    for name, function in functions.items()
  }


def _peak(name):
  """Returns the MiB that one loss needs in this process."""
  functions = _losses([name])
  # Tracing and the kernels' code are not the loss's memory.
  for call in _calls(functions, _inputs(33)).values():
    call()
  (call,) = _calls(functions, _inputs(_size())).values()
  return measurement.peak_growth(call)


def _size():
  return 65 if part.QUICK.value else _SIZE.value


def _share_rows(calls):
  """Returns a row for each loss and kind of operation."""
  rows = []
  for name in ANALYSED:
    rounds = [operation_times.shares(calls[name]) for _ in range(part.few(3))]
    for kind in operation_times.KINDS:
      sides = {"share of its time": [found[kind] for found in rounds]}
      rows.append(measurement.row(f"{name}, {kind}", sides, "%"))
  return rows


def _rows(timed, peaks):
  """Returns the rows of time, then those of memory."""
  rows = []
  for values, kind, unit in ((timed, "time", "ms"), (peaks, "memory", "MiB")):
    for name, rounds in values.items():
      for other in (_BCE, _TWINS.get(name)):
        if other and name != other:
          sides = {name: rounds, other: values[other]}
          rows.append(
            measurement.row(f"{name} against {other}, {kind}", sides, unit)
          )
  return rows


def _rows_of_backend(backend):
  """Returns the rows of all losses on one backend of Keras."""
  os.environ["KERAS_BACKEND"] = backend
  os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
  labels, coarse = _arrays(_size(), _BATCH.value)
  inputs = labels, _enlarged(coarse, _size())
  if _PEAK_OF.value:
    dtype, mode, name = _PEAK_OF.value.split(":")
    print(json.dumps(_peak_on(backend, inputs, dtype, mode, name)))
    raise SystemExit
  rows = []
  for dtype in _DTYPES.value:
    for mode in _MODES.value:
      rows += _rows_of_mode(backend, inputs, dtype, mode)
  return rows


def _rows_of_mode(backend, inputs, dtype, mode):
  calls = backend_losses.calls(backend, inputs, dtype, mode == "compiled")
  timed = measurement.seconds_in_turn(calls, part.few(_ROUNDS.value))
  rows = []
  for name, rounds in timed.items():
    if name == backend_losses.BCE:
      continue
    title = f"{backend}, {dtype}, {mode}, {name} against BCE"
    sides = {name: rounds, "BCE": timed[backend_losses.BCE]}
    rows.append(measurement.row(f"{title}, time", sides))
    peaks = {
      key: [measurement.in_fresh_process(f"--peak_of={dtype}:{mode}:{key}")]
      for key in (name, backend_losses.BCE)
    }
    rows.append(measurement.row(f"{title}, memory", peaks, "MiB"))
  return rows


def _peak_on(backend, inputs, dtype, mode, name):
  """Returns the MiB that one loss needs in this process."""
  compiled = mode == "compiled"
  small = inputs[0][:1, :33, :33], inputs[1][:1, :33, :33]
  for arrays in (small, inputs):
    # Tracing and the kernels' code are not the loss's memory.
    (call,) = backend_losses.calls(
      backend, arrays, dtype, compiled, [name]
    ).values()
    if arrays is small:
      call()
  call()
  on_gpu = backend_losses.engine(backend).peak()
  return on_gpu or measurement.peak_growth(call)


def measure() -> list[measurement.Row]:
  """Returns the rows of time, of peak memory and of the shares of the time."""
  if _BACKEND.value:
    return _rows_of_backend(_BACKEND.value)
  # Both are read when TensorFlow is imported.
  os.environ["TF_ENABLE_ONEDNN_OPTS"] = str(int(_ONEDNN.value))
  os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
  import tensorflow as tf

  tf.config.threading.set_intra_op_parallelism_threads(_THREADS.value)
  tf.config.threading.set_inter_op_parallelism_threads(1)
  if _PEAK_OF.value:
    print(json.dumps(_peak(_PEAK_OF.value)))
    raise SystemExit
  functions = _losses(None)
  calls = _calls(functions, _inputs(_size()))
  timed = measurement.seconds_in_turn(calls, part.few(_ROUNDS.value))
  peaks = {
    name: [measurement.in_fresh_process(f"--peak_of={name}")]
    for name in (_PEAKS[:2] if part.QUICK.value else _PEAKS)
  }
  return _rows(timed, peaks) + _share_rows(calls)


if __name__ == "__main__":
  part.run(measure)
