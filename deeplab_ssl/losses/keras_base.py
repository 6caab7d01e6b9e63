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

import numbers
import sys
from typing import Any
import warnings

from deeplab_ssl.common import arguments
from deeplab_ssl.losses import encoded_labels
from deeplab_ssl.losses import shapes

_REDUCTIONS = ("sum_over_batch_size", "sum", "none")
# How far the sum of probabilities may be from 1, as in float16.
_ROUNDING = 1e-3
# What either Keras puts around a loss that is none of its own, and how many
# calls there are at most between the two; those of AutoGraph are among them.
_WRAPPER = "LossFunctionWrapper"
_MOST_CALLS = 20


class PixelLoss:
  """Base of the mixins: Keras masks, sample weights, configuration.

  What depends on the Keras comes from the class that a mixin is joined with:

  Attributes:
    _functions: module of the losses as functions.
    _ops: `keras.ops`, or what has the same functions.
    _keras: the library, for its settings.
  """

  _functions: Any
  _ops: Any
  _keras: Any

  def __init__(
    self, *, ignore_class, from_logits, reduction, name, dtype, data_format
  ):
    reduction = "none" if reduction is None else reduction
    if reduction not in _REDUCTIONS:
      raise ValueError(
        f"Argument `reduction` must be one of {_REDUCTIONS}: the map is "
        "already normalised by the number of valid pixels or hard examples, "
        "so that its plain mean is the loss. "
        f"Received: reduction={reduction!r}"
      )
    arguments.require(
      ignore_class is None or _is_integer(ignore_class),
      "ignore_class",
      "an integer, or None if no pixel is ignored",
      ignore_class,
    )
    arguments.require(
      from_logits in (True, False), "from_logits", "True or False", from_logits
    )
    self._init_base(reduction=reduction, name=name)
    self.result_dtype = self._dtype_name(dtype or "float32")
    self.ignore_class = ignore_class
    self.from_logits = from_logits
    self.data_format = data_format or self._keras.backend.image_data_format()
    self._class_axis = 1 if shapes.is_channels_first(self.data_format) else -1
    self._predictions_seen = False

  @property
  def input_options(self):
    """Arguments that every function of `losses` takes."""
    return {
      "ignore_class": self.ignore_class,
      "from_logits": self.from_logits,
      "data_format": self.data_format,
    }

  def __call__(self, y_true, y_pred, sample_weight=None):
    if _is_wrapped(self):
      raise ValueError(
        f"{type(self).__name__} is of one Keras and the model of another, "
        "which would make one number of the weights of the pixels. A "
        "keras.Model takes deeplab_ssl.losses, a tf_keras.Model "
        "deeplab_ssl.losses.legacy. "
        f"Received: {type(self).__module__}.{type(self).__name__}"
      )
    mask = self._mask_of(y_pred)
    y_pred = self._ops.convert_to_tensor(y_pred)
    self._look_at(y_pred)
    if mask is not None:
      # Keras would only weight masked pixels by zero; they must not enter the
      # window statistics or the counts either.
      y_true = self._ignore_masked(y_true, y_pred, mask)
      y_pred = self._ops.copy(y_pred)
    if sample_weight is not None:
      weight = self._ops.convert_to_tensor(sample_weight)
      sample_weight = _per_pixel(
        weight, self._pixels(y_pred), self._class_axis, self._ops
      )
    loss = super().__call__(y_true, y_pred, sample_weight)
    return self._ops.cast(loss, self.result_dtype)

  def _pixels(self, y_pred):
    """Returns the batch, height and width of predictions of any format."""
    shape = list(y_pred.shape)
    if len(shape) == 4:
      del shape[self._class_axis]
    return shape

  def _look_at(self, y_pred):
    """Warns, at the first predictions that it sees, if they are not as said."""
    if self._predictions_seen:
      return
    remedy = "Leave that activation of the model out, or say from_logits=False."
    if self._are_known(y_pred):
      self._predictions_seen = True
      if self.from_logits:
        wrong = _are_probabilities(y_pred, self._class_axis, self._ops)
        found = "all values are in [0, 1], and those of a pixel sum to 1"
      else:
        wrong = _exceed_probabilities(y_pred, self._ops)
        found = "values lie outside of [0, 1], where they are cut off"
        remedy = "Give the model an activation, or say from_logits=True."
    else:
      wrong = self.from_logits and self._end_in_activation(y_pred)
      found = "they come out of a softmax or a sigmoid"
    taken = "logits" if self.from_logits else "probabilities"
    other = "probabilities" if self.from_logits else "logits"
    if wrong:
      self._predictions_seen = True
      warnings.warn(
        f"{type(self).__name__} takes {taken}, but received {other}: {found}. "
        f"{remedy}",
        stacklevel=3,
      )

  def _ignore_masked(self, y_true, y_pred, mask):
    ops = self._ops
    y_true = ops.convert_to_tensor(y_true)
    if self._class_axis == 1:
      y_true, y_pred = shapes.channels_last(y_true, y_pred, ops.transpose)
    encoded = self._functions.encode_labels(
      y_true, y_pred.shape[-1], self.ignore_class
    )
    mask = ops.cast(mask, "bool")
    if len(mask.shape) == 4:
      mask = ops.squeeze(mask, self._class_axis)
    if not shapes.agree(mask.shape, y_pred.shape[:3]):
      raise ValueError(
        "A Keras mask must have one value per pixel, [batch, height, width] = "
        f"{tuple(y_pred.shape[:3])}. Received shape {tuple(mask.shape)}."
      )
    classes = ops.where(
      mask & encoded.valid, encoded.classes, encoded_labels.FORCE_IGNORED
    )
    return ops.where(
      mask & encoded.illegal, encoded_labels.FORCE_ILLEGAL, classes
    )

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


def _are_probabilities(y_pred, class_axis, ops):
  """Returns whether predictions are probabilities over several classes."""
  shape = tuple(y_pred.shape)
  if len(shape) != 4 or 0 in shape or "float" not in str(y_pred.dtype):
    return False  # The loss says what is wrong.
  values = ops.cast(y_pred, "float32")
  sums = ops.sum(values, class_axis)
  return bool(
    shape[class_axis] > 1
    and ops.all((values >= 0) & (values <= 1))
    and ops.all(ops.abs(sums - 1) <= _ROUNDING)
  )


def _exceed_probabilities(y_pred, ops):
  """Returns whether a finite prediction is no probability."""
  if "float" not in str(y_pred.dtype) or 0 in tuple(y_pred.shape):
    return False
  values = ops.cast(y_pred, "float32")
  inside = (values >= -_ROUNDING) & (values <= 1 + _ROUNDING)
  # A pixel that is not a number is told of by the loss, or ignored.
  return not bool(ops.all(inside | (values != values)))


def _is_integer(value):
  return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _per_pixel(weight, pixels, class_axis, ops):
  """Reshapes weights so that they broadcast over `[batch, height, width]`.

  A `[batch]` weight would silently broadcast along the width.
  """
  shape = tuple(weight.shape)
  images = shapes.agree(shape[:1], pixels[:1])
  if images and (
    len(shape) == 1
    or (len(shape) in (2, 4) and all(size == 1 for size in shape[1:]))
  ):
    return ops.reshape(weight, (-1, 1, 1))
  if len(shape) == 4:
    for axis in (class_axis % 4, 3):
      if shape[axis] == 1:
        weight = ops.squeeze(weight, axis)
        break
  seen = tuple(weight.shape)
  if (
    images
    and len(seen) == 3
    and (seen[1:] == (1, 1) or shapes.agree(seen, pixels))
  ):
    return weight
  raise ValueError(
    "sample_weight must be one weight per image, [batch], or per pixel, "
    f"[batch, height, width] = {tuple(pixels)}. Received shape {shape}."
  )
