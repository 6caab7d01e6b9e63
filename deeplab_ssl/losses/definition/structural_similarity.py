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
pair of pixel and class, and samples with a small `e` are dropped. `e` and the
selection are constants of a training step: no gradient flows through them.
"""

from keras import ops

from deeplab_ssl.losses import encoded_labels
from deeplab_ssl.losses import shapes
from deeplab_ssl.losses import structural_settings
from deeplab_ssl.losses import terms
from deeplab_ssl.losses import window_profile
from deeplab_ssl.losses.definition import cross_entropy
from deeplab_ssl.losses.definition import pixel_loss
from deeplab_ssl.losses.definition import windows

_DEFAULTS = structural_settings.DEFAULTS


def normalize(deviation, variance, settings):
  """Eq. 10, or Eq. 16 with `stability_form="variance"`.

  Args:
    deviation: `x - mu`.
    variance: `sigma^2`, not negative.
    settings: constants of the loss.
  """
  c4 = settings.stability
  if settings.stability_form == "std":
    return (deviation + c4) / (ops.sqrt(variance) + c4)
  return (deviation + c4) / ops.sqrt(variance + c4)


def normalized_maps(encoded: encoded_labels.Labels, logits, settings):
  """Computes the two normalised maps of Eq. 10.

  Args:
    encoded: labels of the batch.
    logits: float32 `[batch, height, width, classes]`, finite.
    settings: constants of the loss; the region size is above 1.

  Returns:
    `(y_nor, p_nor)`, float32 `[batch, height, width, classes]`.
  """
  profile = window_profile.gaussian_profile(
    settings.region_size, settings.sigma
  )
  valid = pixel_loss.valid_mask(encoded)
  y = pixel_loss.one_hot(encoded, logits.shape[-1])
  p = valid * ops.sigmoid(logits)
  moments = windows.window_moments([p], [(0, 0)], valid, profile)
  ones, zeros = windows.binary_shares(y, valid, moments.weight, profile)
  y_deviation = y * zeros - (1 - y) * ones
  return (
    normalize(y_deviation, ones * zeros, settings),
    normalize(p - moments.means[0], moments.covariances[0], settings),
  )


def _error(encoded, logits, settings):
  """Returns `e`, float32 `[batch, height, width, classes]`, 0 if ignored."""
  valid = pixel_loss.valid_mask(encoded)
  if settings.region_size == 1:
    sign = 1 - 2 * pixel_loss.one_hot(encoded, logits.shape[-1])
    return valid * ops.sigmoid(logits * sign)  # |y - p|
  y_nor, p_nor = normalized_maps(encoded, logits, settings)
  return valid * ops.abs(y_nor - p_nor)


def structural_error(
  labels,
  logits,
  *,
  region_size: int = _DEFAULTS.region_size,
  sigma: float = _DEFAULTS.sigma,
  beta: float = _DEFAULTS.beta,
  stability: float = _DEFAULTS.stability,
  stability_form: structural_settings.StabilityForm = _DEFAULTS.stability_form,
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
):
  """Eq. 10 and 11; see `losses.functional.structural_error`."""
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
  error = _error(encoded, ops.stop_gradient(logits), settings)
  return error, error > settings.threshold


def structural_similarity_terms(
  y_true,
  y_pred,
  *,
  settings: structural_settings.StructuralSimilaritySettings = _DEFAULTS,
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
  count_mean: pixel_loss.CountMean | None = None,
) -> terms.StructuralSimilarityTerms:
  """Eq. 11 to 17; see `losses.functional.structural_similarity_terms`."""
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "sigmoid", data_format
  )
  valid = pixel_loss.valid_mask(encoded)
  error = ops.stop_gradient(
    _error(encoded, ops.stop_gradient(logits), settings)
  )
  # Eq. 11: f. Eq. 12: e f, or what an ablation puts there.
  if settings.ohem:
    hard = ops.cast(error > settings.threshold, "float32")
  else:
    hard = valid * ops.ones_like(error)
  weights = error * hard if settings.reweight else hard

  pixels, hard_samples = ops.sum(valid), ops.sum(hard)
  n, m = pixel_loss.mean_counts(count_mean, pixels, hard_samples)
  bce = cross_entropy.sample_cross_entropy(encoded, logits)
  pixel_ce = ops.sum(bce, -1) / n
  pixel_ssl = ops.sum(weights * bce, -1) / m  # Eq. 13
  lam = settings.ce_weight
  samples = pixels * logits.shape[-1]
  divisor = ops.maximum(samples, 1.0)
  return terms.StructuralSimilarityTerms(
    loss=pixel_loss.as_mean(
      lam * pixel_ce + (1 - lam) * pixel_ssl, encoded.illegal
    ),
    cross_entropy=ops.sum(pixel_ce),
    structural=ops.sum(pixel_ssl),
    hard_fraction=hard_samples / divisor,
    error_mean=ops.sum(error) / divisor,
    error_max=ops.max(error),
    samples=samples,
  )
