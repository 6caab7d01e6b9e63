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

import dataclasses
import functools
from typing import Literal
from typing import NamedTuple

import tensorflow as tf

from deeplab_ssl.common import arguments
from deeplab_ssl.losses import cross_entropy
from deeplab_ssl.losses import gaussian
from deeplab_ssl.losses import local_statistics
from deeplab_ssl.losses import pixel_loss
from deeplab_ssl.losses import strips

SSIMForm = Literal["ssim", "contrast_structure"]

# The constants of Wang et al. (2004) for a dynamic range of 1.
_C1 = 0.01**2
_C2 = 0.03**2


@dataclasses.dataclass(frozen=True)
class SSIMSettings:
  """Constants of the loss.

  Attributes:
    form: "ssim" is 1 - SSIM (Eq. 7); "contrast_structure" is 1 - S_2, which is
      SSIM of the mean-subtracted maps (Eq. 9).
    region_size: side k of the square window, odd (Table 2 has 3 and 11).
    sigma: standard deviation of the gaussian window in pixels (Eq. 14).
    ce_weight: lambda, the weight of the sigmoid cross entropy beside it, in
      [0, 1]; 0.5 as in Eq. 17.

  Raises:
    ValueError: naming the first constant that is out of its range.
  """

  form: SSIMForm = "ssim"
  region_size: int = 3
  sigma: float = 1.5
  ce_weight: float = 0.5

  def __post_init__(self):
    arguments.require_numbers(self, "sigma", "ce_weight")
    arguments.require(
      self.form in ("ssim", "contrast_structure"),
      "form",
      '"ssim" (Eq. 7) or "contrast_structure" (Eq. 9)',
      self.form,
    )
    gaussian.gaussian_profile(self.region_size, self.sigma)
    arguments.require(
      self.form == "ssim" or self.region_size > 1,
      "region_size",
      "3 or more: a single pixel has neither contrast nor structure",
      self.region_size,
    )
    arguments.require(
      0 <= self.ce_weight <= 1, "ce_weight", "in [0, 1]", self.ce_weight
    )


# What functions and classes take their defaults from.
DEFAULTS = SSIMSettings()


class SSIMTerms(NamedTuple):
  """The loss map and the scalars that a training log shows.

  Attributes:
    loss: float32 `[batch, height, width]`; its plain mean is the loss, it is 0
      at ignored pixels and differentiable with respect to the logits.
    cross_entropy: scalar L_ce of Eq. 17, without its factor lambda.
    structural: scalar mean of Eq. 7 or 9, without its factor 1 - lambda.
  """

  loss: tf.Tensor
  cross_entropy: tf.Tensor
  structural: tf.Tensor


def _dissimilarity(logits, classes, settings):
  """Returns Eq. 7 or 9, `[batch, height, width, classes]`, 0 where ignored."""
  profile = gaussian.gaussian_profile(settings.region_size, settings.sigma)
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
  similarity = (2 * covariance + _C2 * square) / (
    p_variance + y_variance + _C2 * square
  )
  if settings.form == "ssim":
    similarity *= (2 * p_mean * y_mean + _C1 * square) / (
      tf.square(p_mean) + tf.square(y_mean) + _C1 * square
    )
  return tf.cast(valid, tf.float32) * (1 - similarity)


def ssim_terms(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  settings: SSIMSettings = DEFAULTS,
  ignore_class: int | None = 255,
  from_logits: bool = True,
) -> SSIMTerms:
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

  Returns:
    The `SSIMTerms`. With no valid pixel, loss and gradient are 0.

  Raises:
    ValueError: if a shape does not fit.
    tf.errors.InvalidArgumentError: if a label is neither a class nor
      `ignore_class`; under `jit_compile=True` the loss is NaN instead.

  Example:

  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> settings = SSIMSettings(region_size=1, ce_weight=0.5)
  >>> terms = ssim_terms(labels, tf.zeros([1, 2, 2, 2]), settings=settings)
  >>> f"{terms.cross_entropy:.3f} {terms.structural:.3f}"
  '1.386 0.600'
  """
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "sigmoid"
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
  return SSIMTerms(
    loss=pixel_loss.as_mean(
      lam * bce + (1 - lam) * structural, encoded.illegal
    ),
    cross_entropy=tf.reduce_sum(bce),
    structural=tf.reduce_sum(structural),
  )
