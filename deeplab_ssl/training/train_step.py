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

"""The training step with a loss of the paper, for any segmentation model.

The order of a step: forward pass, pixel loss, terms of the opponents; the
gradients of all sides; a check that all of them are finite; the updates. So a
number that is not finite reaches no weight, of no side.
"""

import abc
import functools
from typing import NamedTuple

import tensorflow as tf
import tf_keras

from deeplab_ssl.experiment import loss_registry
from deeplab_ssl.experiment import opponents as opponents_lib
from deeplab_ssl.training import accumulation
from deeplab_ssl.training import loss_scaling
from deeplab_ssl.training import step_options as step_options_lib

# The owner of the gradients that are not an opponent's.
_MODEL = "segmentation model"


class _Losses(NamedTuple):
  """The losses of one replica's share of a batch.

  Attributes:
    pixel: the pixel loss, a scalar.
    total: what the network descends: the pixel loss, weight decay and the terms
      of the opponents.
    logs: scalars to log.
  """

  pixel: tf.Tensor
  total: tf.Tensor
  logs: loss_registry.Logs


def _finite(gradients, optimizer, after):
  """Passes all gradients on once they, and the tensor `after`, are known.

  Args:
    gradients: {whose they are: list of tensors}.
    optimizer: applies those of the model.
    after: a tensor whose own check comes first.
  """
  checked = []
  for owner, tensors in gradients.items():
    with tf.control_dependencies([after]):
      norm = tf.identity(tf.linalg.global_norm(tensors))
    scaled_by = optimizer if owner == _MODEL else None
    checked.append(loss_scaling.check(norm, owner, scaled_by))
  with tf.control_dependencies(checked):
    return tf.nest.map_structure(tf.identity, gradients)


class PixelLossTraining(abc.ABC):
  """Base of the tasks: one training step for all of them.

  Model Garden's task stands behind it in the order of the bases, and gives
  `task_config`, whose `losses` are a `configs.LossConfig`.

  Attributes:
    opponents: what the model is trained against.
    step_options: how a step is computed.
  """

  opponents: tuple[opponents_lib.Opponent, ...] = ()
  step_options: step_options_lib.StepOptions = step_options_lib.PLAIN

  @abc.abstractmethod
  def upsample(self, logits: tf.Tensor, size) -> tf.Tensor:
    """Returns logits `[batch, h, w, classes]` at a size `(height, width)`."""

  def gradient_multipliers(self, model, variables) -> list[float]:
    """Returns a factor for each variable; none differ from 1 by default."""
    del model
    return [1.0 for _ in variables]

  @classmethod
  def create_optimizer(cls, *args, **kwargs):
    """Returns Model Garden's optimizer, which counts its steps from the start.

    Its counter would otherwise be made by the replica that first asks for it.
    """
    optimizer = super().create_optimizer(*args, **kwargs)
    optimizer.iterations  # noqa: B018
    return optimizer

  # As in `DeepLab.logits_of_scales`, nothing branches on a tensor.
  @tf.autograph.experimental.do_not_convert
  def train_step(self, inputs, model, optimizer, metrics=None):
    """Does one forward and backward pass on one replica's share of a batch.

    Args:
      inputs: `(images, labels)`.
      model: the segmentation model.
      optimizer: applies the summed gradients of all replicas.
      metrics: means of the logged scalars, from `build_metrics`.

    Returns:
      `{"loss": scalar}`.

    Raises:
      tf.errors.InvalidArgumentError: if loss or gradient is not finite; the
        weights are untouched then.
    """
    images, labels = inputs
    labels = labels["masks"] if isinstance(labels, dict) else labels
    variables = model.trainable_variables
    compute = functools.partial(self._compute, model, optimizer, variables)
    if self.step_options.jit_compile:
      compute = tf.function(compute, jit_compile=True)
    losses, logits, of_model = compute(images, labels)
    # Here, since XLA compiles no check.
    pixel_loss = tf.debugging.check_numerics(
      losses.pixel,
      f"The {self.task_config.losses.type} loss is not finite. Lower the "
      "learning rate, or check the labels and the initial checkpoint",
    )
    gradients = {_MODEL: loss_scaling.unscaled(of_model, optimizer)}
    logs = dict(losses.logs)
    for opponent in self.opponents:
      answer, of_opponent = opponent.gradients(images, labels, logits)
      gradients[opponent.name] = answer
      logs |= of_opponent
    gradients = _finite(gradients, optimizer, after=pixel_loss)
    self._update(model, optimizer, variables, gradients)
    for metric in metrics or []:
      if metric.name in logs:
        metric.update_state(logs[metric.name])
    return {self.loss: losses.total}

  def _compute(self, model, optimizer, variables, images, labels):
    """Returns the losses, the logits at the size of the labels, the gradient.

    The gradient is that of the loss as the optimizer scales it.
    """
    parts, of_scales = self.step_options.accumulation_steps, []
    with tf.GradientTape() as tape:
      if parts > 1:
        outputs = accumulation.logits_in_parts(model, images, parts)
        tape.watch(outputs)
      else:
        *of_scales, outputs = self.outputs(model, images)
      logits, at_logits = self._aligned(outputs, labels)
      losses = self._losses(model, optimizer, images, at_logits, logits)
      for output in of_scales:
        losses = self._with_scale(losses, optimizer, output, labels)
      scaled = self._share_of_replica(losses.total, optimizer)
    if parts == 1:
      return losses, logits, tape.gradient(scaled, variables)
    *of_decay, slope = tape.gradient(
      scaled,
      [*variables, outputs],
      unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    of_parts = accumulation.gradients_in_parts(
      model, variables, images, slope, parts
    )
    return losses, logits, list(map(tf.add, of_decay, of_parts))

  def outputs(self, model, images) -> list[tf.Tensor]:
    """Returns what a model says of images; the last one is what is predicted.

    Each of the others adds a pixel loss of its own.
    """
    return [model(images, training=True)]

  def align(self, logits: tf.Tensor, labels: tf.Tensor):
    """Returns logits and labels of one size, that of the labels by default."""
    return self.upsample(logits, tf.shape(labels)[1:3]), labels

  def _aligned(self, outputs, labels):
    """Returns float32 logits and labels of one size."""
    logits = outputs["logits"] if isinstance(outputs, dict) else outputs
    return self.align(tf.cast(logits, tf.float32), labels)

  def _with_scale(self, losses, optimizer, output, labels):
    """Adds the pixel loss of one scale of an image pyramid."""
    logits, labels = self._aligned(output, labels)
    loss, _ = self._pixel_loss(optimizer, labels, logits)
    return losses._replace(pixel=losses.pixel + loss, total=losses.total + loss)

  def _pixel_loss(self, optimizer, labels, logits):
    config = self.task_config.losses
    return loss_registry.compute_loss(
      config, labels, logits, config.ignore_label, lambda: optimizer.iterations
    )

  def _losses(self, model, optimizer, images, labels, logits):
    loss, logs = self._pixel_loss(optimizer, labels, logits)
    logs["regularization"] = tf.add_n(model.losses or [tf.constant(0.0)])
    total = loss + logs["regularization"]
    for opponent in self.opponents:
      term, of_opponent = opponent.segmentation_loss(images, labels, logits)
      total += term
      logs |= of_opponent
    return _Losses(loss, total, logs)

  def _share_of_replica(self, total, optimizer):
    """Returns the loss whose gradients the optimizer sums over replicas."""
    share = total / tf.distribute.get_strategy().num_replicas_in_sync
    return loss_scaling.scaled(share, optimizer)

  def _update(self, model, optimizer, variables, gradients):
    factors = self.gradient_multipliers(model, variables)
    of_model = [g * f for g, f in zip(gradients[_MODEL], factors, strict=True)]
    optimizer.apply_gradients(zip(of_model, variables, strict=True))
    for opponent in self.opponents:
      opponent.apply_gradients(gradients[opponent.name])

  def _logged_means(self):
    """Returns a mean for each scalar that a step logs."""
    names = [
      *loss_registry.logged_names(self.task_config.losses),
      "regularization",
    ]
    for opponent in self.opponents:
      names += opponent.logged
    return [tf_keras.metrics.Mean(name) for name in names]
