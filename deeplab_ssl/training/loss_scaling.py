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

"""Scaling of a float16 loss, so that its gradients do not vanish.

Keras' optimizer holds the scale, leaves out the steps in which a gradient
overflows and lowers the scale for the next. Here stands what the training step
has to do with it. Without such an optimizer nothing is scaled.
"""

from collections.abc import Sequence

import tensorflow as tf
import tf_keras

_DIVERGED = "The {}'s gradient is not finite. Lower the learning rate"


def is_scaled(optimizer) -> bool:
  """Returns whether an optimizer scales the loss."""
  return isinstance(optimizer, tf_keras.mixed_precision.LossScaleOptimizer)


def scaled(loss: tf.Tensor, optimizer) -> tf.Tensor:
  """Returns the loss whose gradients are taken."""
  return optimizer.get_scaled_loss(loss) if is_scaled(optimizer) else loss


def unscaled(gradients: Sequence[tf.Tensor], optimizer) -> list[tf.Tensor]:
  """Returns the gradients of the loss from those of the scaled one."""
  if not is_scaled(optimizer):
    return list(gradients)
  return optimizer.get_unscaled_gradients(gradients)


def check(norm: tf.Tensor, owner: str, optimizer=None) -> tf.Tensor:
  """Fails if a gradient is not finite and no lower scale could mend it.

  Args:
    norm: global norm of the gradient.
    owner: whose gradient it is, for the message.
    optimizer: what applies it; None if the loss was not scaled.

  Returns:
    `norm`.

  Raises:
    tf.errors.InvalidArgumentError: if the gradient is not finite. With a scale
      that adapts itself, only if the scale is 1: what overflows there does so
      in the model.
  """
  message = _DIVERGED.format(owner)
  if not (is_scaled(optimizer) and optimizer.dynamic):
    return tf.debugging.check_numerics(norm, message)
  looked_at = tf.where(optimizer.loss_scale <= 1, norm, 0.0)
  with tf.control_dependencies(
    [tf.debugging.check_numerics(looked_at, message)]
  ):
    return tf.identity(norm)


class SkippedSteps(tf.Module):
  """Counts the steps that an optimizer leaves out.

  Args:
    optimizer: one that scales the loss.
  """

  def __init__(self, optimizer):
    super().__init__(name="skipped_steps")
    self._optimizer = optimizer
    self._before = None
    self.count = tf.Variable(
      0,
      dtype=tf.int64,
      trainable=False,
      aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )

  def __enter__(self):
    self._before = tf.identity(self._optimizer.loss_scale)

  def __exit__(self, *error):
    # A scale that was lowered tells an overflow; a fixed one never does.
    lowered = self._optimizer.loss_scale < self._before
    self.count.assign_add(tf.cast(lowered, tf.int64))

  def logs(self) -> dict[str, tf.Tensor]:
    """Returns what a log shows: the scale, and the steps left out so far."""
    return {
      "loss_scale": self._optimizer.loss_scale,
      "skipped_steps": self.count.read_value(),
    }
