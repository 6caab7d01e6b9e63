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

"""The loss of an experiment: which function of `losses`, and what it logs."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from deeplab_ssl import losses as losses_lib
from deeplab_ssl.training import configs

Logs = dict[str, tf.Tensor]


class _PixelLoss(NamedTuple):
  """One value of `task.losses.type`.

  Attributes:
    compute: function of the configuration, labels, logits and the step, with
      keyword `ignore_class`; returns a loss map whose mean is the loss, and
      scalars to log.
    terms: names of these scalars.
  """

  compute: Callable[..., tuple[tf.Tensor, Logs]]
  terms: tuple[str, ...]


_SSL_TERMS = (
  "cross_entropy",
  "structural",
  "hard_fraction",
  "error_mean",
  "error_max",
)


def _named(terms, names):
  return {name: getattr(terms, name) for name in names}


def _ssl_settings(config):
  return losses_lib.Settings(**_named(config, losses_lib.Settings._fields))


def _ssim_settings(config):
  return losses_lib.SSIMSettings(
    **_named(config, losses_lib.SSIMSettings._fields)
  )


def _structural_similarity(config, labels, logits, step, **options):
  del step
  settings = _ssl_settings(config)
  terms = losses_lib.structural_similarity_terms(
    labels, logits, settings=settings, **options
  )
  logs = _named(terms, _SSL_TERMS)
  if config.log_statistics:
    statistics = losses_lib.normalized_statistics(
      labels, logits, settings=settings, **options
    )
    logs |= statistics._asdict()
  return terms.loss, logs


def _ssim(config, labels, logits, step, **options):
  del step
  terms = losses_lib.ssim_terms(
    labels, logits, settings=_ssim_settings(config), **options
  )
  return terms.loss, _named(terms, ("cross_entropy", "structural"))


def _affinity(config, labels, logits, step, **options):
  terms = losses_lib.affinity_terms(
    labels,
    logits,
    settings=affinity_settings(config),
    strength=affinity_strength(config, step()),
    **options,
  )
  return terms.loss, _named(terms, ("cross_entropy", "edge", "same"))


def _cross_entropy(function):
  def compute(config, labels, logits, step, **options):
    del config, step
    loss = function(labels, logits, **options)
    return loss, {"cross_entropy": tf.reduce_mean(loss)}

  return compute


_CE = _PixelLoss(
  _cross_entropy(losses_lib.softmax_cross_entropy), ("cross_entropy",)
)
_LOSSES = {
  "ssl": _PixelLoss(_structural_similarity, _SSL_TERMS),
  "bce": _PixelLoss(
    _cross_entropy(losses_lib.sigmoid_cross_entropy), ("cross_entropy",)
  ),
  "ce": _CE,
  "ssim": _PixelLoss(_ssim, ("cross_entropy", "structural")),
  "affinity": _PixelLoss(_affinity, ("cross_entropy", "edge", "same")),
  # Its forces come from `adaptive_affinity.SizeWeights`.
  "adaptive_affinity": _CE,
}
TYPES = tuple(_LOSSES)


def affinity_settings(
  config: configs.LossTerms, **overrides
) -> losses_lib.AffinitySettings:
  """Returns the constants of the affinity field of a configuration."""
  adaptive = config.type == "adaptive_affinity"
  sizes = config.kernel_sizes or ((3, 5, 7) if adaptive else (3,))
  return losses_lib.AffinitySettings(
    kernel_sizes=tuple(sizes),
    margin=config.margin,
    edge_weight=config.edge_weight,
    same_weight=config.same_weight,
  )._replace(**overrides)


def affinity_strength(config: configs.LossTerms, step) -> tf.Tensor:
  """Returns the factor of the affinity field at a step, 1 at the first."""
  if not config.decay_steps:
    return tf.constant(1.0)
  progress = tf.minimum(tf.cast(step, tf.float32) / config.decay_steps, 1.0)
  return config.field_decay**progress


def check(config: configs.LossTerms) -> None:
  """Refuses a loss that no training can have.

  Args:
    config: the loss and its constants.

  Raises:
    ValueError: naming the constant and what it may be.
  """
  if config.type not in _LOSSES:
    raise ValueError(
      f"task.losses.type must be one of {TYPES}. Received: {config.type!r}"
    )
  try:
    if config.type == "ssl":
      _ssl_settings(config).validate()
    elif config.type == "ssim":
      _ssim_settings(config).validate()
    elif "affinity" in config.type:
      affinity_settings(config).validate()
  except TypeError as error:  # Text where a number is wanted.
    raise ValueError(
      f"A constant of task.losses is no number: {error}."
    ) from error
  rules = {
    "log_statistics": (
      not config.log_statistics or config.region_size > 1,
      "false with region_size 1, where nothing is normalised",
    ),
    "field_decay": (0 < config.field_decay <= 1, "in (0, 1]"),
    "decay_steps": (config.decay_steps >= 0, "0 or more"),
    "size_weights_learning_rate": (
      config.size_weights_learning_rate > 0,
      "positive",
    ),
  }
  configs.require_fields("task.losses", config, rules)


def term_names(config: configs.LossTerms) -> tuple[str, ...]:
  """Returns the names of the scalars that `compute_loss` logs."""
  check(config)
  names = _LOSSES[config.type].terms
  if config.type == "ssl" and config.log_statistics:
    names += losses_lib.NormalizedStatistics._fields
  return names


def compute_loss(
  config: configs.LossTerms,
  labels: tf.Tensor,
  logits: tf.Tensor,
  ignore_label: int,
  step: Callable[[], tf.Tensor | int] = lambda: 0,
) -> tuple[tf.Tensor, Logs]:
  """Computes the configured loss of one replica.

  Args:
    config: the loss and its constants.
    labels: `[batch, height, width, 1]`.
    logits: `[batch, height, width, classes]`.
    ignore_label: label that takes part in nothing.
    step: returns the number of the training step; asked only where a loss
      changes over the training.

  Returns:
    `(loss, terms)`: a scalar whose mean over the replicas is the loss of the
    global batch, and scalars to log.

  Raises:
    ValueError: if the type of the loss or a constant is unknown.
  """
  check(config)
  loss, logs = _LOSSES[config.type].compute(
    config, labels, logits, step, ignore_class=ignore_label
  )
  return tf.reduce_mean(loss), logs
