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


"""Adversarial training of the segmentation network.

Source: Luc, Couprie, Chintala and Verbeek, "Semantic Segmentation using
Adversarial Networks", 2016 (https://arxiv.org/abs/1611.08408). A discriminator
learns to tell true class maps from predicted ones, and the segmentation network
to be taken for the truth, besides its pixel loss.
"""

from absl import logging
import tensorflow as tf
import tf_keras

from deeplab_ssl import modeling
from deeplab_ssl.configuration import fields
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import opponents

# Above this accuracy and below this probability the discriminator has won, and
# hardly guides the network any more.
_WON_ACCURACY = 0.99
_WON_PREDICTION_PROBABILITY = 0.01


def discriminator_loss(
  on_truth: tf.Tensor, on_prediction: tf.Tensor
) -> tf.Tensor:
  """Returns what the discriminator descends, `bce(a, 1) + bce(b, 0)`.

  It is 2 log 2 = 1.386 for one that cannot tell truth and prediction apart.

  Args:
    on_truth: logits for true maps `[batch]`, a.
    on_prediction: logits for predicted maps `[batch]`, b.
  """
  # bce(x, 0) = softplus(x), bce(x, 1) = softplus(-x).
  return tf.reduce_mean(tf.nn.softplus(-on_truth)) + tf.reduce_mean(
    tf.nn.softplus(on_prediction)
  )


def adversarial_loss(on_prediction: tf.Tensor) -> tf.Tensor:
  """Returns what the segmentation network descends, `bce(b, 1)`.

  The minimax game would have it ascend `bce(b, 0)`, whose gradient vanishes
  where the discriminator is sure; the source replaces it likewise.

  Args:
    on_prediction: logits for predicted maps `[batch]`, b.
  """
  return tf.reduce_mean(tf.nn.softplus(-on_prediction))


def soften(
  truth: tf.Tensor, probabilities: tf.Tensor, tau: float, activation: str
) -> tf.Tensor:
  """Brings one-hot truth as close to the prediction as certainty tau allows.

  A discriminator could tell one-hot maps by their being one-hot. So the true
  class gets `max(tau, p)` (the source's "scaling"). Of a softmax, the
  other classes share the rest in the proportion of the prediction; of sigmoids,
  which are not one distribution, they get `min(1 - tau, p)` (ours).

  Args:
    truth: one-hot labels `[batch, height, width, classes]`.
    probabilities: the prediction, of the same shape.
    tau: least probability of the true class, in (0.5, 1].
    activation: "softmax" or "sigmoid", what the probabilities come from.

  Returns:
    `[batch, height, width, classes]`.
  """
  if activation == "softmax":
    true = tf.reduce_sum(truth * probabilities, -1, keepdims=True)
    shrink = tf.math.divide_no_nan(1.0 - tau, 1.0 - tf.minimum(true, tau))
    others = probabilities * shrink
  else:
    others = tf.minimum(probabilities, 1.0 - tau)
  return tf.where(truth > 0, tf.maximum(probabilities, tau), others)


class Turns(tf_keras.optimizers.schedules.LearningRateSchedule):
  """Constant rate for a number of steps, then rest for as many, and so on.

  Args:
    learning_rate: the rate.
    steps: length of a turn.
  """

  def __init__(self, learning_rate: float, steps: int):
    super().__init__()
    self.learning_rate = learning_rate
    self.steps = steps

  def __call__(self, step):
    resting = tf.cast(step, tf.int64) // self.steps % 2
    return self.learning_rate * (1.0 - tf.cast(resting, tf.float32))

  def get_config(self):
    return {"learning_rate": self.learning_rate, "steps": self.steps}


class Adversary(opponents.Opponent):
  """A discriminator as the opponent of the segmentation network.

  Ignored pixels are 0 in the true and the predicted maps alike: they tell the
  discriminator nothing, and no gradient comes back through them (ours).

  Args:
    config: the discriminator and its constants.
    num_classes: channels of the logits.
    ignore_label: label of ignored pixels.
    activation: "softmax" or "sigmoid", what makes logits probabilities.

  Raises:
    ValueError: if the configuration is out of its range.
  """

  logged = (
    "adversarial_loss",
    "discriminator_loss",
    "discriminator_accuracy",
    "truth_probability",
    "prediction_probability",
  )

  def __init__(
    self,
    config: configs.Adversarial,
    num_classes: int,
    ignore_label: int,
    activation: str,
  ):
    fields.check_values(config, "task.adversarial")
    rate = config.learning_rate
    if config.alternation_steps:
      rate = Turns(rate, config.alternation_steps)
    super().__init__(
      tf_keras.optimizers.legacy.Adam(rate, beta_1=config.beta_1),
      name="discriminator",
    )
    self.config = config
    self.ignore_label = ignore_label
    self.activation = activation
    self.model = modeling.build_discriminator(
      config.discriminator, num_classes, config.encoding
    )

  def _at_stride(self, images, labels, logits):
    """Returns images, predicted maps, labels and validity at the stride."""
    stride = self.config.stride
    images, labels, logits = (
      x[:, ::stride, ::stride] for x in (images, labels, logits)
    )
    valid = tf.cast(labels != self.ignore_label, tf.float32)
    activation = getattr(tf.nn, self.activation)
    return images, activation(logits), labels[..., 0], valid

  def segmentation_loss(self, images, labels, logits):
    images, maps, _, valid = self._at_stride(images, labels, logits)
    loss = adversarial_loss(self.model((images, maps * valid)))
    return self.config.weight * loss, {"adversarial_loss": loss}

  def own_loss(self, images, labels, logits):
    images, maps, labels, valid = self._at_stride(images, labels, logits)
    truth = tf.one_hot(labels, maps.shape[-1])
    if self.config.encoding == "scaling":
      truth = soften(truth, maps, self.config.tau, self.activation)
    on_truth = self.model((images, truth * valid))
    on_prediction = self.model((images, maps * valid))
    loss = discriminator_loss(on_truth, on_prediction)
    right = tf.concat([on_truth > 0, on_prediction < 0], 0)
    return loss, {
      "discriminator_loss": loss,
      "discriminator_accuracy": tf.reduce_mean(tf.cast(right, tf.float32)),
      "truth_probability": tf.reduce_mean(tf.sigmoid(on_truth)),
      "prediction_probability": tf.reduce_mean(tf.sigmoid(on_prediction)),
    }

  def watch(self, logs):
    """Warns of a discriminator that has won."""
    accuracy = float(logs["discriminator_accuracy"])
    probability = float(logs["prediction_probability"])
    if accuracy > _WON_ACCURACY and probability < _WON_PREDICTION_PROBABILITY:
      logging.warning(
        "The discriminator has won: accuracy %.3f, probability %.4f that a "
        "prediction is the truth. The segmentation network learns little from "
        "it. Lower task.adversarial.learning_rate, or use "
        "task.adversarial.encoding=scaling.",
        accuracy,
        probability,
      )
