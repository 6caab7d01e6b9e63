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

"""The losses that an experiment can be trained with, a row for each.

A row is all that a training, an export and a figure know of a loss. To add one,
write its module in `losses` and its row here: the keys of its constants in
`task.losses` come from the row's dataclasses, with their defaults. A program
with a loss of its own registers a row.
"""

from collections.abc import Callable
from collections.abc import Iterator
import dataclasses
import sys
import typing
from typing import Any
from typing import Literal

import tensorflow as tf

from deeplab_ssl.common import arguments
from deeplab_ssl.common import suggestions
from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import rules
from deeplab_ssl.experiment import affinity
from deeplab_ssl.experiment import hard_pixels
from deeplab_ssl.experiment import opponents
from deeplab_ssl.experiment import structural
from deeplab_ssl.losses import on_tensorflow as losses_lib
from deeplab_ssl.losses import ssim_settings
from deeplab_ssl.losses import structural_settings

Logs = dict[str, tf.Tensor]
Activation = Literal["softmax", "sigmoid"]
# A `configs.LossConfig`, which is made of the rows below.
LossConfig = Any


@dataclasses.dataclass(frozen=True)
class LossRow:
  """One loss.

  Attributes:
    type: value of `task.losses.type`.
    label: its name in figures and reports, a function of the configuration.
    activation: what makes probabilities of logits that were trained with it.
    compute: function of the configuration, labels, logits and a function that
      returns the step, with keyword `ignore_class`; returns a loss map whose
      mean is the loss, and scalars to log.
    logged: names of these scalars, a function of the configuration.
    settings: dataclass of its constants, None without; making one checks them.
      Losses may share keys, so that those of the chosen loss alone are checked.
    extras: dataclasses of keys that no other loss has; they are always checked.
    check: raises ValueError for constants that do not go together.
    opponent: makes the opponent of a network that is trained with this loss,
      from the configuration and the number of classes; None without one.
  """

  type: str
  label: Callable[[LossConfig], str]
  activation: Activation
  compute: Callable[..., tuple[tf.Tensor, Logs]]
  logged: Callable[[LossConfig], tuple[str, ...]]
  settings: type | None = None
  extras: tuple[type, ...] = ()
  check: Callable[[LossConfig], None] = lambda config: None
  opponent: Callable[[LossConfig, int], opponents.Opponent] | None = None

  @property
  def constants(self) -> tuple[type, ...]:
    """The dataclasses whose fields are keys of `task.losses`."""
    return (*filter(None, [self.settings]), *self.extras)


def pick(constants: type, config: LossConfig) -> Any:
  """Makes a dataclass from the keys of a configuration that have its names.

  Raises:
    ValueError: if a constant is out of its range.
  """
  fields = dataclasses.fields(constants)
  return constants(**{f.name: getattr(config, f.name) for f in fields})


# === Cross entropies ===


def _softmax_cross_entropy(config, labels, logits, step, **options):
  selection = pick(hard_pixels.PixelSelection, config)
  if selection.is_plain:
    return losses_lib.softmax_cross_entropy(labels, logits, **options)
  return hard_pixels.weighted_cross_entropy(
    labels, logits, selection=selection, step=step, **options
  )


def _sigmoid_cross_entropy(config, labels, logits, step, **options):
  del config, step
  return losses_lib.sigmoid_cross_entropy(labels, logits, **options)


def _cross_entropy_row(type_, function, activation, extras=()):
  def compute(config, labels, logits, step, **options):
    loss = function(config, labels, logits, step, **options)
    return loss, {"cross_entropy": tf.reduce_mean(loss)}

  return LossRow(
    type=type_,
    label=lambda config: config.type.upper(),
    activation=activation,
    compute=compute,
    logged=lambda config: ("cross_entropy",),
    extras=extras,
  )


_CE = _cross_entropy_row(
  "ce", _softmax_cross_entropy, "softmax", (hard_pixels.PixelSelection,)
)
_BCE = _cross_entropy_row("bce", _sigmoid_cross_entropy, "sigmoid")


# === Structural similarity ===


def _named(terms, names):
  return {name: getattr(terms, name) for name in names}


def _structural_similarity(config, labels, logits, step, **options):
  return structural.loss_and_logs(
    labels,
    logits,
    settings=pick(structural_settings.StructuralSimilaritySettings, config),
    statistics=pick(structural.Statistics, config),
    schedule=pick(structural.WeightSchedule, config),
    step=step,
    **options,
  )


def _ssl_logged(config):
  return structural.logged(
    pick(structural.Statistics, config), pick(structural.WeightSchedule, config)
  )


# How a label tells the constants that are not the paper's.
_SSL_LABELS = {
  "sigma": "sigma {:g}".format,
  "ce_weight": "lambda {:g}".format,
  "stability": "C4 {:g}".format,
  "stability_form": {"std": "Eq. 10", "variance": "Eq. 16"}.get,
}


def _ssl_label(config):
  parts = [f"SSL, size {config.region_size}, beta {config.beta:g}"]
  for name, told in _SSL_LABELS.items():
    value = getattr(config, name)
    if value != getattr(structural_settings.DEFAULTS, name):
      parts.append(told(value))
  if not config.ohem:
    parts.append("reweighting only")
  if not config.reweight:
    parts.append("OHEM only")
  if config.ce_weight_fall_steps:
    parts.append(f"lambda from 1 over {config.ce_weight_fall_steps} steps")
  return ", ".join(parts)


def _check_statistics(config):
  arguments.require(
    config.region_size > 1 or not config.log_statistics,
    "log_statistics",
    "false with region_size 1, where nothing is normalised",
    config.log_statistics,
  )


_SSL = LossRow(
  type="ssl",
  label=_ssl_label,
  activation="sigmoid",
  compute=_structural_similarity,
  logged=_ssl_logged,
  settings=structural_settings.StructuralSimilaritySettings,
  extras=(structural.Statistics, structural.WeightSchedule),
  check=_check_statistics,
)


# === SSIM ===

_SSIM_LOGGED = ("cross_entropy", "structural")


def _ssim(config, labels, logits, step, **options):
  del step
  terms = losses_lib.ssim_terms(
    labels, logits, settings=pick(ssim_settings.SSIMSettings, config), **options
  )
  return terms.loss, _named(terms, _SSIM_LOGGED)


_SSIM = LossRow(
  type="ssim",
  label=lambda config: f"SSIM ({config.form}), size {config.region_size}",
  activation="sigmoid",
  compute=_ssim,
  logged=lambda config: _SSIM_LOGGED,
  settings=ssim_settings.SSIMSettings,
)


# === Affinity field ===

_AFFINITY_LOGGED = ("cross_entropy", "edge", "same")


def _affinity(config, labels, logits, step, **options):
  constants = pick(affinity.AffinityConstants, config)
  terms = losses_lib.affinity_terms(
    labels,
    logits,
    settings=constants.settings(),
    strength=constants.strength(step()),
    **options,
  )
  return terms.loss, _named(terms, _AFFINITY_LOGGED)


def _size_weights(config, num_classes):
  constants = pick(affinity.AffinityConstants, config)
  return affinity.SizeWeights(constants, num_classes, config.ignore_label)


_AFFINITY = LossRow(
  type="affinity",
  label=lambda config: "AFFINITY",
  activation="softmax",
  compute=_affinity,
  logged=lambda config: _AFFINITY_LOGGED,
  extras=(affinity.AffinityConstants,),
)
# The pixel loss is the cross entropy; the forces come from the opponent.
_ADAPTIVE_AFFINITY = dataclasses.replace(
  _CE,
  type="adaptive_affinity",
  label=lambda config: "ADAPTIVE AFFINITY",
  extras=(affinity.AffinityConstants,),
  opponent=_size_weights,
)


# === The registry ===

ROWS = {
  row.type: row
  for row in (_SSL, _BCE, _CE, _SSIM, _AFFINITY, _ADAPTIVE_AFFINITY)
}
TYPES = tuple(ROWS)
# What is made of the rows: the keys of `task.losses`, and what `type` may be.
_MADE_OF_ROWS = "deeplab_ssl.experiment.configs"


def register(row: LossRow) -> None:
  """Adds a loss of one's own, which `task.losses.type` may name from then on.

  A process that uses a run which was trained with it must register it, too.

  Args:
    row: the loss; the keys of its constants become keys of `task.losses`.

  Raises:
    ValueError: if there is a loss of that type.
    RuntimeError: if it is too late, since the configurations are imported.
  """
  if row.type in ROWS:
    raise ValueError(
      f"There is a loss {row.type!r} already: give yours another type. Known "
      f"are {', '.join(ROWS)}."
    )
  if _MADE_OF_ROWS in sys.modules:
    raise RuntimeError(
      f"The loss {row.type!r} comes too late: register it before "
      f"{_MADE_OF_ROWS} is imported, which takes its keys from the rows."
    )
  ROWS[row.type] = row


def row_of(config: LossConfig) -> LossRow:
  """Returns the row of the loss that a configuration names.

  Raises:
    ValueError: if there is no such loss, naming the nearest.
  """
  if config.type not in ROWS:
    raise ValueError(
      f"task.losses.type must be one of {tuple(ROWS)}. Received: "
      f"{config.type!r}.{suggestions.did_you_mean(str(config.type), ROWS)}"
    )
  return ROWS[config.type]


def config_fields() -> Iterator[tuple[str, Any, dataclasses.Field]]:
  """Yields (name, type, field) of each constant of the losses, once.

  Raises:
    TypeError: if two losses give a constant of one name two defaults.
  """
  seen: dict[str, Any] = {}
  for constants in dict.fromkeys(
    constants for row in ROWS.values() for constants in row.constants
  ):
    hints = typing.get_type_hints(constants)
    meanings = fields.meanings_of(constants)
    for field in dataclasses.fields(constants):
      default = field.default
      if field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
      if field.name not in seen:
        seen[field.name] = default
        rule = rules.of_type(hints[field.name])
        meaning = meanings[field.name]
        declared = fields.declared(default, rule, meaning)
        yield field.name, hints[field.name], declared
      elif seen[field.name] != default:
        raise TypeError(
          f"The constant {field.name!r} has the default {default!r} in "
          f"{constants.__name__} and {seen[field.name]!r} in another loss."
        )


def check(config: LossConfig) -> None:
  """Refuses a loss that no training can have.

  Args:
    config: the loss and its constants.

  Raises:
    ValueError: naming the constant and what it may be.
  """
  row = row_of(config)
  try:
    extras = (extra for other in ROWS.values() for extra in other.extras)
    # Pictures of every run show the structural error, whatever its loss.
    shown = structural_settings.StructuralSimilaritySettings
    for constants in dict.fromkeys([*row.constants, shown, *extras]):
      pick(constants, config)
    row.check(config)
  except ValueError as error:
    raise ValueError(f"In task.losses: {error}") from error


def logged_names(config: LossConfig) -> tuple[str, ...]:
  """Returns the names of the scalars that `compute_loss` logs."""
  return row_of(config).logged(config)


def compute_loss(
  config: LossConfig,
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
    ignore_label: label of ignored pixels.
    step: returns the number of the training step; asked only where a loss
      changes over the training.

  Returns:
    `(loss, logs)`: a scalar whose mean over the replicas is the loss of the
    global batch, and scalars to log.

  Raises:
    ValueError: if the type of the loss or a constant is unknown.
  """
  loss, logs = row_of(config).compute(
    config, labels, logits, step, ignore_class=ignore_label
  )
  return tf.reduce_mean(loss), logs
