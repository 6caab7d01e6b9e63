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

"""How fast mixed precision is on this machine, from a short measurement.

No list of devices says it: of two CPUs with instructions for bfloat16, one
trains in half the time and the other in more than float32 takes.
"""

import functools
import time

from absl import logging
import numpy as np
import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import precision

# A map of the size that a crop of 513 has at output stride 16, and the
# convolutions that every network here is made of.
_MAP = (1, 33, 33, 128)
_CHANNELS = 128
_ROUNDS = 3


def _step(dtype):
  """Returns a function that does a forward and a backward pass."""
  with precision.scope(dtype):
    network = tf_keras.Sequential(
      [
        layers.ConvBatchNorm("full", _CHANNELS, 3),
        layers.SeparableConvBatchNorm("separable", _CHANNELS, rate=2),
        layers.ConvBatchNorm("pointwise", _CHANNELS),
      ]
    )
    network.build(_MAP)
  inputs = tf.zeros(_MAP)

  @tf.function
  def step():
    with tf.GradientTape() as tape:
      loss = tf.reduce_mean(tf.cast(network(inputs), tf.float32))
    gradients = tape.gradient(loss, network.trainable_variables)
    return tf.add_n([tf.reduce_sum(gradient) for gradient in gradients])

  return step


def _seconds(step):
  started = time.perf_counter()
  float(step())
  return time.perf_counter() - started


def warn_if_slower(dtype: str | None) -> None:
  """Warns if this machine is slower in a type than in float32.

  Args:
    dtype: one of `precision.DTYPES`; for None and float32 there is nothing to
      measure.
  """
  if dtype in (None, "float32"):
    return
  ratio = relative_time(dtype)
  if ratio > 1:
    logging.warning(
      "runtime.mixed_precision_dtype=%s is slower than float32 on this "
      "machine: a few steps of a small network took %.1f times as long. Leave "
      "it out to train faster.",
      dtype,
      ratio,
    )


@functools.cache
def relative_time(dtype: str) -> float:
  """Measures a few steps of a small network in a type and in float32.

  Both take turns, so that other work on the machine meets both alike. It takes
  a few seconds, most of them for the graphs.

  Args:
    dtype: "bfloat16" or "float16".

  Returns:
    Median time of a step in that type, relative to float32; above 1 it is
    slower.
  """
  # No variable may be made among the replicas of a training.
  with tf.distribute.OneDeviceStrategy(_device()).scope():
    steps = [_step(dtype), _step(None)]
    for step in steps:
      step()
    times = [[_seconds(step) for step in steps] for _ in range(_ROUNDS)]
  return float(np.median([narrow / full for narrow, full in times]))


def _device():
  return "/gpu:0" if tf.config.list_logical_devices("GPU") else "/cpu:0"
