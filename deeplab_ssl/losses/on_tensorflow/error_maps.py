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

"""The structural error `e`: how much a local linear correlation falls short.

The labels and the probabilities of a class are normalised by the mean and the
standard deviation of the window around each pixel (Eq. 10). Where the two
normalised values differ, the local linear correlation is low; `e` is that
difference.

`e` and the selection of hard examples are constants of a training step: no
gradient flows through them.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from deeplab_ssl.losses import shapes
from deeplab_ssl.losses import structural_settings
from deeplab_ssl.losses import window_profile
from deeplab_ssl.losses.on_tensorflow import gaussian
from deeplab_ssl.losses.on_tensorflow import local_statistics
from deeplab_ssl.losses.on_tensorflow import pixel_loss
from deeplab_ssl.losses.on_tensorflow import strips

_DEFAULTS = structural_settings.DEFAULTS
# Where a corner of the window weighs less, the share of a lone zero would be
# lost in the rounding of a difference of float32.
_LEAST_WEIGHT = 0.01


def _normalize(scaled_centred, scaled_variance, weight, settings):
  """Eq. 10 or 16, from statistics that the window's weight w scales.

  Args:
    scaled_centred: `w (x - mu)`.
    scaled_variance: `w^2 sigma^2`, not negative.
    weight: w, the window sum of the valid mask.
    settings: constants of the loss.

  Returns:
    The normalised map. The scale cancels, so that nothing is divided twice.
  """
  scaled_c4 = settings.stability * weight
  if settings.stability_form == "std":
    return (scaled_centred + scaled_c4) / (tf.sqrt(scaled_variance) + scaled_c4)
  return (scaled_centred + scaled_c4) / tf.sqrt(
    scaled_variance + scaled_c4 * weight
  )


def _shares(one_hot, valid, profile):
  """Returns the window sums of the ones and of the zeros of binary maps."""
  ones_sum = gaussian.window_sum(one_hot, profile)
  if min(profile) ** 2 < _LEAST_WEIGHT:
    return ones_sum, gaussian.window_sum(valid - one_hot, profile)
  # The shares of all classes add up to that of the valid pixels, so that a
  # window of one class has exactly nothing left for the zeros.
  return ones_sum, tf.reduce_sum(ones_sum, -1, keepdims=True) - ones_sum


def normalized_maps(
  one_hot: tf.Tensor,
  logits: tf.Tensor,
  valid: tf.Tensor,
  settings: structural_settings.StructuralSimilaritySettings,
) -> tuple[tf.Tensor, tf.Tensor]:
  """Computes the two normalised maps of Eq. 10.

  Args:
    one_hot: float32 `[batch, height, width, classes]`, 0 at ignored pixels.
    logits: like `one_hot`, `pixel_loss.IGNORED_LOGIT` at ignored pixels.
    valid: float32 `[batch, height, width, 1]`, 1 or 0.
    settings: constants of the loss; the region size is above 1.

  Returns:
    `(y_nor, p_nor)`, float32 `[batch, height, width, classes]`.
  """
  profile = window_profile.gaussian_profile(
    settings.region_size, settings.sigma
  )
  p = tf.sigmoid(tf.cast(logits, tf.float64))
  stats = local_statistics.local_statistics(p, valid, profile)
  p_centred = tf.cast(p * stats.weight - stats.scaled_mean, tf.float32)
  p_variance = tf.cast(stats.scaled_variance, tf.float32)
  # Far inside an ignored area no pixel has weight; any finite value will do.
  weight = tf.cast(stats.weight, tf.float32) + (1 - valid)

  # The labels are binary: their variance is the product of the window's shares
  # of ones and zeros.
  ones_sum, zeros_sum = _shares(one_hot, valid, profile)
  y_centred = one_hot * zeros_sum - (valid - one_hot) * ones_sum
  y_nor = _normalize(y_centred, ones_sum * zeros_sum, weight, settings)
  p_nor = _normalize(p_centred, p_variance, weight, settings)
  return y_nor, p_nor


def _error(classes, logits, settings):
  """Returns `e` of rows without ignored logits, 0 at ignored pixels."""
  one_hot = tf.one_hot(classes, logits.shape[-1])
  valid = tf.cast(classes >= 0, tf.float32)[..., None]
  if settings.region_size == 1:
    return valid * tf.sigmoid(logits * (1 - 2 * one_hot))
  y_nor, p_nor = normalized_maps(one_hot, logits, valid, settings)
  return valid * tf.abs(y_nor - p_nor)


def map_error(
  function: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], Any],
  classes: tf.Tensor,
  logits: tf.Tensor,
  settings: structural_settings.StructuralSimilaritySettings,
) -> list:
  """Computes `e` strip by strip and hands each strip on.

  Args:
    function: takes `(classes, logits, error)` of the rows of one strip and
      returns tensors; the logits are constants, and finite at ignored pixels.
    classes: int32 `[batch, height, width]`, -1 where ignored.
    logits: float32 `[batch, height, width, classes]`.
    settings: constants of the loss.

  Returns:
    The results of `function`, from top to bottom.
  """

  def of_strip(classes, logits, core):
    # Selected away, not multiplied away: an ignored logit may be infinite.
    clean = tf.where(classes[..., None] >= 0, logits, pixel_loss.IGNORED_LOGIT)
    error = _error(classes, clean, settings)
    return function(classes[:, core], clean[:, core], error[:, core])

  return strips.constant_strips(
    of_strip, classes, logits, halo=settings.region_size // 2
  )


def structural_error(
  labels: tf.Tensor,
  logits: tf.Tensor,
  *,
  region_size: int = _DEFAULTS.region_size,
  sigma: float = _DEFAULTS.sigma,
  beta: float = _DEFAULTS.beta,
  stability: float = _DEFAULTS.stability,
  stability_form: structural_settings.StabilityForm = _DEFAULTS.stability_form,
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
) -> tuple[tf.Tensor, tf.Tensor]:
  r"""Computes the maps of Eq. 10 and 11, for looking at them.

  .. math::
    e = |y^{nor} - p^{nor}|, \quad
    x^{nor} = \frac{x - \mu_x + C_4}{\sigma_x + C_4}, \quad
    f = 1\{e > \beta e_{max}\}

  with the statistics of the gaussian window of Eq. 14 and 15 over the valid
  pixels that it covers.

  Args:
    labels: class indices `[batch, height, width]` or `[batch, height, width,
      1]`, or one-hot `[batch, height, width, classes]`, where a row of zeros is
      an ignored pixel unless `ignore_class` is None.
    logits: `[batch, height, width, classes]`.
    region_size: side of the window in pixels, odd.
    sigma: standard deviation of the window in pixels.
    beta: fraction of `e_max` above which a sample is hard, in [0, 1).
    stability: C4.
    stability_form: "std" (Eq. 10) or "variance" (Eq. 16).
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `logits` holds probabilities.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`.

  Returns:
    `(e, hard)`: float32 and bool `[batch, height, width, classes]`; 0 and False
    at ignored pixels. No gradient flows through either.

  Raises:
    ValueError: if an argument or a shape is out of range.
    tf.errors.InvalidArgumentError: if a label is neither a class nor
      `ignore_class`.

  Example:

  With a window of one pixel `e` is |y - p|. Of three pixels of class 0, the
  second is given probability 1/2; the third is ignored.

  >>> labels = tf.constant([[[0, 0, 255]]])
  >>> logits = tf.constant([[[[99.0], [0.0], [0.0]]]])
  >>> e, hard = structural_error(labels, logits, region_size=1, beta=0.4)
  >>> e[0, 0, :, 0].numpy().round(2).tolist()
  [0.0, 0.5, 0.0]
  >>> hard[0, 0, :, 0].numpy().tolist()
  [False, True, False]
  """
  settings = structural_settings.StructuralSimilaritySettings(
    region_size=region_size,
    sigma=sigma,
    beta=beta,
    stability=stability,
    stability_form=stability_form,
  )
  encoded, logits = pixel_loss.prepare(
    labels, logits, ignore_class, from_logits, "sigmoid", data_format
  )
  error = tf.concat(
    map_error(lambda *strip: strip[-1], encoded.classes, logits, settings), 1
  )
  return error, error > settings.threshold
