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

"""The weights of the adaptive affinity field, trained against the network.

Source: Ke, Hwang, Liu and Yu, "Adaptive Affinity Fields for Semantic
Segmentation", ECCV 2018. Each class has a weight per kernel size for either
force. The network descends the weighted forces, the weights ascend them.
"""

import tensorflow as tf
import tf_keras

from deeplab_ssl import losses as losses_lib
from deeplab_ssl.training import configs
from deeplab_ssl.training import opponents
from deeplab_ssl.training import pixel_losses

# Of the authors' training script.
_MOMENTUM = 0.9


class SizeWeights(opponents.Opponent):
  """Trainable weights of the kernel sizes, as the opponent of the network.

  Args:
    config: constants of the loss, of type "adaptive_affinity".
    num_classes: channels of the logits.
  """

  terms = ("edge", "same")

  def __init__(self, config: configs.Losses, num_classes: int):
    super().__init__(
      tf_keras.optimizers.legacy.SGD(
        config.size_weights_learning_rate, _MOMENTUM
      ),
      name="size_weights",
    )
    self.config = config
    self.settings = pixel_losses.affinity_settings(config, ce_weight=0.0)
    sizes = len(self.settings.validate().kernel_sizes)
    # Made here, under the scope of the strategy, and not in a replica.
    self.step = self.optimizer.iterations
    self.scores = tf.Variable(
      tf.zeros([2, num_classes, sizes]), name="size_scores"
    )

  def _forces(self, labels, logits):
    terms = losses_lib.affinity_terms(
      labels,
      logits,
      settings=self.settings,
      size_weights=losses_lib.adaptive_weights(self.scores),
      strength=pixel_losses.affinity_strength(self.config, self.step),
      ignore_class=self.config.ignore_label,
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
