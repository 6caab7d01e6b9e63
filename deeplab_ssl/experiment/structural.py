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

"""The structural similarity loss in a training: what it logs, its schedule."""

from collections.abc import Callable
import dataclasses
from typing import Any

import tensorflow as tf

from deeplab_ssl.common import arguments
from deeplab_ssl.losses import on_tensorflow as losses_lib
from deeplab_ssl.losses import structural_settings
from deeplab_ssl.losses import terms as terms_lib

_LOGGED = (
  "cross_entropy",
  "structural",
  "hard_fraction",
  "error_mean",
  "error_max",
)
# Of the terms without their factors lambda and 1 - lambda: norms, the largest
# gradient of a single sample, a pixel and a class, and how far both point the
# same way.
_GRADIENTS_LOGGED = (
  "cross_entropy_gradient",
  "structural_gradient",
  "structural_gradient_max",
  "gradient_cosine",
)


@dataclasses.dataclass(frozen=True)
class Statistics:
  """What else the structural similarity loss logs.

  Attributes:
    log_statistics: whether the extremes of the normalised maps and the median
      of `e` are logged (Fig. 3), for the time of a second loss.
    log_gradients: whether the norms of the gradients of both terms with respect
      to the logits, and the cosine between them, are logged.
  """

  log_statistics: bool = False
  log_gradients: bool = False


@dataclasses.dataclass(frozen=True)
class WeightSchedule:
  """How lambda of Eq. 17 comes to its value; the paper has it there at once.

  Attributes:
    ce_weight_fall_steps: steps over which lambda falls linearly from 1, where
      the loss is the cross entropy, to ce_weight; 0 has it there at once.

  Raises:
    ValueError: if the number is negative.
  """

  ce_weight_fall_steps: int = 0

  def __post_init__(self):
    arguments.require_numbers(self, "ce_weight_fall_steps")
    arguments.require(
      self.ce_weight_fall_steps >= 0,
      "ce_weight_fall_steps",
      "0 or more",
      self.ce_weight_fall_steps,
    )

  def weight(self, ce_weight: float, step: tf.Tensor | int) -> tf.Tensor:
    """Returns lambda at a step; the first has number 0.

    Args:
      ce_weight: where it ends.
      step: the number of the step.
    """
    if not self.ce_weight_fall_steps:
      return tf.constant(ce_weight)
    steps = tf.cast(step, tf.float32) / self.ce_weight_fall_steps
    return 1.0 - (1.0 - ce_weight) * tf.minimum(steps, 1.0)


def logged(statistics: Statistics, schedule: WeightSchedule) -> tuple[str, ...]:
  """Returns the names of the scalars of `loss_and_logs`."""
  names = _LOGGED
  if schedule.ce_weight_fall_steps:
    names += ("ce_weight",)
  if statistics.log_statistics:
    names += terms_lib.NormalizedStatistics._fields
  return names + (_GRADIENTS_LOGGED if statistics.log_gradients else ())


def loss_and_logs(
  labels: tf.Tensor,
  logits: tf.Tensor,
  settings: structural_settings.StructuralSimilaritySettings,
  statistics: Statistics,
  schedule: WeightSchedule,
  step: Callable[[], tf.Tensor | int],
  **options: Any,
) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
  """Computes the loss of a step and what is logged of it.

  Args:
    labels: `[batch, height, width, 1]`.
    logits: `[batch, height, width, classes]`.
    settings: constants of the loss; `ce_weight` is where its schedule ends.
    statistics: what else is logged.
    schedule: how lambda comes to its value.
    step: returns the number of the step; asked if there is a schedule.
    **options: others of `losses.structural_similarity_terms`.

  Returns:
    `(loss map, {name: scalar})`; the mean of the map is the loss.
  """
  if schedule.ce_weight_fall_steps:
    weight = schedule.weight(settings.ce_weight, step())
    of_ce, terms = _single_terms(labels, logits, settings, options)
    loss = weight * of_ce.loss + (1.0 - weight) * terms.loss
    logs = {"ce_weight": weight}
  else:
    terms = losses_lib.structural_similarity_terms(
      labels, logits, settings=settings, **options
    )
    loss, logs = terms.loss, {}
  # What is logged of the terms does not depend on lambda.
  logs |= {name: getattr(terms, name) for name in _LOGGED}
  if statistics.log_statistics:
    found = losses_lib.normalized_statistics(
      labels, logits, settings=settings, **options
    )
    logs |= found._asdict()
  if statistics.log_gradients:
    logs |= _gradient_logs(labels, logits, settings, options)
  return loss, logs


def _single_terms(labels, logits, settings, options):
  """Returns the terms of the cross entropy alone, and of the structural one."""
  return [
    losses_lib.structural_similarity_terms(
      labels,
      logits,
      settings=dataclasses.replace(settings, ce_weight=weight),
      **options,
    )
    for weight in (1.0, 0.0)
  ]


def _gradient_logs(labels, logits, settings, options):
  """Returns the scalars of _GRADIENTS_LOGGED."""
  logits = tf.stop_gradient(logits)
  with tf.GradientTape(persistent=True) as tape:
    tape.watch(logits)
    means = [
      tf.reduce_mean(terms.loss)
      for terms in _single_terms(labels, logits, settings, options)
    ]
  of_ce, of_structure = (tape.gradient(mean, logits) for mean in means)
  norms = tf.norm(of_ce), tf.norm(of_structure)
  found = (
    *norms,
    tf.reduce_max(tf.abs(of_structure)),
    # 0 where nothing is hard, and the structural term has no gradient.
    tf.math.divide_no_nan(
      tf.reduce_sum(of_ce * of_structure), norms[0] * norms[1]
    ),
  )
  return dict(zip(_GRADIENTS_LOGGED, found, strict=True))
