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

"""Losses with their gradients on each backend of Keras, for timing.

An engine knows how its library differentiates, compiles, waits and counts
memory. "BCE" is what the library has for it, masked.
"""

from collections.abc import Callable
from typing import Any

BCE = "BCE"
_REGIONS = (3, 11)


def losses_of(names: list[str] | None = None) -> dict[str, Callable]:
  """Returns {name: function of labels and logits that gives a scalar}.

  Args:
    names: which; None for all of the package.
  """
  from keras import ops

  from deeplab_ssl import losses
  from deeplab_ssl.losses import functional

  def mean(function, **kwargs):
    def loss(labels, logits):
      found = function(labels, logits, **kwargs)
      return ops.mean(getattr(found, "loss", found))

    return loss

  found = {
    f"ssl k={size}": mean(
      functional.structural_similarity_terms,
      settings=losses.Settings(region_size=size),
    )
    for size in _REGIONS
  }
  found |= {
    "ssim k=3": mean(functional.ssim_terms),
    "affinity k=3": mean(functional.affinity_terms),
    "sigmoid_cross_entropy": mean(functional.sigmoid_cross_entropy),
    "softmax_cross_entropy": mean(functional.softmax_cross_entropy),
  }
  return {name: found[name] for name in names or found}


class _Jax:
  def __init__(self):
    import jax

    self._jax = jax

  def tensor(self, array, dtype=None):
    return self._jax.numpy.asarray(array, dtype)

  def bce(self, labels, logits):
    jnp, nn = self._jax.numpy, self._jax.nn
    mask = (labels != 255).astype(logits.dtype)
    targets = nn.one_hot(labels, logits.shape[-1], dtype=logits.dtype)
    # As optax writes it.
    log_p, log_not_p = nn.log_sigmoid(logits), nn.log_sigmoid(-logits)
    values = -targets * log_p - (1 - targets) * log_not_p
    return jnp.sum(values * mask[..., None]) / jnp.sum(mask)

  def call(self, function, labels, logits, compiled):
    run = self._jax.value_and_grad(lambda x, y: function(y, x))
    if compiled:
      run = self._jax.jit(run)
    return lambda: self._jax.block_until_ready(run(logits, labels))

  def peak(self):
    stats = self._jax.devices()[0].memory_stats()
    return stats and stats["peak_bytes_in_use"] / 2**20


class _Torch:
  def __init__(self):
    import torch

    self._torch = torch
    self._gpu = torch.cuda.is_available()

  def tensor(self, array, dtype=None):
    dtype = dtype and getattr(self._torch, dtype)
    device = "cuda" if self._gpu else "cpu"
    return self._torch.tensor(array, dtype=dtype, device=device)

  def bce(self, labels, logits):
    functional = self._torch.nn.functional
    valid = labels != 255
    targets = functional.one_hot(labels.long() * valid, logits.shape[-1])
    values = functional.binary_cross_entropy_with_logits(
      logits, targets.to(logits.dtype), reduction="none"
    )
    return (values * valid[..., None]).sum() / valid.sum()

  def call(self, function, labels, logits, compiled):
    if compiled:
      function = self._torch.compile(function)

    def run():
      x = logits.detach().requires_grad_()
      function(labels, x).backward()
      if self._gpu:
        self._torch.cuda.synchronize()

    return run

  def peak(self):
    return self._gpu and self._torch.cuda.max_memory_allocated() / 2**20


class _TensorFlow:
  def __init__(self):
    import tensorflow as tf

    self._tf = tf

  def tensor(self, array, dtype=None):
    return self._tf.cast(self._tf.constant(array), dtype or array.dtype)

  def bce(self, labels, logits):
    tf = self._tf
    mask = tf.cast(labels != 255, logits.dtype)
    targets = tf.one_hot(labels, logits.shape[-1], dtype=logits.dtype)
    values = tf.nn.sigmoid_cross_entropy_with_logits(targets, logits)
    return tf.reduce_sum(values * mask[..., None]) / tf.reduce_sum(mask)

  def call(self, function, labels, logits, compiled):
    tf = self._tf

    def run(labels, logits):
      with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = function(labels, logits)
      return loss, tape.gradient(loss, logits)

    if compiled:
      run = tf.function(run, autograph=False)
    return lambda: float(run(labels, logits)[0])

  def peak(self):
    tf = self._tf
    if not tf.config.list_physical_devices("GPU"):
      return None
    return tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20


_ENGINES = {"jax": _Jax, "torch": _Torch, "tensorflow": _TensorFlow}


def engine(backend: str) -> Any:
  """Returns what a backend needs to time a loss.

  Args:
    backend: "jax", "torch" or "tensorflow".
  """
  return _ENGINES[backend]()


def calls(
  backend: str,
  inputs: tuple,
  dtype: str,
  compiled: bool,
  names: list[str] | None = None,
) -> dict[str, Callable[[], Any]]:
  """Returns {name: function that computes a loss and its gradient}.

  Args:
    backend: of Keras in this process.
    inputs: labels and logits, arrays.
    dtype: of the logits.
    compiled: whether the backend compiles it.
    names: which of the losses; None for all, and BCE.
  """
  used = engine(backend)
  labels, logits = used.tensor(inputs[0]), used.tensor(inputs[1], dtype)
  functions = {}
  if names is None or BCE in names:
    functions[BCE] = used.bce
  wanted = None if names is None else [name for name in names if name != BCE]
  if wanted is None or wanted:
    functions |= losses_of(wanted)
  return {
    name: used.call(function, labels, logits, compiled)
    for name, function in functions.items()
  }
