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

Label map and predicted map are normalised by the mean and standard deviation of
the window around each pixel. Where the two normalised values differ, the local
linear correlation is low; the difference `e` weights the sigmoid cross entropy
of that (pixel, class) sample, and samples with a small `e` are dropped.

`e` and the selection are constants of the step, so the gradient is known in the
forward pass: all work happens outside the gradient tape and one map is kept.
"""

import functools
from typing import Literal
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from deeplab_ssl.common import arguments
from deeplab_ssl.losses import gaussian
from deeplab_ssl.losses import local_statistics
from deeplab_ssl.losses import pixel_loss

StabilityForm = Literal["std", "variance"]

# Horizontal strips into which an image is cut while `e` is computed: with the
# float64 moments of one strip at a time the memory stays near that of BCE.
_STRIPS = 8


class Settings(NamedTuple):
  """Constants of the loss, with the paper's values.

  Attributes:
    region_size: side k of the square window, odd (Table 2: 3 is best). With 1
      the statistics vanish and `e` is the pixel-wise `|y - p|`.
    sigma: standard deviation of the gaussian window in pixels (Eq. 14).
    beta: samples with `e <= beta * e_max` are dropped (Eq. 11), in [0, 1).
    ce_weight: lambda of Eq. 17, in [0, 1].
    stability: C4 of Eq. 10, positive.
    stability_form: "std" adds C4 to the standard deviation (Eq. 10),
      "variance" to the variance under the root (Eq. 16).
    ohem: whether samples with a small `e` are dropped (Table 3).
    reweight: whether samples are weighted by `e` (Table 3).
  """

  region_size: int = 3
  sigma: float = 1.5
  beta: float = 0.1
  ce_weight: float = 0.5
  stability: float = 0.01
  stability_form: StabilityForm = "std"
  ohem: bool = True
  reweight: bool = True

  def validate(self) -> "Settings":
    """Returns itself; raises ValueError naming the first bad setting."""
    gaussian.gaussian_profile(self.region_size, self.sigma)
    arguments.require(0 <= self.beta < 1, "beta", "in [0, 1)", self.beta)
    arguments.require(
      0 <= self.ce_weight <= 1, "ce_weight", "in [0, 1]", self.ce_weight
    )
    arguments.require(
      self.stability > 0, "stability", "positive (0.01)", self.stability
    )
    arguments.require(
      self.stability_form in ("std", "variance"),
      "stability_form",
      '"std" (Eq. 10) or "variance" (Eq. 16)',
      self.stability_form,
    )
    return self


def max_structural_error(
  *,
  region_size: int = 3,
  sigma: float = 1.5,
  stability: float = 0.01,
  stability_form: StabilityForm = "std",
) -> float:
  """Returns `e_max`, the theoretical maximum of `e` (Sec. 3.3).

  It is the distance between the normalised value of a lone 1 in a window of
  zeros and that of a lone 0 in a window of ones.

  Args:
    region_size: side of the window in pixels, odd. 1 gives 1.
    sigma: standard deviation of the gaussian window in pixels.
    stability: C4 of Eq. 10.
    stability_form: "std" (Eq. 10) or "variance" (Eq. 16).

  Returns:
    `e_max`; 4.6716 for the paper's settings.

  Raises:
    ValueError: if an argument is out of its range.

  Example:

  >>> round(max_structural_error(region_size=3), 4)
  4.6716
  """
  settings = Settings(
    region_size=region_size,
    sigma=sigma,
    stability=stability,
    stability_form=stability_form,
  ).validate()
  return _max_error(settings)


def _max_error(settings):
  if settings.region_size == 1:
    return 1.0
  profile = gaussian.gaussian_profile(settings.region_size, settings.sigma)
  centre = profile.max() ** 2
  variance = centre * (1 - centre)
  if settings.stability_form == "std":
    deviation = np.sqrt(variance) + settings.stability
  else:
    deviation = np.sqrt(variance + settings.stability)
  return float(2 * (1 - centre) / deviation)


def _normalize(centred, variance, weight, settings):
  """Eq. 10 or 16, from statistics still scaled by the weight of the window.

  Args:
    centred: `(x - mu) * weight`.
    variance: `sigma^2 * weight^2`, not negative.
    weight: window sum of the valid mask.
    settings: `Settings`.

  Returns:
    The normalised map; nothing was divided twice.
  """
  c4 = settings.stability * weight
  if settings.stability_form == "std":
    return (centred + c4) / (tf.sqrt(variance) + c4)
  return (centred + c4) / tf.sqrt(variance + c4 * weight)


def normalized_maps(
  one_hot: tf.Tensor, logits: tf.Tensor, valid: tf.Tensor, settings: Settings
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
  profile = gaussian.gaussian_profile(settings.region_size, settings.sigma)
  p = tf.sigmoid(tf.cast(logits, tf.float64))
  stats = local_statistics.local_statistics(p, valid, profile)
  p_centred = tf.cast(p * stats.weight - stats.mean, tf.float32)
  p_variance = tf.cast(stats.variance, tf.float32)
  # Far inside an ignored area no pixel has weight; any finite value will do.
  weight = tf.cast(stats.weight, tf.float32) + (1 - valid)

  # The label map is binary: its variance is the product of the window's shares
  # of ones and zeros, which never cancels.
  zeros = valid - one_hot
  ones_sum = gaussian.window_sum(one_hot, profile)
  zeros_sum = gaussian.window_sum(zeros, profile)
  y_centred = one_hot * zeros_sum - zeros * ones_sum

  y_nor = _normalize(y_centred, ones_sum * zeros_sum, weight, settings)
  p_nor = _normalize(p_centred, p_variance, weight, settings)
  return y_nor, p_nor


def _error(classes, logits, settings):
  """Returns `e`, 0 at ignored pixels, of a strip without ignored logits."""
  one_hot = tf.one_hot(classes, logits.shape[-1])
  valid = tf.cast(classes >= 0, tf.float32)[..., None]
  if settings.region_size == 1:
    return valid * tf.sigmoid(logits * (1 - 2 * one_hot))
  y_nor, p_nor = normalized_maps(one_hot, logits, valid, settings)
  return valid * tf.abs(y_nor - p_nor)


def _map_strips(function, classes, logits, settings):
  """Computes `e` strip by strip and hands it on.

  Args:
    function: takes `(classes, logits, error)` of one strip without its halo and
      returns tensors; the logits are constant and finite at ignored pixels.
    classes: int32 `[batch, height, width]`, -1 where ignored.
    logits: float32 `[batch, height, width, classes]`.
    settings: `Settings`.

  Returns:
    List of the results of `function`, from top to bottom.
  """
  halo = settings.region_size // 2
  height = tf.shape(logits)[1]
  logits = tf.stop_gradient(logits)
  results = []
  for i in range(_STRIPS):
    top, bottom = height * i // _STRIPS, height * (i + 1) // _STRIPS
    first = tf.maximum(top - halo, 0)
    last = tf.minimum(bottom + halo, height)
    # One strip after the other, or their temporaries would live together.
    with tf.control_dependencies(tf.nest.flatten(results[-1:])):
      strip = classes[:, first:last]
      # Selected away, not multiplied away: an ignored logit may be infinite.
      clean = tf.where(
        strip[..., None] >= 0, logits[:, first:last], pixel_loss.IGNORED_LOGIT
      )
    error = _error(strip, clean, settings)
    core = slice(top - first, bottom - first)
    results.append(function(strip[:, core], clean[:, core], error[:, core]))
  return results


class _Strip(NamedTuple):
  """What the loss needs of one strip; M is known only after the last."""

  cross_entropy: tf.Tensor  # `[batch, rows, width]`, summed over the classes
  structural: tf.Tensor  # the same, weighted
  residual: tf.Tensor  # p - y, `[batch, rows, width, classes]`
  weights: tf.Tensor  # e f of Eq. 12, or what an ablation puts there
  hard: tf.Tensor  # M, the number of hard examples
  error_sum: tf.Tensor
  error_max: tf.Tensor


def _strip_terms(classes, logits, error, settings):
  threshold = settings.beta * _max_error(settings)
  if settings.ohem:
    selected = tf.cast(error > threshold, tf.float32)
  else:
    selected = tf.cast(classes >= 0, tf.float32)[..., None]
    selected *= tf.ones_like(error)
  weights = error * selected if settings.reweight else selected
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


def structural_error(
  labels: tf.Tensor,
  logits: tf.Tensor,
  *,
  region_size: int = 3,
  sigma: float = 1.5,
  beta: float = 0.1,
  stability: float = 0.01,
  stability_form: StabilityForm = "std",
  ignore_class: int | None = 255,
  from_logits: bool = True,
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
      1]`, or one-hot `[batch, height, width, classes]`.
    logits: `[batch, height, width, classes]`.
    region_size: side of the window in pixels, odd.
    sigma: standard deviation of the window in pixels.
    beta: fraction of `e_max` above which a sample is hard, in [0, 1).
    stability: C4.
    stability_form: "std" (Eq. 10) or "variance" (Eq. 16).
    ignore_class: label that takes part in nothing, or None.
    from_logits: False if `logits` holds probabilities.

  Returns:
    `(e, hard)`: float32 and bool `[batch, height, width, classes]`; 0 and False
    at ignored pixels. No gradient flows through either.

  Raises:
    ValueError: if an argument or a shape is out of range.
    tf.errors.InvalidArgumentError: if a label is neither a class nor
      `ignore_class`.
  """
  settings = Settings(
    region_size=region_size,
    sigma=sigma,
    beta=beta,
    stability=stability,
    stability_form=stability_form,
  ).validate()
  encoded, logits = pixel_loss.prepare(
    labels, logits, ignore_class, from_logits, "sigmoid"
  )
  error = tf.concat(
    _map_strips(lambda *strip: strip[-1], encoded.classes, logits, settings), 1
  )
  return error, error > beta * _max_error(settings)


class Terms(NamedTuple):
  """The loss map and the scalars that a training log shows.

  Attributes:
    loss: float32 `[batch, height, width]`; its plain mean is Eq. 17, it is 0 at
      ignored pixels and differentiable with respect to the logits.
    cross_entropy: scalar L_ce of Eq. 17, without its factor lambda.
    structural: scalar L_ssl of Eq. 13, without its factor 1 - lambda.
    hard_fraction: share of the valid samples that are hard, in [0, 1].
    error_mean: mean of `e` over this replica's valid samples.
    error_max: maximum of `e` over this replica's valid samples.
  """

  loss: tf.Tensor
  cross_entropy: tf.Tensor
  structural: tf.Tensor
  hard_fraction: tf.Tensor
  error_mean: tf.Tensor
  error_max: tf.Tensor


def structural_similarity_terms(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  settings: Settings = Settings(),
  ignore_class: int | None = 255,
  from_logits: bool = True,
) -> Terms:
  r"""Computes the structural similarity loss and its parts.

  .. math::
    L = \lambda \frac{1}{N} \sum_{n,c} bce_{n,c}
      + (1 - \lambda) \frac{1}{M} \sum_{n,c} e_{n,c} f_{n,c}\, bce_{n,c}

  (Eq. 11 to 13 and 17), N the number of valid pixels and M = sum f, both of the
  global batch. The gradient is
  `(lambda / N + (1 - lambda) e f / M) (p - y)`: none flows through e and f.

  Args:
    y_true: class indices `[batch, height, width]` or `[batch, height, width,
      1]`, or one-hot `[batch, height, width, classes]`.
    y_pred: logits `[batch, height, width, classes]` of any floating dtype; all
      computation is float32 or better.
    settings: constants of the loss.
    ignore_class: label that takes part in nothing, or None.
    from_logits: False if `y_pred` holds probabilities.

  Returns:
    The `Terms`. With no valid pixel, loss and gradient are 0.

  Raises:
    ValueError: if a setting or a shape does not fit.
    tf.errors.InvalidArgumentError: if a label is neither a class nor
      `ignore_class`. Under `jit_compile=True` no error can be raised: the loss
      is NaN, and the gradient of such a pixel is 0.
  """
  settings.validate()
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "sigmoid"
  )
  strips = _map_strips(
    functools.partial(_strip_terms, settings=settings),
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
  ce_share, ssl_share = lam * count / n, (1 - lam) * count / m
  slope = tf.concat(
    [
      (strip.weights * ssl_share + ce_share) * strip.residual
      for strip in strips
    ],
    1,
  )
  samples = pixels * logits.shape[-1]
  return Terms(
    loss=pixel_loss.with_gradient(
      logits, pixel_loss.as_mean(value, encoded.illegal), slope
    ),
    cross_entropy=tf.reduce_sum(pixel_ce),
    structural=tf.reduce_sum(pixel_ssl),
    hard_fraction=tf.math.divide_no_nan(hard, samples),
    error_mean=tf.math.divide_no_nan(
      tf.add_n([strip.error_sum for strip in strips]), samples
    ),
    error_max=tf.reduce_max([strip.error_max for strip in strips]),
  )
