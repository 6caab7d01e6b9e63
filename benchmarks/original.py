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

"""The graph and the input of research/deeplab, to be timed beside ours.

What its graph computes is built in a `tf.Graph` of its own and run in a
session, in the same process as ours.
"""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib

from absl import flags

from benchmarks import original_modules

_NUM_CLASSES = 21
_IGNORE_LABEL = 255
_WEIGHT_DECAY = 4e-5
# Our defaults of what has another one there.
_DEFAULTS = {
  "aspp_with_separable_conv": False,
  "decoder_use_separable_conv": False,
}
_ATROUS_RATES = [6, 12, 18]


def batches(
  folder: str, records: str, crop: int, batch: int, readers: int
) -> Iterator:
  """Returns an iterator over the training batches of its data generator.

  Args:
    folder: of the original.
    records: folder of records with a split `train`.
    crop: height and width of the crops.
    batch: images of a batch.
    readers: its flag `num_readers`.
  """
  (generator,) = original_modules.import_modules(
    folder, "datasets.data_generator"
  )
  # Whatever a byte may say but void, so that any data set will do.
  generator._DATASETS_INFORMATION["records"] = generator.DatasetDescriptor(
    splits_to_sizes={"train": 0},
    num_classes=_IGNORE_LABEL,
    ignore_label=_IGNORE_LABEL,
  )
  with original_modules.graph_building():
    dataset = generator.Dataset(
      "records",
      "train",
      records,
      batch,
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


def _flags_of(options):
  """Returns its flags for the options of a model of ours."""
  named = _DEFAULTS | options
  named["model_variant"] = named.pop("backbone")
  for of_the_options in ("atrous_rates", "output_stride"):
    named.pop(of_the_options, None)
  if "decoder_output_stride" in named:
    named["decoder_output_stride"] = [str(named["decoder_output_stride"])]
  return named


@contextlib.contextmanager
def _set_flags(options):
  """Gives the original's flags their values for a model."""
  values = flags.FLAGS
  values.mark_as_parsed()
  wanted = _flags_of(options)
  known = {key: values[key].value for key in wanted}
  for key, value in wanted.items():
    values[key].value = value
  try:
    yield
  finally:
    for key, value in known.items():
      values[key].value = value


def _options(common, options, size):
  """Returns its `ModelOptions` of a model."""
  return common.ModelOptions(
    outputs_to_num_classes={common.OUTPUT_TYPE: _NUM_CLASSES},
    crop_size=[size, size],
    atrous_rates=options.get("atrous_rates", _ATROUS_RATES),
    output_stride=options.get("output_stride", 16),
  )


def _session(graph, threads):
  """Returns a session with the settings that our commands make."""
  import tensorflow as tf

  config = tf.compat.v1.ConfigProto(intra_op_parallelism_threads=threads)
  config.gpu_options.allow_growth = True
  rewrites = config.graph_options.rewrite_options
  rewrites.remapping = type(rewrites).OFF
  return tf.compat.v1.Session(graph=graph, config=config)


def training_step(
  folder: str, options: dict, images, labels, threads: int = 0
) -> Callable[[], float]:
  """Builds its training graph: cross entropy, weight decay, momentum.

  Args:
    folder: of the original.
    options: of `build_deeplab`, such as those of `model_benchmark.MODELS`.
    images: float32 `[batch, size, size, 3]` in [0, 255].
    labels: int32 `[batch, size, size, 1]`.
    threads: of TensorFlow, 0 for all.

  Returns:
    A function that takes a step and returns the loss.
  """
  import tensorflow as tf

  common, model, train_utils = original_modules.import_modules(
    folder, "common", "model", "utils.train_utils"
  )
  v1 = tf.compat.v1
  graph = tf.Graph()
  with (
    graph.as_default(),
    original_modules.graph_building(),
    _set_flags(options),
  ):
    fed = v1.placeholder(tf.float32, images.shape)
    truth = v1.placeholder(tf.int32, labels.shape)
    outputs = model.multi_scale_logits(
      fed,
      model_options=_options(common, options, images.shape[1]),
      image_pyramid=None,
      weight_decay=_WEIGHT_DECAY,
      is_training=True,
      fine_tune_batch_norm=False,
    )
    train_utils.add_softmax_cross_entropy_loss_for_each_scale(
      outputs[common.OUTPUT_TYPE],
      truth,
      _NUM_CLASSES,
      _IGNORE_LABEL,
      loss_weight=1.0,
      upsample_logits=True,
      scope=common.OUTPUT_TYPE,
    )
    loss = v1.losses.get_total_loss()
    optimizer = v1.train.MomentumOptimizer(1e-5, 0.9)
    step = optimizer.minimize(loss)
    start = v1.global_variables_initializer()
  session = _session(graph, threads)
  session.run(start)
  feed = {fed: images, truth: labels}
  return lambda: float(session.run([loss, step], feed)[0])


def prediction(
  folder: str, options: dict, images, threads: int = 0
) -> Callable[[], object]:
  """Builds its graph of prediction and freezes it, as its export does.

  Args:
    folder: of the original.
    options: of `build_deeplab`, such as those of `model_benchmark.MODELS`.
    images: float32 `[batch, size, size, 3]` in [0, 255].
    threads: of TensorFlow, 0 for all.

  Returns:
    A function that returns the labels of the images.
  """
  import tensorflow as tf

  common, model = original_modules.import_modules(folder, "common", "model")
  v1 = tf.compat.v1
  graph = tf.Graph()
  with (
    graph.as_default(),
    original_modules.graph_building(),
    _set_flags(options),
  ):
    fed = v1.placeholder(tf.float32, images.shape, name="images")
    outputs = model.predict_labels(
      fed, _options(common, options, images.shape[1]), image_pyramid=None
    )
    tf.identity(outputs[common.OUTPUT_TYPE], name="labels")
    start = v1.global_variables_initializer()
  with _session(graph, threads) as session:
    session.run(start)
    frozen = v1.graph_util.convert_variables_to_constants(
      session, graph.as_graph_def(), ["labels"]
    )
  graph = tf.Graph()
  with graph.as_default():
    fed, labels = tf.import_graph_def(
      frozen, return_elements=["images:0", "labels:0"]
    )
  session = _session(graph, threads)
  return lambda: session.run(labels, {fed: images})
