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

r"""Training steps and predictions of the models of the paper.

  python -m benchmarks.model_benchmark --compare=original \
    --original=models/research/deeplab

A step is what the trainer does with one batch: forward and backward pass with
softmax cross entropy on upsampled logits, weight decay, momentum. Batch norm is
frozen, as in the original's default for batches of this size. `--compare` says
with what:

  original: the original's graph, where its sources are given.
  prediction: the original's frozen graph.
  bfloat16: ours in bfloat16 with ours in float32.
  garden: our ResNet-50 with Model Garden's DilatedResNet-50, both v3.
"""

from collections.abc import Callable

from absl import flags

from benchmarks import measurement
from benchmarks import original
from benchmarks import part
from deeplab_ssl.cli import environment

_SIZE = flags.DEFINE_integer("size", 257, "Height and width of the images.")
_BATCH = flags.DEFINE_integer("batch", 2, "Images per training step.")
_ROUNDS = flags.DEFINE_integer("rounds", 5, "Rounds.")
_THREADS = flags.DEFINE_integer("threads", 0, "Threads of TensorFlow; 0: all.")
_COMPARE = flags.DEFINE_enum(
  "compare",
  "original",
  ["original", "prediction", "bfloat16", "garden"],
  "What the models are compared with.",
)

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
# The others of the original. Those for phones have image pooling alone;
# resnet_v1_50 and resnet_v1_101 are left out, since random weights overflow in
# them while batch norm is frozen.
OTHER_MODELS = {
  **{
    name: {"backbone": name, "atrous_rates": None}
    for name in (
      "mobilenet_v3_large_seg",
      "mobilenet_v3_small_seg",
      "mobilenet_edgetpu",
    )
  },
  **{
    f"{name} v3": {"backbone": name}
    for name in (
      "resnet_v1_18",
      "resnet_v1_18_beta",
      "nas_pnasnet",
    )
  },
  "nas_hnasnet v3": {"backbone": "nas_hnasnet", "output_stride": 8},
  "xception_41 v3+": {"backbone": "xception_41"} | _PLUS,
  "xception_71 v3+": {"backbone": "xception_71"} | _PLUS,
}
_ALL = MODELS | OTHER_MODELS
_MODELS = flags.DEFINE_list(
  "models",
  list(MODELS),
  f"Which of {', '.join(_ALL)}, or 'others': those that are not of the paper.",
)
flags.register_validator(
  _MODELS,
  lambda names: names == ["others"] or set(names) <= set(_ALL),
  f"must be of {', '.join(_ALL)}, or 'others' alone.",
)


def batch_and_size() -> tuple[int, int]:
  """Returns how many images a step takes, and their height and width."""
  return (1, 65) if part.QUICK.value else (_BATCH.value, _SIZE.value)


def images_and_labels(batch: int, size: int):
  """Returns float32 images in [0, 255] and int32 labels of 21 classes."""
  import numpy as np

  rng = np.random.default_rng(0)
  images = rng.uniform(0, 255, [batch, size, size, 3]).astype(np.float32)
  return images, rng.integers(0, 21, [batch, size, size, 1]).astype(np.int32)


def _task(name, **options):
  from deeplab_ssl.experiment import configs
  from deeplab_ssl.training import task as task_lib

  config = configs.SegmentationTask(
    dataset="voc2012",
    model=configs.DeepLabModel(**_ALL[name] | options),
    losses=configs.Losses(type="ce"),
  )
  return task_lib.SegmentationTask(config)


def step_function(
  name: str,
  batch: int,
  size: int,
  dtype: str = "float32",
  parts: int = 1,
  jit_compile: bool = False,
  **options,
):
  """Returns a `tf.function` that trains a model for one step.

  Args:
    name: one of `MODELS` or `OTHER_MODELS`.
    batch: images of the step.
    size: their height and width.
    dtype: of the activations.
    parts: `trainer.accumulation_steps`.
    jit_compile: `runtime.enable_xla`.
    **options: keys of `task.model` on top of those of the model.
  """
  import tensorflow as tf

  from deeplab_ssl.experiment import optimization
  from deeplab_ssl.modeling import precision
  from deeplab_ssl.training import step_options

  task = _task(name, fine_tune_batch_norm=False, **options)
  task.step_options = step_options.StepOptions(parts, jit_compile)
  with precision.scope(dtype):
    model = task.build_model()
  optimizer = optimization.Momentum(1e-5, 0.9)
  images, labels = map(tf.constant, images_and_labels(batch, size))

  @tf.function
  def step():
    return task.train_step((images, labels), model, optimizer)["loss"]

  return step


def training_step(*args, **options) -> Callable[[], float]:
  """Returns a function that takes a step and waits for its loss.

  Args:
    *args: of `step_function`.
    **options: of `step_function`.
  """
  step = step_function(*args, **options)
  return lambda: float(step())


def _garden_step(batch, size):
  """Returns a function that trains Model Garden's own model and task."""
  from official.core import exp_factory
  from official.core import task_factory
  from official.vision import registry_imports  # noqa: F401
  import tensorflow as tf

  from deeplab_ssl.experiment import optimization

  params = exp_factory.get_exp_config("seg_deeplabv3_pascal").task
  params.model.backbone.dilated_resnet.model_id = 50
  params.model.norm_activation.use_sync_bn = False
  params.model.input_size = [size, size, 3]
  params.train_data.output_size = [size, size]
  task = task_factory.get_task(params)
  model = task.build_model()
  optimizer = optimization.Momentum(1e-5, 0.9)
  images, labels = images_and_labels(batch, size)
  images = tf.constant(images / 127.5 - 1)
  labels = {"masks": tf.constant(labels), "valid_masks": labels != 255}

  @tf.function
  def step():
    return task.train_step((images, labels), model, optimizer)["loss"]

  return lambda: float(step())


def _prediction(name, batch, size):
  """Returns a function that predicts the labels of a batch."""
  import tensorflow as tf

  from deeplab_ssl import modeling

  model = modeling.build_deeplab(**_ALL[name])
  images = tf.constant(images_and_labels(batch, size)[0])

  @tf.function
  def predict():
    logits = modeling.upsample_logits(model(images), (size, size))
    return tf.argmax(logits, -1)

  return lambda: predict().numpy()


def _sides(name, batch, size):
  """Returns the title of a row and {label: function}, ours first."""
  against, folder = _COMPARE.value, part.ORIGINAL.value
  data = images_and_labels(batch, size)
  if against == "garden":
    title = "ResNet-50 v3, training step"
    others = {"Model Garden's DilatedResNet-50": _garden_step(batch, size)}
  elif against == "bfloat16":
    title = f"{name}, training step in bfloat16"
    others = {"ours in float32": training_step(name, batch, size)}
  elif against == "prediction":
    title = f"{name}, prediction"
    others = {}
    if folder:
      others["original, frozen graph"] = original.prediction(
        folder, _ALL[name], data[0], _THREADS.value
      )
  else:
    title, others = f"{name}, training step", {}
    if folder:
      others["original"] = original.training_step(
        folder, _ALL[name], *data, _THREADS.value
      )
  if against == "prediction":
    ours = _prediction(name, batch, size)
  else:
    dtype = "bfloat16" if against == "bfloat16" else "float32"
    ours = training_step(name, batch, size, dtype)
  return title, {"ours": ours} | others


def _names():
  """Returns which models are measured."""
  if _COMPARE.value == "garden":
    return ["resnet_v1_50_beta v3"]
  return OTHER_MODELS if _MODELS.value == ["others"] else _MODELS.value


def measure() -> list[measurement.Row]:
  """Returns a row for each model."""
  environment.prepare(training=_COMPARE.value != "prediction")
  import tensorflow as tf

  tf.config.threading.set_intra_op_parallelism_threads(_THREADS.value)
  batch, size = batch_and_size()
  rows = []
  for name in _names():
    title, functions = _sides(name, batch, size)
    timed = measurement.seconds_in_turn(functions, part.few(_ROUNDS.value))
    rows.append(measurement.row(title, timed))
  return rows


if __name__ == "__main__":
  part.run(measure)
