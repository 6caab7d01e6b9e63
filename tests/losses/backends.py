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

"""Losses and their gradients on the backend that Keras is set to."""

import keras
from keras import ops
import numpy as np

NAME = keras.backend.backend()


def _label_errors():
  if NAME != "tensorflow":
    return (ValueError,)
  import tensorflow as tf

  return (ValueError, tf.errors.InvalidArgumentError)


# What an illegal label raises where its value is known.
LABEL_ERRORS = _label_errors()


def value_and_gradient(function, labels, logits, *, compiled=False):
  """Puts labels and logits through a loss and differentiates its mean.

  Args:
    function: takes labels and logits, returns a map.
    labels: array.
    logits: array.
    compiled: by XLA, not for torch.

  Returns:
    Two numpy arrays: the map, and the gradient of its mean.
  """
  labels = ops.convert_to_tensor(labels)
  logits = ops.convert_to_tensor(logits)
  value, slope = _ENGINES[NAME](function, labels, logits, compiled)
  return ops.convert_to_numpy(value), ops.convert_to_numpy(slope)


def _tensorflow(function, labels, logits, compiled):
  import tensorflow as tf

  def run(labels, logits):
    with tf.GradientTape() as tape:
      tape.watch(logits)
      value = function(labels, logits)
      mean = tf.reduce_mean(value)
    return value, tape.gradient(mean, logits)

  if compiled:
    run = tf.function(run, jit_compile=True)
  return run(labels, logits)


def _jax(function, labels, logits, compiled):
  import jax

  def mean(logits, labels):
    value = function(labels, logits)
    return ops.mean(value), value

  run = jax.value_and_grad(mean, has_aux=True)
  if compiled:
    run = jax.jit(run)
  (_, value), slope = run(logits, labels)
  return value, slope


def _torch(function, labels, logits, compiled):
  if compiled:
    raise ValueError("torch is not compiled here.")
  logits = logits.clone().requires_grad_()
  value = function(labels, logits)
  value.mean().backward()
  return value.detach(), logits.grad


_ENGINES = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}


def as_low_precision(logits, dtype):
  """Returns logits as a tensor of a dtype, and what float32 they then are."""
  tensor = ops.cast(ops.convert_to_tensor(logits), dtype)
  return tensor, ops.convert_to_numpy(ops.cast(tensor, "float32"))


def one_hot(labels, classes, void=255):
  """Returns float32 one-hot labels with rows of 0 where ignored."""
  encoded = np.eye(classes, dtype=np.float32)[
    np.where(labels == void, 0, labels)
  ]
  return encoded * (labels != void)[..., None]
