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

"""Sets TensorFlow up before any test imports it."""

import gc
import os

from deeplab_ssl.cli import environment

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
environment.prepare(training=True)

import hypothesis  # noqa: E402  After `prepare`, as in a command.
import tensorflow as tf  # noqa: E402
from tensorflow.python.data.ops import multi_device_iterator_ops  # noqa: E402

from deeplab_ssl.input import pipeline  # noqa: E402

# Two replicas without two processors; the configuration is fixed once the
# first tensor exists, so it must happen here.
tf.config.set_logical_device_configuration(
  tf.config.list_physical_devices("CPU")[0],
  [tf.config.LogicalDeviceConfiguration()] * 2,
)

# The same examples in every run; the first call of a test traces and is slow.
hypothesis.settings.register_profile(
  "repeatable", deadline=None, derandomize=True
)
hypothesis.settings.load_profile("repeatable")


_create_device_dataset = multi_device_iterator_ops._create_device_dataset


def _create_untuned(*args, **kwargs):
  return _create_device_dataset(*args, **kwargs).with_options(
    pipeline.untuned()
  )


# That of the threads which no option of a data set reaches: the iterators of
# trainings that were over made the tests behind them wait for minutes.
multi_device_iterator_ops._create_device_dataset = _create_untuned


def pytest_collection_finish():
  """Lets the garbage collector look at less, and more seldom.

  Tracing makes millions of objects; looking for cycles among them, and among
  those of the libraries, takes an eighth of the time of the tests.
  """
  gc.freeze()
  gc.set_threshold(100_000, 50, 1000)
