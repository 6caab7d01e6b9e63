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

"""The graph and the input of research/deeplab, from a checkout that is given.

The original is written for TensorFlow 1. Its modules are imported while
`tensorflow` stands for `tf.compat.v1` and `tensorflow.contrib` for TF-Slim,
both of which come with what this package needs; no file of it is changed, and
none is in this repository. What its graph computes is built in a `tf.Graph` of
its own and run in a session, in the same process as ours.
"""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import importlib
import os
import sys
import types

from absl import flags

# Its name, which no package that we need has.
_PACKAGE = "deeplab"
_NUM_CLASSES = 21
_IGNORE_LABEL = 255
_WEIGHT_DECAY = 4e-5
# The flags of the original that differ from its defaults, by our name of the
# model; the released ResNets want this `multi_grid`.
_FLAGS = {
  "mobilenet_v2": {"model_variant": "mobilenet_v2"},
  "resnet_v1_50_beta v3": {
    "model_variant": "resnet_v1_50_beta",
    "multi_grid": [1, 2, 4],
    "aspp_with_separable_conv": False,
  },
  "xception_65 v3+": {
    "model_variant": "xception_65",
    "decoder_output_stride": ["4"],
  },
}
_ATROUS_RATES = [6, 12, 18]


def check(folder: str) -> None:
  """Refuses a folder that is no checkout of the original.

  Args:
    folder: `research/deeplab` of a checkout of tensorflow/models, whose
      `research/slim` lies beside it.

  Raises:
    ValueError: naming the file that is missing.
  """
  for name in ("model.py", "datasets/data_generator.py", "../slim/nets"):
    if not os.path.exists(os.path.join(folder, name)):
      raise ValueError(
        f"--original={folder} has no {name}; name the folder research/deeplab "
        "of a whole checkout of tensorflow/models."
      )


def _module(name, **attributes):
  module = types.ModuleType(name)
  vars(module).update(attributes)
  return module


def _contrib():
  """Returns {name: module} that stand for tensorflow.contrib."""
  import tf_slim
  from tf_slim.layers import layers
  from tf_slim.layers import utils
  from tf_slim.nets import resnet_utils

  name = "tensorflow.contrib"
  # TF-Slim has the names of all of these in one place.
  parts = dict.fromkeys(("framework", "layers", "slim"), tf_slim)
  # Of its NAS backbones alone, which are not built here.
  parts["training"] = _module(f"{name}.training")
  modules = {f"{name}.{part}": module for part, module in parts.items()}
  modules |= {
    name: _module(name, **parts),
    f"{name}.slim.nets": tf_slim.nets,
    f"{name}.slim.nets.resnet_utils": resnet_utils,
    f"{name}.layers.python": _module(f"{name}.layers.python"),
    f"{name}.layers.python.layers": _module(
      f"{name}.layers.python.layers", layers=layers, utils=utils
    ),
    f"{name}.layers.python.layers.layers": layers,
    f"{name}.layers.python.layers.utils": utils,
  }
  return modules


def _legacy_layers():
  """Puts Keras' layers of TensorFlow 1 where TensorFlow looks for them.

  They lie elsewhere since tf_keras 2.16. Graphs ask for them when they are
  built, so that they stay.
  """
  name = "tf_keras.legacy_tf_layers"
  modules = {
    part: importlib.import_module(f"tf_keras.src.legacy_tf_layers.{part}")
    for part in ("base", "convolutional", "core", "normalization", "pooling")
  }
  sys.modules[name] = _module(name, **modules)
  for part, module in modules.items():
    sys.modules[f"{name}.{part}"] = module
  return modules


@contextlib.contextmanager
def _tensorflow_1(folder):
  """While it is open, imports find TensorFlow 1 and the original."""
  import tensorflow as tf
  import tf_keras

  contrib = _contrib()
  layers = _legacy_layers()
  one = _module(
    "tensorflow",
    contrib=contrib["tensorflow.contrib"],
    keras=tf_keras,
    layers=_module("tensorflow.layers", Layer=layers["base"].Layer),
  )
  # Not its __dict__: it loads some of its names when they are asked for.
  one.__getattr__ = lambda name: getattr(tf.compat.v1, name)
  one.__path__ = tf.__path__
  before = dict(sys.modules)
  research = os.path.dirname(os.path.abspath(folder))
  paths = [research, os.path.join(research, "slim")]
  sys.modules |= contrib | {"tensorflow": one}
  sys.path[:0] = paths
  try:
    yield
  finally:
    for path in paths:
      sys.path.remove(path)
    for name in contrib:
      sys.modules.pop(name)
    sys.modules["tensorflow"] = before["tensorflow"]


def _import(folder, *names):
  check(folder)
  with _tensorflow_1(folder):
    return [importlib.import_module(f"{_PACKAGE}.{name}") for name in names]


@contextlib.contextmanager
def _identity():
  """While it is open, `==` compares tensors as objects, as TensorFlow 1 did."""
  import tensorflow as tf

  tf.compat.v1.disable_tensor_equality()
  try:
    yield
  finally:
    tf.compat.v1.enable_tensor_equality()


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
  (generator,) = _import(folder, "datasets.data_generator")
  # Whatever a byte may say but void, so that any data set will do.
  generator._DATASETS_INFORMATION["records"] = generator.DatasetDescriptor(
    splits_to_sizes={"train": 0},
    num_classes=_IGNORE_LABEL,
    ignore_label=_IGNORE_LABEL,
  )
  with _identity():
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


@contextlib.contextmanager
def _flags_of(name):
  """Gives the original's flags their values for a model."""
  values = flags.FLAGS
  values.mark_as_parsed()
  known = {key: values[key].value for key in _FLAGS[name]}
  for key, value in _FLAGS[name].items():
    values[key].value = value
  try:
    yield
  finally:
    for key, value in known.items():
      values[key].value = value


def _options(common, name, size):
  """Returns its `ModelOptions` of a model."""
  return common.ModelOptions(
    outputs_to_num_classes={common.OUTPUT_TYPE: _NUM_CLASSES},
    crop_size=[size, size],
    atrous_rates=None if name == "mobilenet_v2" else _ATROUS_RATES,
    output_stride=16,
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
  folder: str, name: str, images, labels, threads: int = 0
) -> Callable[[], float]:
  """Builds its training graph: cross entropy, weight decay, momentum.

  Args:
    folder: of the original.
    name: a model that `model_benchmark.MODELS` has.
    images: float32 `[batch, size, size, 3]` in [0, 255].
    labels: int32 `[batch, size, size, 1]`.
    threads: of TensorFlow, 0 for all.

  Returns:
    A function that takes a step and returns the loss.
  """
  import tensorflow as tf

  common, model, train_utils = _import(
    folder, "common", "model", "utils.train_utils"
  )
  v1 = tf.compat.v1
  graph = tf.Graph()
  with graph.as_default(), _identity(), _flags_of(name):
    fed = v1.placeholder(tf.float32, images.shape)
    truth = v1.placeholder(tf.int32, labels.shape)
    outputs = model.multi_scale_logits(
      fed,
      model_options=_options(common, name, images.shape[1]),
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
  folder: str, name: str, images, threads: int = 0
) -> Callable[[], object]:
  """Builds its graph of prediction and freezes it, as its export does.

  Args:
    folder: of the original.
    name: a model that `model_benchmark.MODELS` has.
    images: float32 `[batch, size, size, 3]` in [0, 255].
    threads: of TensorFlow, 0 for all.

  Returns:
    A function that returns the labels of the images.
  """
  import tensorflow as tf

  common, model = _import(folder, "common", "model")
  v1 = tf.compat.v1
  graph = tf.Graph()
  with graph.as_default(), _identity(), _flags_of(name):
    fed = v1.placeholder(tf.float32, images.shape, name="images")
    outputs = model.predict_labels(
      fed, _options(common, name, images.shape[1]), image_pyramid=None
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
