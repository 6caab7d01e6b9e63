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


"""Variables that are trained against the segmentation network.

An opponent adds a term to the loss of the segmentation network, and answers
with a step of its own variables, by its own optimizer. The training step of the
task plays with any number of them; a run checkpoints and resumes them beside
the model, of which they are no part.
"""

from collections.abc import Sequence

import tensorflow as tf

Logs = dict[str, tf.Tensor]


class Opponent(tf.Module):
  """Base class; a subclass holds the variables and gives the two losses.

  Both take the share of one replica and return a scalar whose mean over
  the replicas is the loss of the global batch, and scalars to log. Their
  arguments are the images, the labels `[batch, height, width, 1]` and the
  logits at the size of the labels `[batch, height, width, classes]`.

  Args:
    optimizer: applies the summed gradients of all replicas.
    name: name in checkpoints and errors.

  Attributes:
    logged: names of the scalars that the two losses log.
  """

  logged: tuple[str, ...] = ()

  def __init__(self, optimizer, name: str):
    super().__init__(name=name)
    self.optimizer = optimizer

  def segmentation_loss(self, images, labels, logits) -> tuple[tf.Tensor, Logs]:
    """Returns the term that the segmentation network descends besides its own.

    Its gradient with respect to the variables of the opponent is not used.
    """
    raise NotImplementedError

  def own_loss(self, images, labels, logits) -> tuple[tf.Tensor, Logs]:
    """Returns the loss that the variables of the opponent descend.

    `logits` are a constant here.
    """
    raise NotImplementedError

  def gradients(self, images, labels, logits) -> tuple[list[tf.Tensor], Logs]:
    """Returns gradients for this replica's part in the sum, and the logs.

    Raises:
      tf.errors.InvalidArgumentError: if the loss is not finite.
    """
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    with tf.GradientTape() as tape:
      loss, logs = self.own_loss(images, labels, tf.stop_gradient(logits))
      loss = tf.debugging.check_numerics(
        loss, f"The loss of the {self.name} is not finite"
      )
      scaled = loss / replicas
    return tape.gradient(scaled, self.trainable_variables), logs

  def apply_gradients(self, gradients: Sequence[tf.Tensor]) -> None:
    """Moves the variables of the opponent."""
    self.optimizer.apply_gradients(
      zip(gradients, self.trainable_variables, strict=True)
    )

  def watch(self, logs: Logs) -> None:
    """Looks at the means that a run logs, to warn of what goes wrong."""
