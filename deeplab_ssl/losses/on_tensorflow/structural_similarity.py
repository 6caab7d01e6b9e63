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

"""The structural similarity loss (Sec. 3.2 and 3.3 of the paper).

The structural error `e` weights the sigmoid cross entropy of each sample, a
pair of pixel and class, and samples with a small `e` are dropped. Since `e` and
the selection are constants of the step, the gradient is known in the forward
pass: all work happens outside the gradient tape and one map is kept.
"""

import functools
from typing import NamedTuple

import tensorflow as tf

from deeplab_ssl.losses import shapes
from deeplab_ssl.losses import structural_settings as settings_lib
from deeplab_ssl.losses import terms
from deeplab_ssl.losses.on_tensorflow import error_maps
from deeplab_ssl.losses.on_tensorflow import pixel_loss


class _Strip(NamedTuple):
  """What the loss needs of one strip; M is known only after the last."""

  cross_entropy: tf.Tensor  # `[batch, rows, width]`, summed over the classes
  structural: tf.Tensor  # the same, weighted
  residual: tf.Tensor  # p - y, `[batch, rows, width, classes]`
  weights: tf.Tensor  # e f of Eq. 12, or what an ablation puts there
  hard: tf.Tensor  # M, the number of hard examples
  error_sum: tf.Tensor
  error_max: tf.Tensor


def _sample_weights(classes, error, settings):
  """Returns f of Eq. 11 and the weights e f of Eq. 12, or of an ablation."""
  if settings.ohem:
    selected = tf.cast(error > settings.threshold, tf.float32)
  else:
    valid = tf.cast(classes >= 0, tf.float32)[..., None]
    selected = valid * tf.ones_like(error)
  weights = error * selected if settings.reweight else selected
  return selected, weights


def _of_strip(classes, logits, error, settings):
  """Returns the `_Strip` of some rows and their structural error."""
  selected, weights = _sample_weights(classes, error, settings)
  # softplus(s x) is the sigmoid cross entropy, s sigmoid(s x) is p - y: neither
  # cancels when a sample is fitted well.
  sign = tf.one_hot(classes, logits.shape[-1], on_value=-1.0, off_value=1.0)
  margin = logits * sign
  bce = tf.nn.softplus(margin)
  return _Strip(
    cross_entropy=tf.reduce_sum(bce, -1),
    structural=tf.reduce_sum(weights * bce, -1),
    residual=tf.sigmoid(margin) * sign,
    weights=weights,
    hard=tf.reduce_sum(selected),
    error_sum=tf.reduce_sum(error),
    error_max=tf.reduce_max(error),
  )


def _slope(strips, ce_factor, ssl_factor):
  """Returns the gradient of the loss map, `[batch, height, width, classes]`."""
  return tf.concat(
    [
      (strip.weights * ssl_factor + ce_factor) * strip.residual
      for strip in strips
    ],
    1,
  )


def structural_similarity_terms(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  settings: settings_lib.StructuralSimilaritySettings = (settings_lib.DEFAULTS),
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
) -> terms.StructuralSimilarityTerms:
  r"""Computes the structural similarity loss and its parts.

  .. math::
    L = \lambda \frac{1}{N} \sum_{n,c} bce_{n,c}
      + (1 - \lambda) \frac{1}{M} \sum_{n,c} e_{n,c} f_{n,c}\, bce_{n,c}

  (Eq. 11 to 13 and 17), N the number of valid pixels and M = sum f, both of the
  global batch. The gradient is
  `(lambda / N + (1 - lambda) e f / M) (p - y)`: none flows through e and f.

  Args:
    y_true: class indices `[batch, height, width]` or `[batch, height, width,
      1]`, or one-hot `[batch, height, width, classes]`, where a row of zeros is
      an ignored pixel unless `ignore_class` is None.
    y_pred: logits `[batch, height, width, classes]` of any floating dtype; all
      computation is float32 or better.
    settings: constants of the loss.
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `y_pred` holds probabilities.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`.

  Returns:
    The `StructuralSimilarityTerms`. With no valid pixel, loss and gradient are
    0.

  Raises:
    ValueError: if a shape does not fit.
    tf.errors.InvalidArgumentError: if a label is neither a class nor
      `ignore_class`. Under `jit_compile=True` no error can be raised: the loss
      is NaN, and the gradient of such a pixel is 0.

  Example:

  Three valid pixels, two classes, all probabilities 1/2, no neighbourhood:
  `e` is 1/2 everywhere and all six samples are hard.

  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> logits = tf.zeros([1, 2, 2, 2])
  >>> pixelwise = settings_lib.StructuralSimilaritySettings(region_size=1)
  >>> found = structural_similarity_terms(labels, logits, settings=pixelwise)
  >>> f"{found.cross_entropy:.4f} {found.structural:.4f}"
  '1.3863 0.3466'
  >>> f"{found.hard_fraction:.1f} {found.error_mean:.1f} {found.error_max:.1f}"
  '1.0 0.5 0.5'
  >>> f"{tf.reduce_mean(found.loss):.4f}"
  '0.8664'
  """
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "sigmoid", data_format
  )
  strips = error_maps.map_error(
    functools.partial(_of_strip, settings=settings),
    encoded.classes,
    logits,
    settings,
  )
  hard = tf.add_n([strip.hard for strip in strips])
  pixels = tf.reduce_sum(tf.cast(encoded.valid, tf.float32))
  mean_pixels, mean_hard = pixel_loss.mean_over_replicas(pixels, hard)
  n = pixel_loss.at_least_one(mean_pixels)
  m = pixel_loss.at_least_one(mean_hard)

  pixel_ce = tf.concat([strip.cross_entropy for strip in strips], 1) / n
  pixel_ssl = tf.concat([strip.structural for strip in strips], 1) / m
  lam = settings.ce_weight
  value = lam * pixel_ce + (1 - lam) * pixel_ssl
  # The map is scaled so that its mean is the loss; so is its gradient.
  count = tf.cast(tf.size(value), tf.float32)
  slope = _slope(strips, lam * count / n, (1 - lam) * count / m)
  samples = pixels * logits.shape[-1]
  error_sum = tf.add_n([strip.error_sum for strip in strips])
  return terms.StructuralSimilarityTerms(
    loss=pixel_loss.with_gradient(
      logits, pixel_loss.as_mean(value, encoded.illegal), slope
    ),
    cross_entropy=tf.reduce_sum(pixel_ce),
    structural=tf.reduce_sum(pixel_ssl),
    hard_fraction=tf.math.divide_no_nan(hard, samples),
    error_mean=tf.math.divide_no_nan(error_sum, samples),
    error_max=tf.reduce_max([strip.error_max for strip in strips]),
    samples=samples,
  )
