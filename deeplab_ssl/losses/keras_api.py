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

"""The Keras side of the losses, written once for Keras 3 and for tf_keras.

The classes here are mixins over either library's `Loss`. They return a
`[batch, height, width]` map from `call`, because both libraries scale a map
correctly for several replicas; Keras 3 does not scale a scalar.
"""

import tensorflow as tf

from deeplab_ssl.losses import cross_entropy
from deeplab_ssl.losses import labels as labels_lib
from deeplab_ssl.losses import structural_similarity as ssl

_REDUCTIONS = ("sum_over_batch_size", "sum", "none")


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

  def __call__(self, y_true, y_pred, sample_weight=None):
    mask = getattr(y_pred, "_keras_mask", None)
    y_pred = tf.convert_to_tensor(y_pred)
    if mask is not None:
      # Keras would only weight masked pixels by zero; they must not enter the
      # window statistics or the counts either.
      y_true = self._ignore_masked(y_true, y_pred, mask)
      y_pred = tf.identity(y_pred)
    if sample_weight is not None:
      sample_weight = _per_pixel(sample_weight, y_pred.shape[:3])
    loss = super().__call__(y_true, y_pred, sample_weight)
    return tf.cast(loss, self.result_dtype)

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
      "ignore_class": self.ignore_class,
      "from_logits": self.from_logits,
      "dtype": self.result_dtype,
    }

  def __reduce__(self):
    return type(self).from_config, (self.get_config(),)


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


class StructuralSimilarity(PixelLoss):
  r"""Correlation maximised structural similarity loss.

  .. math::
    L = \lambda \frac{1}{N} \sum_{n,c} bce_{n,c}
      + (1 - \lambda) \frac{1}{M} \sum_{n,c} e_{n,c} f_{n,c}\, bce_{n,c}

  Eq. 10 to 17 of *Correlation Maximized Structural Similarity Loss for Semantic
  Segmentation*: samples are (pixel, class) pairs, `e` is the difference of the
  locally normalised label and probability, `f` selects `e > beta * e_max`, N
  and M count valid pixels and selected samples of the global batch.

  `y_true` holds class indices `[batch, height, width]` or `[batch, height,
  width, 1]`, or one-hot `[batch, height, width, classes]`; `y_pred` logits
  `[batch, height, width, classes]`. `call` returns a `[batch, height, width]`
  map that is 0 at ignored pixels and whose plain mean is the paper's scalar.
  `sample_weight`, `[batch]` or `[batch, height, width]`, scales contributions
  and enters neither the selection nor N or M.

  A label that is neither a class nor `ignore_class` raises
  `tf.errors.InvalidArgumentError` in eager mode and in `tf.function`. Code
  compiled with `jit_compile=True` cannot raise: there the loss is NaN and that
  pixel's gradient 0, so the error is seen and the weights stay finite.

  Args:
    region_size: side k of the square window in pixels, odd. The paper's best
      is 3; with 1 the loss is pixel-wise.
    sigma: standard deviation of the gaussian window in pixels (Eq. 14).
    beta: samples with `e <= beta * e_max` are dropped (Eq. 11), in [0, 1).
    ce_weight: lambda of Eq. 17, in [0, 1].
    stability: C4 of Eq. 10, positive.
    stability_form: "std" (Eq. 10) or "variance" (Eq. 16).
    ohem: False keeps all samples ("reweighting only" of Table 3).
    reweight: False replaces `e` by 1 ("OHEM only" of Table 3).
    ignore_class: label that takes part in nothing, or None.
    from_logits: False if `y_pred` holds probabilities.
    reduction: "sum_over_batch_size" (the paper's scalar), "sum" or "none".
    name: name of the loss.
    dtype: dtype of the result; None is float32. The computation itself is never
      below float32.

  Raises:
    ValueError: if an argument is out of its range.

  Example:

  >>> import tensorflow as tf
  >>> from deeplab_ssl import losses
  >>> loss = losses.StructuralSimilarityLoss(region_size=3)
  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> float(loss(labels, tf.zeros([1, 2, 2, 2]))) > 0
  True
  """

  def __init__(
    self,
    region_size=3,
    sigma=1.5,
    beta=0.1,
    ce_weight=0.5,
    stability=0.01,
    stability_form="std",
    ohem=True,
    reweight=True,
    ignore_class=255,
    from_logits=True,
    reduction="sum_over_batch_size",
    name="structural_similarity_loss",
    dtype=None,
  ):
    super().__init__(
      ignore_class=ignore_class,
      from_logits=from_logits,
      reduction=reduction,
      name=name,
      dtype=dtype,
    )
    self.settings = ssl.Settings(
      region_size=region_size,
      sigma=sigma,
      beta=beta,
      ce_weight=ce_weight,
      stability=stability,
      stability_form=stability_form,
      ohem=ohem,
      reweight=reweight,
    ).validate()

  def call(self, y_true, y_pred):
    """Returns the loss map `[batch, height, width]`."""
    return ssl.structural_similarity_terms(
      y_true,
      y_pred,
      settings=self.settings,
      ignore_class=self.ignore_class,
      from_logits=self.from_logits,
    ).loss

  def get_config(self):
    """Returns every constructor argument."""
    return {**super().get_config(), **self.settings._asdict()}


class SoftmaxCrossEntropy(PixelLoss):
  """Softmax cross entropy over valid pixels, Eq. 1 ("CE" in the tables).

  Labels, predictions, `sample_weight` and illegal labels are handled as in
  `StructuralSimilarityLoss`; the normaliser is the number of valid pixels of
  the global batch.

  Args:
    ignore_class: label that takes part in nothing, or None.
    from_logits: False if `y_pred` holds softmax probabilities.
    reduction: "sum_over_batch_size", "sum" or "none".
    name: name of the loss.
    dtype: dtype of the result; None is float32.

  Raises:
    ValueError: if an argument is out of its range.
  """

  _function = staticmethod(cross_entropy.softmax_cross_entropy)

  def __init__(
    self,
    ignore_class=255,
    from_logits=True,
    reduction="sum_over_batch_size",
    name="softmax_cross_entropy_loss",
    dtype=None,
  ):
    super().__init__(
      ignore_class=ignore_class,
      from_logits=from_logits,
      reduction=reduction,
      name=name,
      dtype=dtype,
    )

  def call(self, y_true, y_pred):
    """Returns the loss map `[batch, height, width]`."""
    return self._function(
      y_true,
      y_pred,
      ignore_class=self.ignore_class,
      from_logits=self.from_logits,
    )


class SigmoidCrossEntropy(SoftmaxCrossEntropy):
  """Sigmoid cross entropy, L_ce of Eq. 17 ("BCE" in the tables).

  A sum over classes and a mean over the valid pixels of the global batch.
  Labels, predictions, `sample_weight` and illegal labels are handled as in
  `StructuralSimilarityLoss`.

  Args:
    ignore_class: label that takes part in nothing, or None.
    from_logits: False if `y_pred` holds probabilities.
    reduction: "sum_over_batch_size", "sum" or "none".
    name: name of the loss.
    dtype: dtype of the result; None is float32.

  Raises:
    ValueError: if an argument is out of its range.
  """

  _function = staticmethod(cross_entropy.sigmoid_cross_entropy)

  def __init__(self, *args, name="sigmoid_cross_entropy_loss", **kwargs):
    super().__init__(*args, name=name, **kwargs)
