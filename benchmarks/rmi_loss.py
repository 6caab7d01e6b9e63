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

"""The region mutual information loss (Zhao et al., NeurIPS 2019).

Written from the paper's equations with the constants of the authors' training
script: regions of 3x3, maps averaged over 4x4 pixels, half of the sigmoid cross
entropy and half of the bound of the mutual information.
"""

from typing import NamedTuple

import tensorflow as tf

from deeplab_ssl.losses.on_tensorflow import cross_entropy
from deeplab_ssl.losses.on_tensorflow import pixel_loss

_REGION = 3
_POOL = 4
_WEIGHT = 0.5
_RIDGE = 5e-4  # Keeps the covariances positive definite.
_LEAST_PROBABILITY = 1e-6
_LEAST_PIVOT = 1e-8


class RMITerms(NamedTuple):
  """The loss and its parts.

  Attributes:
    loss: a scalar.
    cross_entropy: the sigmoid cross entropy, summed over the classes.
    information: minus the lower bound of the mutual information, up to a
      constant: half the log determinant of the covariance of the labels that
      the predictions leave unexplained, per dimension of a region, summed over
      the classes.
  """

  loss: tf.Tensor
  cross_entropy: tf.Tensor
  information: tf.Tensor


def _pooled(maps):
  """Averages over squares, in which zeros beyond the border count."""
  half = _POOL // 2
  padded = tf.pad(maps, [[0, 0], [half, half], [half, half], [0, 0]])
  return tf.nn.avg_pool2d(padded, _POOL, _POOL, "VALID")


def _regions(maps):
  """Returns centred float64 `[batch, classes, pixels of a region, regions]`."""
  height, width = tf.shape(maps)[1], tf.shape(maps)[2]
  rows, columns = height - (_REGION - 1), width - (_REGION - 1)
  shifted = [
    maps[:, i : i + rows, j : j + columns]
    for i in range(_REGION)
    for j in range(_REGION)
  ]
  stacked = tf.transpose(tf.stack(shifted, 1), [0, 4, 1, 2, 3])
  shape = tf.shape(stacked)
  flat = tf.reshape(stacked, [shape[0], shape[1], shape[2], -1])
  flat = tf.cast(flat, tf.float64)
  return flat - tf.reduce_mean(flat, 3, keepdims=True)


def _product(a, b):
  return tf.matmul(a, b, transpose_b=True)


def _log_det(matrix):
  pivots = tf.linalg.diag_part(tf.linalg.cholesky(matrix))
  return 2 * tf.reduce_sum(tf.math.log(pivots + _LEAST_PIVOT), -1)


def rmi_terms(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  ignore_class: int | None = 255,
  from_logits: bool = True,
) -> RMITerms:
  r"""Computes the loss of the paper's Eq. 17 (its Sec. 3).

  .. math::
    L = \tfrac{1}{2} L_{bce} + \tfrac{1}{2} \sum_c \frac{1}{B d}
      \sum_b \tfrac{1}{2} \log \det (\Sigma_Y
      - \Sigma_{YP} \Sigma_P^{-1} \Sigma_{YP}^T)

  over B images and C classes, d = 9 pixels in a region; the covariances are
  sums over the positions of an image, not means. Labels and probabilities are
  0 at void.

  Args:
    y_true: class indices or one-hot, as `losses.sigmoid_cross_entropy`.
    y_pred: logits `[batch, height, width, classes]`, at least 8 pixels high and
      wide.
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `y_pred` holds probabilities.

  Returns:
    The `RMITerms`.
  """
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "sigmoid"
  )
  valid = encoded.valid[..., None]
  truth = tf.one_hot(encoded.classes, logits.shape[-1])
  probabilities = tf.sigmoid(tf.where(valid, logits, 0.0))
  probabilities = tf.where(valid, probabilities, 0.0) + _LEAST_PROBABILITY
  labels, predictions = (
    _regions(_pooled(maps)) for maps in (truth, probabilities)
  )
  ridge = _RIDGE * tf.eye(_REGION**2, dtype=tf.float64)
  mixed = _product(labels, predictions)
  inverse = tf.linalg.inv(_product(predictions, predictions) + ridge)
  unexplained = _product(labels, labels) - _product(mixed @ inverse, mixed)
  half_log = 0.5 * _log_det(unexplained + ridge) / _REGION**2
  per_class = tf.reduce_mean(half_log, 0)
  information = tf.cast(tf.reduce_sum(per_class), tf.float32)
  bce = cross_entropy.pixel_sigmoid_cross_entropy(encoded, logits)
  pixels = tf.reduce_sum(tf.cast(encoded.valid, tf.float32))
  # One more than there are: so the authors keep clear of 0.
  entropy = tf.reduce_sum(bce) / (pixels + 1.0)
  loss = _WEIGHT * entropy + (1 - _WEIGHT) * information
  return RMITerms(loss, entropy, information)
