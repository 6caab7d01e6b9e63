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

"""The pixel-wise losses of the paper: softmax (Eq. 1) and sigmoid (Eq. 17)."""

from keras import ops

from deeplab_ssl.losses import encoded_labels
from deeplab_ssl.losses import shapes
from deeplab_ssl.losses.definition import pixel_loss


def pixel_softmax_cross_entropy(encoded: encoded_labels.Labels, logits):
  """Returns `-log p` of each pixel's class, `[batch, height, width]`."""
  one_hot = pixel_loss.one_hot(encoded, logits.shape[-1])
  # log(1 + sum of exp(x_c - x_y)) over the other classes does not cancel when
  # a pixel is fitted well.
  away = logits - ops.sum(one_hot * logits, -1, keepdims=True)
  largest = ops.stop_gradient(ops.max(away, -1, keepdims=True))
  others = ops.sum((1 - one_hot) * ops.exp(away - largest), -1)
  largest = largest[..., 0]
  nll = largest + ops.log1p(others + ops.expm1(-largest))
  return ops.where(encoded.valid, nll, 0.0)


def sample_cross_entropy(encoded: encoded_labels.Labels, logits):
  """Returns the sigmoid cross entropy of each pixel and class, 0 if ignored."""
  one_hot = pixel_loss.one_hot(encoded, logits.shape[-1])
  # softplus(s x) does not cancel when a sample is fitted well.
  bce = ops.softplus(logits * (1 - 2 * one_hot))
  return pixel_loss.valid_mask(encoded) * bce


def softmax_cross_entropy(
  y_true,
  y_pred,
  *,
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
  count_mean: pixel_loss.CountMean | None = None,
):
  """Eq. 1; see `losses.functional.softmax_cross_entropy`."""
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "softmax", data_format
  )
  nll = pixel_softmax_cross_entropy(encoded, logits)
  return _mean_over_pixels(nll, encoded, count_mean)


def sigmoid_cross_entropy(
  y_true,
  y_pred,
  *,
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
  count_mean: pixel_loss.CountMean | None = None,
):
  """L_ce of Eq. 17; see `losses.functional.sigmoid_cross_entropy`."""
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "sigmoid", data_format
  )
  bce = ops.sum(sample_cross_entropy(encoded, logits), -1)
  return _mean_over_pixels(bce, encoded, count_mean)


def _mean_over_pixels(values, encoded, count_mean):
  pixels = ops.sum(pixel_loss.valid_mask(encoded))
  (n,) = pixel_loss.mean_counts(count_mean, pixels)
  return pixel_loss.as_mean(values / n, encoded.illegal)
