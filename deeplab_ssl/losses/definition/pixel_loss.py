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

"""What every loss here shares: arguments, counts, the map whose mean it is."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from deeplab_ssl.losses import encoded_labels
from deeplab_ssl.losses import shapes
from deeplab_ssl.losses.definition import labels as labels_lib

# Takes scalar counts of this process and returns their means over all
# processes that share a global batch.
CountMean = Callable[[Sequence[Any]], Sequence[Any]]

# Keras clips probabilities here before it takes a logarithm; so do we.
_EPSILON = 1e-7


def prepare(
  y_true,
  y_pred,
  ignore_class,
  from_logits,
  activation,
  data_format="channels_last",
):
  """Checks a pair of labels and predictions.

  Args:
    y_true: labels in any layout of `labels.encode_labels`.
    y_pred: logits, or probabilities with `from_logits=False`, floating
      `[batch, height, width, classes]`.
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: whether `y_pred` are logits.
    activation: "sigmoid" or "softmax", what makes probabilities of logits.
    data_format: "channels_last" or "channels_first".

  Returns:
    `(labels, logits)`: `encoded_labels.Labels` and float32 logits, channels
    last, 0 at ignored pixels.

  Raises:
    ValueError: if a rank, a size or the number of classes does not fit.
  """
  logits = ops.convert_to_tensor(y_pred)
  dtype = keras.backend.standardize_dtype(logits.dtype)
  if "float" not in dtype:
    raise ValueError(shapes.not_floating(dtype))
  y_true = ops.convert_to_tensor(y_true)
  if shapes.is_channels_first(data_format):
    y_true, logits = shapes.channels_last(y_true, logits, ops.transpose)
  if len(logits.shape) != 4 or logits.shape[-1] is None:
    raise ValueError(shapes.not_a_map(logits.shape))
  logits = ops.cast(logits, "float32")
  encoded = labels_lib.encode_labels(y_true, logits.shape[-1], ignore_class)
  if not shapes.agree(encoded.classes.shape, logits.shape[:3]):
    raise ValueError(shapes.not_the_same(encoded.classes.shape, logits.shape))
  # Selected away, not multiplied away: an ignored logit may be infinite, and
  # so may the slope of a logarithm.
  if from_logits:
    return encoded, ops.where(encoded.valid[..., None], logits, 0.0)
  p = ops.where(encoded.valid[..., None], logits, 0.5)
  p = ops.clip(p, _EPSILON, 1 - _EPSILON)
  logits = ops.log(p)
  return encoded, logits if activation == "softmax" else logits - ops.log1p(-p)


def one_hot(encoded: encoded_labels.Labels, num_classes: int):
  """Returns float32 `[batch, height, width, classes]`, 0 where ignored."""
  classes = ops.one_hot(ops.maximum(encoded.classes, 0), num_classes)
  return ops.cast(classes, "float32") * valid_mask(encoded)


def valid_mask(encoded: encoded_labels.Labels):
  """Returns float32 `[batch, height, width, 1]`: 1, or 0 where ignored."""
  return ops.cast(encoded.valid, "float32")[..., None]


def mean_counts(count_mean: CountMean | None, *counts) -> list:
  """Averages counts over the processes that share a global batch; 1 for none.

  A sum over one process divided by the mean count, and averaged over the
  processes as gradients are, is the sum over the global batch by its count.

  Args:
    count_mean: averages them; None if there is one process.
    *counts: float32 scalars.
  """
  means = count_mean(counts) if count_mean else counts
  return [ops.where(mean > 0, mean, 1.0) for mean in means]


def as_mean(total, illegal):
  """Scales per-pixel shares of a total so that their plain mean is that total.

  Args:
    total: `[batch, height, width]`, each pixel's share of the scalar loss.
    illegal: bool `[batch, height, width]`; these pixels become NaN.

  Returns:
    `[batch, height, width]` map whose mean is the sum of `total`.
  """
  scaled = total * ops.cast(ops.size(total), "float32")
  return ops.where(illegal, float("nan"), scaled)
