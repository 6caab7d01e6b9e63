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

"""Statistics of the normalised maps and of `e`: what Fig. 3 plots."""

from keras import ops

from deeplab_ssl.common import arguments
from deeplab_ssl.losses import shapes
from deeplab_ssl.losses import structural_settings
from deeplab_ssl.losses import terms
from deeplab_ssl.losses.definition import pixel_loss
from deeplab_ssl.losses.definition import structural_similarity


def normalized_statistics(
  y_true,
  y_pred,
  *,
  settings: structural_settings.StructuralSimilaritySettings = (
    structural_settings.DEFAULTS
  ),
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
) -> terms.NormalizedStatistics:
  """Extremes and a median; see `losses.functional.normalized_statistics`."""
  arguments.require(
    settings.region_size > 1,
    "region_size",
    "3 or more, for there to be normalised maps",
    settings.region_size,
  )
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "sigmoid", data_format
  )
  y_nor, p_nor = structural_similarity.normalized_maps(
    encoded, ops.stop_gradient(logits), settings
  )
  valid = encoded.valid[..., None]
  any_valid = ops.any(valid)

  def extreme(reduced, field, outside):
    found = reduced(ops.where(valid, field, outside))
    return ops.where(any_valid, found, 0.0)

  infinite = float("inf")
  return terms.NormalizedStatistics(
    truth_max=extreme(ops.max, y_nor, -infinite),
    truth_min=extreme(ops.min, y_nor, infinite),
    prediction_max=extreme(ops.max, p_nor, -infinite),
    prediction_min=extreme(ops.min, p_nor, infinite),
    error_median=_median(ops.abs(y_nor - p_nor), valid),
  )


def _median(error, valid):
  """Returns the lower median of the valid errors, 0 if there is none."""
  stride = slice(None, None, terms.MEDIAN_STRIDE)
  seen = ops.where(valid, error, float("inf"))[:, stride, stride]
  ordered = ops.sort(ops.reshape(seen, (-1,)))
  count = ops.sum(ops.cast(ordered < float("inf"), "int32"))
  middle = ops.take(ordered, (ops.maximum(count, 1) - 1) // 2)
  return ops.where(count > 0, middle, 0.0)
