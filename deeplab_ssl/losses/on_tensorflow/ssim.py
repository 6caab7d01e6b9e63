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

"""SSIM as a loss for segmentation (Eq. 6, 7 and 9 of the paper).

The paper compares itself with these. Unlike in its own loss, the gradient flows
through the statistics of the windows.
"""

import functools

import tensorflow as tf

from deeplab_ssl.losses import shapes
from deeplab_ssl.losses import ssim_settings
from deeplab_ssl.losses import terms
from deeplab_ssl.losses import window_profile
from deeplab_ssl.losses.on_tensorflow import cross_entropy
from deeplab_ssl.losses.on_tensorflow import gaussian
from deeplab_ssl.losses.on_tensorflow import local_statistics
from deeplab_ssl.losses.on_tensorflow import pixel_loss
from deeplab_ssl.losses.on_tensorflow import strips


def _dissimilarity(logits, classes, settings):
  """Returns Eq. 7 or 9, `[batch, height, width, classes]`, 0 where ignored."""
  profile = window_profile.gaussian_profile(
    settings.region_size, settings.sigma
  )
  valid = tf.cast(classes >= 0, tf.float64)[..., None]
  y = tf.one_hot(classes, logits.shape[-1], dtype=tf.float64)
  # Selected away, not multiplied away: an ignored logit may be infinite.
  logits = tf.where(valid > 0, logits, pixel_loss.IGNORED_LOGIT)
  p = tf.sigmoid(tf.cast(logits, tf.float64))
  stats = local_statistics.local_statistics(p, valid, profile)
  # All sums here are scaled like those of `stats`, by the window's weight.
  # Apart, since no gradient goes back through the labels' own window.
  y_mean, products = (
    gaussian.window_sum(field, profile) for field in (y, p * y)
  )
  # What cancels is subtracted in float64, the rest is float32.
  covariance, p_variance, p_mean, y_mean, y_variance, weight = (
    tf.cast(field, tf.float32)
    for field in (
      products * stats.weight - stats.scaled_mean * y_mean,
      stats.scaled_variance,
      stats.scaled_mean,
      y_mean,
      y_mean * (stats.weight - y_mean),  # y^2 = y
      # Far inside an ignored area no pixel has weight: any finite value does.
      stats.weight + (1 - valid),
    )
  )
  square = tf.square(weight)
  # The constants must have the scale of the sums.
  similarity = (2 * covariance + ssim_settings.C2 * square) / (
    p_variance + y_variance + ssim_settings.C2 * square
  )
  if settings.form == "ssim":
    similarity *= (2 * p_mean * y_mean + ssim_settings.C1 * square) / (
      tf.square(p_mean) + tf.square(y_mean) + ssim_settings.C1 * square
    )
  return tf.cast(valid, tf.float32) * (1 - similarity)


def ssim_terms(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  settings: ssim_settings.SSIMSettings = ssim_settings.DEFAULTS,
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
) -> terms.SSIMTerms:
  r"""Computes an SSIM loss beside the sigmoid cross entropy.

  .. math::
    L = \lambda L_{ce} + (1 - \lambda) \frac{1}{N C} \sum_{n,c} 1 - SSIM_{n,c},
    \quad SSIM = \frac{2 \mu_y \mu_p + C_1}{\mu_y^2 + \mu_p^2 + C_1} S_2,
    \quad S_2 = \frac{2 \sigma_{yp} + C_2}{\sigma_y^2 + \sigma_p^2 + C_2}

  (Eq. 6, 7 and 17) between each class's binary labels y and its probabilities
  p = sigmoid(logits), with C_1 = 0.01^2, C_2 = 0.03^2 and the windows of
  the structural similarity loss: gaussian, over the valid pixels inside the
  image. With `form="contrast_structure"`, S_2 stands for SSIM (Eq. 9). N is the
  number of valid pixels of the global batch.

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
    The `SSIMTerms`. With no valid pixel, loss and gradient are 0.

  Raises:
    ValueError: if a shape does not fit.
    tf.errors.InvalidArgumentError: if a label is neither a class nor
      `ignore_class`; under `jit_compile=True` the loss is NaN instead.

  Example:

  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> settings = ssim_settings.SSIMSettings(region_size=1, ce_weight=0.5)
  >>> found = ssim_terms(labels, tf.zeros([1, 2, 2, 2]), settings=settings)
  >>> f"{found.cross_entropy:.3f} {found.structural:.3f}"
  '1.386 0.600'
  """
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "sigmoid", data_format
  )
  pixels = pixel_loss.valid_pixels(encoded)
  structural = strips.strip_map(
    functools.partial(_dissimilarity, settings=settings),
    logits,
    encoded.classes,
    halo=settings.region_size // 2,
  )
  structural = tf.reduce_mean(structural, -1) / pixels
  bce = cross_entropy.pixel_sigmoid_cross_entropy(encoded, logits) / pixels
  lam = settings.ce_weight
  return terms.SSIMTerms(
    loss=pixel_loss.as_mean(
      lam * bce + (1 - lam) * structural, encoded.illegal
    ),
    cross_entropy=tf.reduce_sum(bce),
    structural=tf.reduce_sum(structural),
  )
