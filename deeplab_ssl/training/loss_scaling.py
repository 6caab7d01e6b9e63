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
  if optimizer is None or not (is_scaled(optimizer) and optimizer.dynamic):
    return tf.debugging.check_numerics(norm, message)
  lowest = optimizer.loss_scale <= 1
  return tf.where(
    tf.math.is_finite(norm),
    norm,
    tf.debugging.check_numerics(tf.where(lowest, norm, 0.0), message),
  )


def logs(optimizer, step: tf.Variable) -> dict[str, tf.Tensor]:
  """Returns what a log shows of the scale.

  Args:
    optimizer: counts the steps that it has applied.
    step: the steps that were taken.

  Returns:
    `loss_scale` and `skipped_steps`, how many were left out since the training
    began; nothing if the optimizer has no scale.
  """
  if not is_scaled(optimizer):
    return {}
  skipped = tf.cast(step, tf.int64) - tf.cast(optimizer.iterations, tf.int64)
  return {"loss_scale": optimizer.loss_scale, "skipped_steps": skipped}
