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

"""What every loss here shares: arguments, counts, known gradients."""

import tensorflow as tf

from deeplab_ssl.losses import encoded_labels
from deeplab_ssl.losses import shapes
from deeplab_ssl.losses.on_tensorflow import labels as labels_lib

# Stands for the logit of an ignored sample: its probability, sigmoid cross
# entropy and gradient are exactly zero in float32.
IGNORED_LOGIT = -1e9

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
    `(labels, logits)`: `encoded_labels.Labels` and float32 logits.

  Raises:
    ValueError: if a rank, a size or the number of classes does not fit.
  """
  logits = tf.convert_to_tensor(y_pred)
  if not logits.dtype.is_floating:
    raise ValueError(shapes.not_floating(logits.dtype.name))
  if shapes.is_channels_first(data_format):
    y_true = tf.convert_to_tensor(y_true)
    y_true, logits = shapes.channels_last(y_true, logits, tf.transpose)
  if logits.shape.rank != 4 or logits.shape[-1] is None:
    raise ValueError(shapes.not_a_map(logits.shape))
  logits = tf.cast(logits, tf.float32)
  encoded = labels_lib.encode_labels(y_true, logits.shape[-1], ignore_class)
  if not encoded.classes.shape.is_compatible_with(logits.shape[:3]):
    raise ValueError(shapes.not_the_same(encoded.classes.shape, logits.shape))
  # Sizes known only now must not broadcast.
  tf.debugging.assert_equal(
    tf.shape(encoded.classes),
    tf.shape(logits)[:3],
    "Labels and predictions must have the same batch, height and width.",
  )
  if not from_logits:
    # Selected away here already: the logarithm's slope at NaN is NaN, and that
    # times a zero gradient would still be.
    probabilities = tf.where(encoded.valid[..., None], logits, 0.5)
    logits = _logits_of(probabilities, activation)
  return encoded, logits


def _logits_of(probabilities, activation):
  clipped = tf.clip_by_value(probabilities, _EPSILON, 1 - _EPSILON)
  if activation == "softmax":
    return tf.math.log(clipped)
  return tf.math.log(clipped) - tf.math.log1p(-clipped)


def mean_over_replicas(*counts: tf.Tensor) -> list[tf.Tensor]:
  """Averages counts over the replicas that share a global batch.

  Keras and Model Garden divide each replica's loss by the number of replicas,
  so a sum over one replica divided by the *mean* count is exact: the total is
  the sum over the global batch divided by its count.

  Args:
    *counts: float32 scalars of this replica.

  Returns:
    The means, or the counts themselves outside a distribution strategy.
  """
  context = tf.distribute.get_replica_context()
  if context is None or context.num_replicas_in_sync == 1:
    return list(counts)
  return context.all_reduce(tf.distribute.ReduceOp.MEAN, list(counts))


def valid_pixels(encoded: encoded_labels.Labels) -> tf.Tensor:
  """Returns N, the valid pixels per replica of the global batch, not 0."""
  pixels = tf.reduce_sum(tf.cast(encoded.valid, tf.float32))
  (mean,) = mean_over_replicas(pixels)
  return at_least_one(mean)


def at_least_one(count: tf.Tensor) -> tf.Tensor:
  """Bounds a mean count from below by one sample of the global batch."""
  replicas = tf.distribute.get_strategy().num_replicas_in_sync
  return tf.maximum(count, 1.0 / replicas)


def as_mean(total: tf.Tensor, illegal: tf.Tensor) -> tf.Tensor:
  """Scales per-pixel shares of a total so that their plain mean is that total.

  Args:
    total: `[batch, height, width]`, each pixel's share of the scalar loss.
    illegal: bool `[batch, height, width]`; these pixels become NaN.

  Returns:
    `[batch, height, width]` map whose mean is the sum of `total`.
  """
  scaled = total * tf.cast(tf.size(total), total.dtype)
  return tf.where(illegal, float("nan"), scaled)


@tf.custom_gradient
def with_gradient(logits: tf.Tensor, value: tf.Tensor, slope: tf.Tensor):
  """Attaches a gradient that the forward pass has already found.

  Args:
    logits: `[batch, height, width, classes]`, the differentiated input.
    value: `[batch, height, width]`, the result, computed without a tape.
    slope: like `logits`, d value / d logits of the same pixel.

  Returns:
    `value`, whose gradient with respect to `logits` is `slope`. It is constant,
    so second derivatives are not available.
  """

  def backward(upstream):
    return upstream[..., None] * slope, None, None

  return tf.identity(value), backward
