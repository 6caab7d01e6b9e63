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

import tensorflow as tf

from deeplab_ssl.common import arguments
from deeplab_ssl.losses import shapes
from deeplab_ssl.losses import structural_settings
from deeplab_ssl.losses import terms
from deeplab_ssl.losses.on_tensorflow import error_maps
from deeplab_ssl.losses.on_tensorflow import pixel_loss


def normalized_statistics(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  settings: structural_settings.StructuralSimilaritySettings = (
    structural_settings.DEFAULTS
  ),
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
) -> terms.NormalizedStatistics:
  """Computes the extremes of the normalised maps and the median of `e`.

  Image by image, at about the cost of the loss itself.

  Args:
    y_true: labels in any layout that the losses take.
    y_pred: logits `[batch, height, width, classes]`.
    settings: constants of the loss; the region size is above 1.
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `y_pred` holds probabilities.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`.

  Returns:
    The `NormalizedStatistics`, without gradient.

  Raises:
    ValueError: if the region size is 1: there is nothing to normalise by.

  Example:

  A uniform prediction has the same value everywhere after normalisation, 1.

  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> found = normalized_statistics(labels, tf.zeros([1, 2, 2, 2]))
  >>> f"{found.prediction_min:.4f} {found.prediction_max:.4f}"
  '1.0000 1.0000'
  """
  arguments.require(
    settings.region_size > 1,
    "region_size",
    "3 or more, for there to be normalised maps",
    settings.region_size,
  )
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "sigmoid", data_format
  )

  def of_image(image):
    classes, logits = (x[None] for x in image)
    valid = classes >= 0
    logits = tf.where(valid[..., None], logits, pixel_loss.IGNORED_LOGIT)
    maps = error_maps.normalized_maps(
      tf.one_hot(classes, logits.shape[-1]),
      logits,
      tf.cast(valid, tf.float32)[..., None],
      settings,
    )
    samples = tf.stack([*maps, tf.abs(maps[0] - maps[1])])
    lowest = tf.where(valid[..., None], samples, samples.dtype.max)
    highest = tf.where(valid[..., None], samples, samples.dtype.min)
    stride = slice(None, None, terms.MEDIAN_STRIDE)
    return (
      tf.reduce_max(highest, [1, 2, 3, 4])[:2],
      tf.reduce_min(lowest, [1, 2, 3, 4])[:2],
      lowest[2, 0, stride, stride],
    )

  found = tf.map_fn(
    of_image,
    (encoded.classes, tf.stop_gradient(logits)),
    parallel_iterations=1,
    fn_output_signature=(
      tf.TensorSpec([2]),
      tf.TensorSpec([2]),
      tf.TensorSpec([None, None, logits.shape[-1]]),
    ),
  )
  maximum = tf.reduce_max(found[0], 0)
  minimum = tf.reduce_min(found[1], 0)
  any_valid = tf.reduce_any(encoded.valid)
  scalars = [maximum[0], minimum[0], maximum[1], minimum[1], _median(found[2])]
  return terms.NormalizedStatistics(
    *(tf.where(any_valid, scalar, 0.0) for scalar in scalars)
  )


def _median(errors):
  """Returns the median of the errors that are not the largest float."""
  ordered = tf.sort(tf.reshape(errors, [-1]))
  count = tf.reduce_sum(tf.cast(ordered < ordered.dtype.max, tf.int32))
  return tf.where(count > 0, ordered[(tf.maximum(count, 1) - 1) // 2], 0.0)
