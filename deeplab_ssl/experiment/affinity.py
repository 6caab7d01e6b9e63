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

"""The affinity field in a training: it fades, and its adaptive form learns.

Source: Ke, Hwang, Liu and Yu, "Adaptive Affinity Fields for Semantic
Segmentation", ECCV 2018. In the adaptive form each class has a weight per
kernel size for either force. The network descends the weighted forces, the
weights ascend them.
"""

import dataclasses
from typing import Any

import tensorflow as tf
import tf_keras

from deeplab_ssl.common import arguments
from deeplab_ssl.experiment import opponents
from deeplab_ssl.losses import affinity_settings
from deeplab_ssl.losses import on_tensorflow as losses_lib

_DEFAULTS = affinity_settings.AffinitySettings()
# Of the authors' scripts, for the plain and for the adaptive form.
_KERNEL_SIZES = _DEFAULTS.kernel_sizes
_ADAPTIVE_KERNEL_SIZES = (3, 5, 7)
# Of the authors' training script.
_MOMENTUM = 0.9


@dataclasses.dataclass(frozen=True)
class AffinityConstants:
  """Constants of the affinity field in a training.

  Attributes:
    kernel_sizes: sides of the kernels in pixels, odd; [] is [3], or [3, 5, 7]
      in the adaptive form.
    margin: divergence in nats up to which two classes are pushed apart.
    edge_weight: weight of that separation.
    same_weight: weight of the grouping within a class.
    field_decay: factor of both at the end of the training; it falls
      exponentially from 1. The authors' is 0.1; 1 is no decay.
    decay_steps: steps of that decay; 0 is set to the length of the training.
    size_weights_learning_rate: rate of the weights of the adaptive form.

  Raises:
    ValueError: naming the first constant that is out of its range.
  """

  kernel_sizes: list[int] = dataclasses.field(default_factory=list)
  margin: float = _DEFAULTS.margin
  edge_weight: float = _DEFAULTS.edge_weight
  same_weight: float = _DEFAULTS.same_weight
  field_decay: float = 0.1
  decay_steps: int = 0
  size_weights_learning_rate: float = 1e-3

  def __post_init__(self):
    arguments.require_numbers(
      self, "field_decay", "decay_steps", "size_weights_learning_rate"
    )
    arguments.require(
      0 < self.field_decay <= 1, "field_decay", "in (0, 1]", self.field_decay
    )
    arguments.require(
      self.decay_steps >= 0, "decay_steps", "0 or more", self.decay_steps
    )
    arguments.require(
      self.size_weights_learning_rate > 0,
      "size_weights_learning_rate",
      "positive",
      self.size_weights_learning_rate,
    )
    self.settings()  # Making them checks the other constants.

  def settings(
    self, adaptive: bool = False, ce_weight: float = _DEFAULTS.ce_weight
  ) -> affinity_settings.AffinitySettings:
    """Returns the settings of the loss.

    Args:
      adaptive: whether the kernel sizes are those of the adaptive form.
      ce_weight: weight of the softmax cross entropy beside the field.
    """
    sizes = _ADAPTIVE_KERNEL_SIZES if adaptive else _KERNEL_SIZES
    return affinity_settings.AffinitySettings(
      kernel_sizes=tuple(self.kernel_sizes or sizes),
      margin=self.margin,
      edge_weight=self.edge_weight,
      same_weight=self.same_weight,
      ce_weight=ce_weight,
    )

  def strength(self, step: tf.Tensor | int) -> tf.Tensor:
    """Returns the factor of the affinity field at a step, 1 at the first."""
    if not self.decay_steps:
      return tf.constant(1.0)
    progress = tf.minimum(tf.cast(step, tf.float32) / self.decay_steps, 1.0)
    return self.field_decay**progress


class SizeWeights(opponents.Opponent):
  """Trainable weights of the kernel sizes, as the opponent of the network.

  Args:
    constants: constants of the affinity field.
    num_classes: channels of the logits.
    ignore_label: label of ignored pixels.
  """

  logged = ("edge", "same")

  def __init__(
    self, constants: AffinityConstants, num_classes: int, ignore_label: int
  ):
    super().__init__(
      tf_keras.optimizers.legacy.SGD(
        constants.size_weights_learning_rate, _MOMENTUM
      ),
      name="size_weights",
    )
    self.constants = constants
    self.ignore_label = ignore_label
    self.settings = constants.settings(adaptive=True, ce_weight=0.0)
    # Made here, under the scope of the strategy, and not in a replica.
    self.step = self.optimizer.iterations
    self.scores = tf.Variable(
      tf.zeros([2, num_classes, len(self.settings.kernel_sizes)]),
      name="size_scores",
    )

  def _forces(self, labels: Any, logits: Any):
    terms = losses_lib.affinity_terms(
      labels,
      logits,
      settings=self.settings,
      size_weights=losses_lib.adaptive_weights(self.scores),
      strength=self.constants.strength(self.step),
      ignore_class=self.ignore_label,
    )
    logs = {"edge": terms.edge, "same": terms.same}
    return tf.reduce_mean(terms.loss), logs

  def segmentation_loss(self, images, labels, logits):
    del images
    return self._forces(labels, logits)

  def own_loss(self, images, labels, logits):
    del images
    loss, _ = self._forces(labels, logits)
    return -loss, {}
