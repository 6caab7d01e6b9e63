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

import tensorflow as tf

from deeplab_ssl.losses import encoded_labels
from deeplab_ssl.losses import shapes
from deeplab_ssl.losses.on_tensorflow import pixel_loss


def pixel_softmax_cross_entropy(
  encoded: encoded_labels.Labels, logits: tf.Tensor
) -> tf.Tensor:
  """Returns `-log p` of each pixel's class, `[batch, height, width]`."""
  # Selected away, not multiplied away: 0 times an infinite logit is NaN.
  logits = tf.where(encoded.valid[..., None], logits, 0.0)
  nll = tf.nn.sparse_softmax_cross_entropy_with_logits(
    labels=tf.maximum(encoded.classes, 0), logits=logits
  )
  return tf.where(encoded.valid, nll, 0.0)


def pixel_sigmoid_cross_entropy(
  encoded: encoded_labels.Labels, logits: tf.Tensor
) -> tf.Tensor:
  """Returns the sum over the classes, `[batch, height, width]`."""
  logits = tf.where(encoded.valid[..., None], logits, 0.0)
  # softplus(s x) is the sigmoid cross entropy and its derivative s sigmoid(s x)
  # is p - y, without the cancellation of that difference.
  sign = tf.one_hot(
    encoded.classes, logits.shape[-1], on_value=-1.0, off_value=1.0
  )
  bce = tf.nn.softplus(logits * sign)
  return tf.where(encoded.valid, tf.reduce_sum(bce, -1), 0.0)


def softmax_cross_entropy(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
) -> tf.Tensor:
  r"""Computes the softmax cross entropy of Eq. 1.

  .. math:: L = -\frac{1}{N} \sum_n \log p_{n, y_n}

  with N the number of valid pixels of the global batch, as research/deeplab
  normalises it.

  Args:
    y_true: class indices `[batch, height, width]` or `[batch, height, width,
      1]`, or one-hot `[batch, height, width, classes]`, where a row of zeros is
      an ignored pixel unless `ignore_class` is None.
    y_pred: logits `[batch, height, width, classes]`.
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `y_pred` holds softmax probabilities.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`.

  Returns:
    float32 `[batch, height, width]` whose plain mean is the loss; 0 at ignored
    pixels.

  Raises:
    ValueError: if a shape does not fit.
    tf.errors.InvalidArgumentError: if a label is neither a class nor
      `ignore_class`; under `jit_compile=True` the loss is NaN instead.

  Example:

  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> loss = softmax_cross_entropy(labels, tf.zeros([1, 2, 2, 2]))
  >>> f"{tf.reduce_mean(loss):.4f}"
  '0.6931'
  """
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "softmax", data_format
  )
  nll = pixel_softmax_cross_entropy(encoded, logits)
  shares = nll / pixel_loss.valid_pixels(encoded)
  return pixel_loss.as_mean(shares, encoded.illegal)


def sigmoid_cross_entropy(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
) -> tf.Tensor:
  r"""Computes the sigmoid cross entropy, L_ce of Eq. 17 ("BCE" in the tables).

  .. math::
    L = -\frac{1}{N} \sum_{n,c} y_{n,c} \log p_{n,c}
        + (1 - y_{n,c}) \log (1 - p_{n,c})

  a sum over the classes and a mean over the N valid pixels of the global batch.

  Args:
    y_true: class indices `[batch, height, width]` or `[batch, height, width,
      1]`, or one-hot `[batch, height, width, classes]`, where a row of zeros is
      an ignored pixel unless `ignore_class` is None.
    y_pred: logits `[batch, height, width, classes]`.
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `y_pred` holds probabilities.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`.

  Returns:
    float32 `[batch, height, width]` whose plain mean is the loss; 0 at ignored
    pixels.

  Raises:
    ValueError: if a shape does not fit.
    tf.errors.InvalidArgumentError: if a label is neither a class nor
      `ignore_class`; under `jit_compile=True` the loss is NaN instead.

  Example:

  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> loss = sigmoid_cross_entropy(labels, tf.zeros([1, 2, 2, 2]))
  >>> f"{tf.reduce_mean(loss):.4f}"
  '1.3863'
  """
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "sigmoid", data_format
  )
  bce = pixel_sigmoid_cross_entropy(encoded, logits)
  shares = bce / pixel_loss.valid_pixels(encoded)
  return pixel_loss.as_mean(shares, encoded.illegal)
