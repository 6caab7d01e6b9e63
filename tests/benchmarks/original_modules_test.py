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

"""Modules for TensorFlow 1 are imported, and leave no trace of it."""

import sys

import pytest
import tensorflow as tf

from benchmarks import original_modules

_MODEL = """
import tensorflow as tf
from tensorflow.contrib import slim as contrib_slim
from tensorflow.contrib.slim.nets import resnet_utils
from deeplab.core import utils
from nets import small

slim = tf.contrib.slim

class Layer(tf.layers.Layer):
  pass

def loss():
  with tf.variable_scope("scope"):
    slim.conv2d(
      tf.zeros([1, 4, 4, 3]), 2, 3, normalizer_fn=slim.batch_norm,
      weights_regularizer=slim.l2_regularizer(utils.DECAY),
    )
  return tf.losses.get_total_loss(), [v.op.name for v in tf.global_variables()]
"""


@pytest.fixture
def checkout(tmp_path):
  """A folder of made-up sources in the layout of the original."""
  files = {
    "deeplab/__init__.py": "",
    "deeplab/model.py": _MODEL,
    "deeplab/core/__init__.py": "",
    "deeplab/core/utils.py": "DECAY = 0.1",
    "deeplab/datasets/data_generator.py": "",
    "slim/nets/__init__.py": "",
    "slim/nets/small.py": "",
  }
  for name, text in files.items():
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
  yield tmp_path / "deeplab"
  for name in list(sys.modules):
    if name.split(".")[0] in ("deeplab", "nets"):
      del sys.modules[name]


def test_a_graph_of_tensorflow_1_is_built(checkout):
  paths = list(sys.path)
  (model,) = original_modules.import_modules(str(checkout), "model")
  assert sys.modules["tensorflow"] is tf
  assert "tensorflow.contrib" not in sys.modules
  assert sys.path == paths
  with tf.Graph().as_default():
    loss, variables = model.loss()
    start = tf.compat.v1.global_variables_initializer()
  assert "scope/Conv/BatchNorm/moving_mean" in variables
  with tf.compat.v1.Session(graph=loss.graph) as session:
    session.run(start)
    assert session.run(loss) > 0


@pytest.mark.parametrize("name", ["model.py", "datasets/data_generator.py"])
def test_a_file_that_is_missing_is_named(checkout, name):
  (checkout / name).unlink()
  with pytest.raises(ValueError, match=f"has no {name}; name the folder"):
    original_modules.import_modules(str(checkout), "model")


def test_tensors_are_compared_as_objects_for_a_while():
  one = tf.constant([1, 2])
  with original_modules.graph_building():
    assert (one == tf.constant([1, 2])) is False
  assert (one == tf.constant([1, 2])).shape == [2]
