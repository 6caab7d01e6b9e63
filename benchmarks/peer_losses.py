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

"""Losses that others would take, from their formulas: overlap, focal, Lovasz.

Each is a function of labels and logits as those of `deeplab_ssl.losses`, and
returns a scalar. Void pixels are left out. Softmax makes the probabilities p
(the probability of class c at pixel i is p_ic, y_ic is 1 for its true class),
sums over i go over all valid pixels of the batch of one replica.
"""

from typing import NamedTuple

import keras
import tensorflow as tf

from deeplab_ssl.losses.on_tensorflow import cross_entropy
from deeplab_ssl.losses.on_tensorflow import pixel_loss


class _Pixels(NamedTuple):
  """A batch, pixel by pixel.

  Attributes:
    truth: y, float32 `[pixels, classes]`, zeros at void.
    probabilities: p, likewise.
    valid: bool `[pixels]`.
  """

  truth: tf.Tensor
  probabilities: tf.Tensor
  valid: tf.Tensor


def _pixels(y_true, y_pred, ignore_class, from_logits):
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "softmax"
  )
  classes = logits.shape[-1]
  valid = tf.reshape(encoded.valid, [-1])
  # Selected before the softmax: at void there may be anything.
  logits = tf.where(valid[:, None], tf.reshape(logits, [-1, classes]), 0.0)
  truth = tf.one_hot(tf.reshape(encoded.classes, [-1]), classes)
  probabilities = tf.where(valid[:, None], tf.nn.softmax(logits), 0.0)
  return _Pixels(truth, probabilities, valid)


def _mean_over(values, mask):
  """Mean of the values where a mask holds; 0 where it holds nowhere."""
  mask = tf.cast(mask, values.dtype)
  return tf.math.divide_no_nan(
    tf.reduce_sum(values * mask), tf.reduce_sum(mask)
  )


def _or_nothing(loss, pixels):
  """The loss, or 0 with a zero gradient where all pixels are void."""
  return tf.where(tf.reduce_any(pixels.valid), loss, 0.0)


def dice(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  ignore_class: int | None = 255,
  from_logits: bool = True,
) -> tf.Tensor:
  r"""Keras' Dice loss, each class by itself: `keras.losses.Dice(axis=...)`.

  .. math::
    L = \frac{1}{C} \sum_c 1 - \frac{2 \sum_i y_{ic} p_{ic}}
      {\sum_i y_{ic} + \sum_i p_{ic}}

  over all C classes, absent ones too, as Keras does. Its default, one sum over
  pixels and classes, would be 1 minus the mean probability of the true class.

  Args:
    y_true: class indices or one-hot, as `losses.softmax_cross_entropy`.
    y_pred: logits `[batch, height, width, classes]`.
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `y_pred` holds softmax probabilities.

  Returns:
    A scalar in [0, 1]; 0 without a valid pixel.
  """
  pixels = _pixels(y_true, y_pred, ignore_class, from_logits)
  loss = keras.losses.dice(pixels.truth, pixels.probabilities, axis=0)
  return _or_nothing(tf.reduce_mean(loss), pixels)


def tversky(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  ignore_class: int | None = 255,
  from_logits: bool = True,
) -> tf.Tensor:
  r"""Keras' Tversky loss, each class by itself, with the weights of its paper.

  .. math::
    L = \frac{1}{C} \sum_c 1 - \frac{\sum_i y_{ic} p_{ic}}
      {\sum_i y_{ic} p_{ic} + 0.7 \sum_i y_{ic} (1 - p_{ic})
       + 0.3 \sum_i (1 - y_{ic}) p_{ic}}

  Salehi et al. (2017) weigh what is missed with 0.7. Keras calls this weight
  `alpha`, and its `beta` weighs the false alarms; with its defaults of 0.5 the
  loss is the Dice loss. Arguments and result are those of `dice`.
  """
  pixels = _pixels(y_true, y_pred, ignore_class, from_logits)
  loss = keras.losses.tversky(
    pixels.truth, pixels.probabilities, alpha=0.7, beta=0.3, axis=0
  )
  return _or_nothing(tf.reduce_mean(loss), pixels)


def focal(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  ignore_class: int | None = 255,
  from_logits: bool = True,
) -> tf.Tensor:
  r"""Keras' categorical focal cross entropy (Lin et al., ICCV 2017).

  .. math:: L = -\frac{1}{N} \sum_i 0.25\, (1 - p_{i y_i})^2 \log p_{i y_i}

  with Keras' defaults, over the N valid pixels; Keras keeps p 1e-7 away from 0
  and 1. Arguments and result are those of `dice`.
  """
  pixels = _pixels(y_true, y_pred, ignore_class, from_logits)
  # Zeros would be divided by their sum there: any distribution does.
  fill = tf.fill(tf.shape(pixels.truth), 1.0 / pixels.truth.shape[-1])
  probabilities = tf.where(pixels.valid[:, None], pixels.probabilities, fill)
  loss = keras.losses.categorical_focal_crossentropy(
    pixels.truth, probabilities
  )
  return _mean_over(loss, pixels.valid)


def _lovasz_of_class(truth, probabilities, valid):
  """The Lovasz extension of the Jaccard loss of one class, a scalar."""
  # Void sorts behind all others, so that it changes none of their counts.
  errors = tf.where(valid, tf.abs(truth - probabilities), -1.0)
  order = tf.stop_gradient(tf.argsort(errors, direction="DESCENDING"))
  errors, truth, valid = (
    tf.gather(values, order) for values in (errors, truth, valid)
  )
  total = tf.reduce_sum(truth)
  intersection = total - tf.cumsum(truth)
  union = total + tf.cumsum(1.0 - truth)
  jaccard = 1.0 - tf.math.divide_no_nan(intersection, union)
  slope = tf.concat([jaccard[:1], jaccard[1:] - jaccard[:-1]], 0)
  return tf.reduce_sum(tf.where(valid, errors, 0.0) * tf.stop_gradient(slope))


def lovasz(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  ignore_class: int | None = 255,
  from_logits: bool = True,
) -> tf.Tensor:
  """The Lovasz-softmax loss (Berman et al., CVPR 2018, Eq. 11 and Alg. 1).

  Over the pixels of the batch, a mean over the classes that are present, the
  defaults of the authors' code. Arguments and result are those of `dice`.
  """
  pixels = _pixels(y_true, y_pred, ignore_class, from_logits)
  losses = [
    _lovasz_of_class(truth, probabilities, pixels.valid)
    for truth, probabilities in zip(
      tf.unstack(pixels.truth, axis=1),
      tf.unstack(pixels.probabilities, axis=1),
      strict=True,
    )
  ]
  present = tf.reduce_any(pixels.truth > 0, 0)
  return _mean_over(tf.stack(losses), present)


class JaccardMetricTerms(NamedTuple):
  """The Jaccard metric loss and its parts.

  Attributes:
    loss: 0.25 of the cross entropy and 0.75 of the Jaccard loss, a scalar.
    cross_entropy: the softmax cross entropy.
    jaccard: the soft Jaccard loss.
  """

  loss: tf.Tensor
  cross_entropy: tf.Tensor
  jaccard: tf.Tensor


def jaccard_metric(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  ignore_class: int | None = 255,
  from_logits: bool = True,
) -> JaccardMetricTerms:
  r"""The Jaccard metric loss and a cross entropy (Wang et al., NeurIPS 2023).

  .. math::
    L = 0.25\, L_{ce} + 0.75\, \frac{1}{|P|} \sum_{c \in P}
      1 - \frac{t_c + 1}{\sum_i y_{ic} + \sum_i p_{ic} - t_c + 1}, \quad
    t_c = \tfrac{1}{2} \sum_i y_{ic} + p_{ic} - |y_{ic} - p_{ic}|

  over the classes P that are present in the batch, with the weights and the
  smoothing of the authors' configuration `jaccard_d_present_all`. Arguments are
  those of `dice`.

  Returns:
    The `JaccardMetricTerms`.
  """
  pixels = _pixels(y_true, y_pred, ignore_class, from_logits)
  truth, probabilities = pixels.truth, pixels.probabilities
  both = tf.reduce_sum(truth, 0) + tf.reduce_sum(probabilities, 0)
  difference = tf.reduce_sum(tf.abs(truth - probabilities), 0)
  shared = (both - difference) / 2
  losses = 1.0 - (shared + 1.0) / (both - shared + 1.0)
  jaccard = _mean_over(losses, tf.reduce_any(truth > 0, 0))
  entropy = tf.reduce_mean(
    cross_entropy.softmax_cross_entropy(
      y_true, y_pred, ignore_class=ignore_class, from_logits=from_logits
    )
  )
  return JaccardMetricTerms(0.25 * entropy + 0.75 * jaccard, entropy, jaccard)
