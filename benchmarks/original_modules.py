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

"""The modules of research/deeplab, from a checkout that is given.

The original is written for TensorFlow 1. Its modules are imported while
`tensorflow` stands for `tf.compat.v1` and `tensorflow.contrib` for TF-Slim,
both of which come with what this package needs; no file of it is changed, and
none is in this repository.
"""

import contextlib
import importlib
import os
import sys
import types

# Its name, which no package that we need has.
_PACKAGE = "deeplab"


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


class _HyperParameters(types.SimpleNamespace):
  """In which the NAS backbones keep their options."""

  def set_hparam(self, name, value):
    """Sets one."""
    setattr(self, name, value)


def _contrib():
  """Returns {name: module} that stand for tensorflow.contrib."""
  import tf_slim
  from tf_slim.layers import layers
  from tf_slim.layers import utils
  from tf_slim.nets import resnet_utils

  name = "tensorflow.contrib"
  # TF-Slim has the names of all of these in one place.
  parts = dict.fromkeys(("framework", "layers", "slim"), tf_slim)
  parts["training"] = _module(f"{name}.training", HParams=_HyperParameters)
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


def _old_names():
  """Gives Keras' convolution the name that its method had in TensorFlow 1."""
  import tf_keras

  convolution = tf_keras.layers.Conv2D
  convolution._convolution_op = convolution.convolution_op


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
  import numpy as np
  import tensorflow as tf
  import tf_keras

  contrib = _contrib()
  layers = _legacy_layers()
  _old_names()
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
  # NumPy's name of it, until 1.24.
  np.int = int
  try:
    yield
  finally:
    del np.int
    for path in paths:
      sys.path.remove(path)
    for name in contrib:
      sys.modules.pop(name)
    sys.modules["tensorflow"] = before["tensorflow"]


def import_modules(folder: str, *names: str) -> list[types.ModuleType]:
  """Imports modules of the original.

  Args:
    folder: of the original.
    *names: below its package, such as "core.utils".

  Raises:
    ValueError: if it is no checkout of the original.
  """
  check(folder)
  with _tensorflow_1(folder):
    return [importlib.import_module(f"{_PACKAGE}.{name}") for name in names]


@contextlib.contextmanager
def graph_building():
  """While it is open, tensors are those of TensorFlow 1.

  `==` compares them as objects, and their shapes have dimensions with a
  `value`.
  """
  import tensorflow as tf

  tf.compat.v1.disable_tensor_equality()
  tf.compat.v1.disable_v2_tensorshape()
  try:
    yield
  finally:
    tf.compat.v1.enable_v2_tensorshape()
    tf.compat.v1.enable_tensor_equality()
