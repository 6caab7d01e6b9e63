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

"""What the Keras losses share: masks, sample weights, configuration.

Mixins over the `Loss` of Keras 3 or of tf_keras. They return a `[batch, height,
width]` map from `call`, because both libraries scale a map correctly for
several replicas; Keras 3 does not scale a scalar.
"""

import sys
import warnings

import tensorflow as tf

from deeplab_ssl.losses import labels as labels_lib

_REDUCTIONS = ("sum_over_batch_size", "sum", "none")
# How far the sum of probabilities may be from 1, as in float16.
_ROUNDING = 1e-3
# What either Keras puts around a loss that is none of its own, and how many
# calls there are at most between the two; those of AutoGraph are among them.
_WRAPPER = "LossFunctionWrapper"
_MOST_CALLS = 20


class PixelLoss:
  """Base of the mixins: Keras masks, sample weights, configuration."""

  def __init__(self, *, ignore_class, from_logits, reduction, name, dtype):
    reduction = "none" if reduction is None else reduction
    if reduction not in _REDUCTIONS:
      raise ValueError(
        f"Argument `reduction` must be one of {_REDUCTIONS}: the map is "
        "already normalised by the number of valid pixels or hard examples, "
        "so that its plain mean is the loss. "
        f"Received: reduction={reduction!r}"
      )
    self._init_base(reduction=reduction, name=name)
    self.result_dtype = tf.as_dtype(dtype or "float32").name
    self.ignore_class = ignore_class
    self.from_logits = from_logits
    self._predictions_seen = False

  @property
  def input_options(self):
    """Arguments that every function of `losses` takes."""
    return {"ignore_class": self.ignore_class, "from_logits": self.from_logits}

  def __call__(self, y_true, y_pred, sample_weight=None):
    if _is_wrapped(self):
      raise ValueError(
        f"{type(self).__name__} is of one Keras and the model of another, "
        "which would make one number of the weights of the pixels. A "
        "keras.Model takes deeplab_ssl.losses, a tf_keras.Model "
        "deeplab_ssl.losses.legacy. "
        f"Received: {type(self).__module__}.{type(self).__name__}"
      )
    mask = getattr(y_pred, "_keras_mask", None)
    y_pred = tf.convert_to_tensor(y_pred)
    self._look_at(y_pred)
    if mask is not None:
      # Keras would only weight masked pixels by zero; they must not enter the
      # window statistics or the counts either.
      y_true = self._ignore_masked(y_true, y_pred, mask)
      y_pred = tf.identity(y_pred)
    if sample_weight is not None:
      sample_weight = _per_pixel(sample_weight, y_pred.shape[:3])
    loss = super().__call__(y_true, y_pred, sample_weight)
    return tf.cast(loss, self.result_dtype)

  def _look_at(self, y_pred):
    """Warns, at the first values that are seen, if these are no logits."""
    if not self.from_logits or self._predictions_seen:
      return
    if tf.executing_eagerly():
      self._predictions_seen = True
      if _are_probabilities(y_pred):
        warnings.warn(
          f"{type(self).__name__} takes logits, but received probabilities: "
          "all values are in [0, 1], and those of a pixel sum to 1. Leave the "
          "softmax of the model out, or say from_logits=False.",
          stacklevel=3,
        )

  def _ignore_masked(self, y_true, y_pred, mask):
    encoded = labels_lib.encode_labels(
      y_true, y_pred.shape[-1], self.ignore_class
    )
    mask = tf.cast(mask, tf.bool)
    if mask.shape.rank == 4 and mask.shape[-1] == 1:
      mask = mask[..., 0]
    if not mask.shape.is_compatible_with(y_pred.shape[:3]):
      raise ValueError(
        "A Keras mask must have one value per pixel, [batch, height, width] = "
        f"{y_pred.shape[:3]}. Received shape {mask.shape}."
      )
    classes = tf.where(
      mask & encoded.valid, encoded.classes, labels_lib.FORCE_IGNORED
    )
    return tf.where(mask & encoded.illegal, labels_lib.FORCE_ILLEGAL, classes)

  def get_config(self):
    """Returns every constructor argument."""
    return {
      **super().get_config(),
      **self.input_options,
      "dtype": self.result_dtype,
    }

  def __reduce__(self):
    return type(self).from_config, (self.get_config(),)


def _is_wrapped(loss):
  """Returns whether a Keras that does not know a loss calls it as a function.

  It then sees a scalar, by whose side weights per pixel have no place. Keras
  does not tell a function who calls it; the stack does.
  """
  frame = sys._getframe(2)
  for _ in range(_MOST_CALLS):
    if frame is None:
      return False
    caller = frame.f_locals.get("self")
    if type(caller).__name__ == _WRAPPER and caller.fn is loss:
      return True
    frame = frame.f_back
  return False


def _are_probabilities(y_pred):
  """Returns whether predictions are probabilities over several classes."""
  if y_pred.shape.rank != 4 or not y_pred.dtype.is_floating:
    return False  # The loss says what is wrong.
  values = tf.cast(y_pred, tf.float32)
  sums = tf.reduce_sum(values, -1)
  return bool(
    values.shape[-1] > 1
    and tf.size(values) > 0
    and tf.reduce_all((values >= 0) & (values <= 1))
    and tf.reduce_all(tf.abs(sums - 1) <= _ROUNDING)
  )


def _per_pixel(sample_weight, pixels):
  """Reshapes weights so that they broadcast over `[batch, height, width]`.

  A `[batch]` weight would silently broadcast along the width.
  """
  weight = tf.convert_to_tensor(sample_weight)
  shape = weight.shape
  if shape.rank == 1 or (
    shape.rank in (2, 4) and shape[1:].num_elements() == 1
  ):
    return tf.reshape(weight, [-1, 1, 1])
  if shape.rank == 4 and shape[-1] == 1:
    weight = weight[..., 0]
  if weight.shape.rank == 3 and (
    weight.shape[1:].num_elements() == 1
    or weight.shape.is_compatible_with(pixels)
  ):
    return weight
  raise ValueError(
    "sample_weight must be one weight per image, [batch], or per pixel, "
    f"[batch, height, width] = {pixels}. Received shape {shape}."
  )
