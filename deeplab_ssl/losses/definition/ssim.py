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

Unlike in the structural similarity loss, the gradient flows through the
statistics of the windows.
"""

from keras import ops

from deeplab_ssl.losses import shapes
from deeplab_ssl.losses import ssim_settings
from deeplab_ssl.losses import terms
from deeplab_ssl.losses import window_profile
from deeplab_ssl.losses.definition import cross_entropy
from deeplab_ssl.losses.definition import pixel_loss
from deeplab_ssl.losses.definition import windows

_C1, _C2 = ssim_settings.C1, ssim_settings.C2


def _similarity(encoded, logits, settings):
  """Returns Eq. 6, or S_2 of Eq. 9, `[batch, height, width, classes]`."""
  profile = window_profile.gaussian_profile(
    settings.region_size, settings.sigma
  )
  valid = pixel_loss.valid_mask(encoded)
  y = pixel_loss.one_hot(encoded, logits.shape[-1])
  p = valid * ops.sigmoid(logits)
  moments = windows.window_moments([p, y], [(0, 0), (0, 1)], valid, profile)
  p_mean = moments.means[0]
  p_variance, covariance = moments.covariances
  y_mean, zeros = windows.binary_shares(y, valid, moments.weight, profile)
  y_variance = y_mean * zeros
  similarity = (2 * covariance + _C2) / (p_variance + y_variance + _C2)
  if settings.form == "ssim":
    similarity = similarity * (
      (2 * p_mean * y_mean + _C1)
      / (ops.square(p_mean) + ops.square(y_mean) + _C1)
    )
  return similarity


def ssim_terms(
  y_true,
  y_pred,
  *,
  settings: ssim_settings.SSIMSettings = ssim_settings.DEFAULTS,
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
  count_mean: pixel_loss.CountMean | None = None,
) -> terms.SSIMTerms:
  """Eq. 6, 7, 9 and 17; see `losses.functional.ssim_terms`."""
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "sigmoid", data_format
  )
  valid = pixel_loss.valid_mask(encoded)
  (n,) = pixel_loss.mean_counts(count_mean, ops.sum(valid))
  unlike = valid * (1 - _similarity(encoded, logits, settings))
  structural = ops.mean(unlike, -1) / n
  bce = ops.sum(cross_entropy.sample_cross_entropy(encoded, logits), -1) / n
  lam = settings.ce_weight
  return terms.SSIMTerms(
    loss=pixel_loss.as_mean(
      lam * bce + (1 - lam) * structural, encoded.illegal
    ),
    cross_entropy=ops.sum(bce),
    structural=ops.sum(structural),
  )
