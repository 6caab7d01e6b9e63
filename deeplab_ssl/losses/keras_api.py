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

"""The Keras side of each loss, written once for Keras 3 and for tf_keras."""

import dataclasses

from deeplab_ssl.losses import affinity_settings
from deeplab_ssl.losses import keras_base
from deeplab_ssl.losses import ssim_settings
from deeplab_ssl.losses import structural_settings

_SSL = structural_settings.DEFAULTS
_SSIM = ssim_settings.DEFAULTS
_AFFINITY = affinity_settings.DEFAULTS


class StructuralSimilarity(keras_base.PixelLoss):
  r"""Correlation maximised structural similarity loss.

  .. math::
    L = \lambda \frac{1}{N} \sum_{n,c} bce_{n,c}
      + (1 - \lambda) \frac{1}{M} \sum_{n,c} e_{n,c} f_{n,c}\, bce_{n,c}

  Eq. 10 to 17 of *Correlation Maximized Structural Similarity Loss for Semantic
  Segmentation*: samples are (pixel, class) pairs, `e` is the difference of the
  locally normalised label and probability, `f` selects `e > beta * e_max`, N
  and M count valid pixels and selected samples of the global batch.

  `y_true` holds class indices `[batch, height, width]` or `[batch, height,
  width, 1]`, or one-hot `[batch, height, width, classes]`, where a row of zeros
  is an ignored pixel unless `ignore_class` is None; `y_pred` logits `[batch,
  height, width, classes]`. `call` returns a `[batch, height, width]` map that
  is 0 at ignored pixels and whose plain mean is the paper's scalar.
  `sample_weight`, `[batch]` or `[batch, height, width]`, scales contributions
  and enters neither the selection nor N or M.

  A label that is neither a class nor `ignore_class` raises
  `tf.errors.InvalidArgumentError` in eager mode and in `tf.function`. Code
  that XLA compiles cannot raise: there the loss is NaN and that pixel's
  gradient 0, so the error is seen and the weights stay finite. `compile` of
  Keras 3 takes XLA where there is a GPU, unless `jit_compile=False` is said;
  the callback `keras.callbacks.TerminateOnNaN()` ends such a training.

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
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `y_pred` holds probabilities.
    reduction: "sum_over_batch_size" (the paper's scalar), "sum" or "none".
    name: name of the loss.
    dtype: dtype of the result; None is float32. The computation itself is never
      below float32.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`; None is Keras' own
      `image_data_format`.

  Raises:
    ValueError: if an argument is out of its range.

  Example:

  Three valid pixels, two classes, all probabilities 1/2. Without a
  neighbourhood `e = |y - p|` is 1/2 everywhere, which is hard everywhere, so
  that the loss is `(2 log 2) / 2 + (1/2 log 2) / 2 = 1.25 log 2`. A window of
  3x3 pixels looks at the structure.

  >>> import tensorflow as tf
  >>> from deeplab_ssl import losses
  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> logits = tf.zeros([1, 2, 2, 2])
  >>> loss = losses.StructuralSimilarityLoss(region_size=1)
  >>> f"{loss(labels, logits):.4f}"
  '0.8664'
  >>> loss = losses.StructuralSimilarityLoss(region_size=3)
  >>> f"{loss(labels, logits):.4f}"
  '1.3338'
  """

  def __init__(
    self,
    region_size=_SSL.region_size,
    sigma=_SSL.sigma,
    beta=_SSL.beta,
    ce_weight=_SSL.ce_weight,
    stability=_SSL.stability,
    stability_form=_SSL.stability_form,
    ohem=_SSL.ohem,
    reweight=_SSL.reweight,
    ignore_class=255,
    from_logits=True,
    reduction="sum_over_batch_size",
    name="structural_similarity_loss",
    dtype=None,
    data_format=None,
  ):
    super().__init__(
      ignore_class=ignore_class,
      from_logits=from_logits,
      reduction=reduction,
      name=name,
      dtype=dtype,
      data_format=data_format,
    )
    self.settings = structural_settings.StructuralSimilaritySettings(
      region_size=region_size,
      sigma=sigma,
      beta=beta,
      ce_weight=ce_weight,
      stability=stability,
      stability_form=stability_form,
      ohem=ohem,
      reweight=reweight,
    )

  def call(self, y_true, y_pred):
    """Returns the loss map `[batch, height, width]`."""
    return self._functions.structural_similarity_terms(
      y_true,
      y_pred,
      settings=self.settings,
      **self.input_options,
    ).loss

  def get_config(self):
    """Returns every constructor argument."""
    return {**super().get_config(), **dataclasses.asdict(self.settings)}


class SoftmaxCrossEntropy(keras_base.PixelLoss):
  """Softmax cross entropy over valid pixels, Eq. 1 ("CE" in the tables).

  Labels, predictions, `sample_weight` and illegal labels are handled as in
  `StructuralSimilarityLoss`; the normaliser is the number of valid pixels of
  the global batch.

  Args:
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `y_pred` holds softmax probabilities.
    reduction: "sum_over_batch_size", "sum" or "none".
    name: name of the loss.
    dtype: dtype of the result; None is float32.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`; None is Keras' own
      `image_data_format`.

  Raises:
    ValueError: if an argument is out of its range.

  Example:

  Probabilities of 1/2 cost log 2 a pixel.

  >>> import tensorflow as tf
  >>> from deeplab_ssl import losses
  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> logits = tf.zeros([1, 2, 2, 2])
  >>> loss = losses.SoftmaxCrossEntropyLoss()
  >>> f"{loss(labels, logits):.4f}"
  '0.6931'
  """

  _name = "softmax_cross_entropy"

  def __init__(
    self,
    ignore_class=255,
    from_logits=True,
    reduction="sum_over_batch_size",
    name="softmax_cross_entropy_loss",
    dtype=None,
    data_format=None,
  ):
    super().__init__(
      ignore_class=ignore_class,
      from_logits=from_logits,
      reduction=reduction,
      name=name,
      dtype=dtype,
      data_format=data_format,
    )

  def call(self, y_true, y_pred):
    """Returns the loss map `[batch, height, width]`."""
    function = getattr(self._functions, self._name)
    return function(y_true, y_pred, **self.input_options)


class SigmoidCrossEntropy(SoftmaxCrossEntropy):
  """Sigmoid cross entropy, L_ce of Eq. 17 ("BCE" in the tables).

  A sum over classes and a mean over the valid pixels of the global batch.
  Labels, predictions, `sample_weight` and illegal labels are handled as in
  `StructuralSimilarityLoss`.

  Args:
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `y_pred` holds probabilities.
    reduction: "sum_over_batch_size", "sum" or "none".
    name: name of the loss.
    dtype: dtype of the result; None is float32.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`; None is Keras' own
      `image_data_format`.

  Raises:
    ValueError: if an argument is out of its range.

  Example:

  Probabilities of 1/2 cost log 2 for each class of a pixel.

  >>> import tensorflow as tf
  >>> from deeplab_ssl import losses
  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> logits = tf.zeros([1, 2, 2, 2])
  >>> loss = losses.SigmoidCrossEntropyLoss()
  >>> f"{loss(labels, logits):.4f}"
  '1.3863'
  """

  _name = "sigmoid_cross_entropy"

  def __init__(
    self,
    ignore_class=255,
    from_logits=True,
    reduction="sum_over_batch_size",
    name="sigmoid_cross_entropy_loss",
    dtype=None,
    data_format=None,
  ):
    super().__init__(
      ignore_class, from_logits, reduction, name, dtype, data_format
    )


class SSIM(keras_base.PixelLoss):
  r"""SSIM beside the sigmoid cross entropy, Eq. 7 or 9 of the paper.

  .. math::
    L = \lambda L_{ce} + (1 - \lambda) \frac{1}{N C} \sum_{n,c} 1 - SSIM_{n,c}

  between each class's binary labels and its probabilities sigmoid(logits). The
  gradient flows through the statistics of the windows. Labels, predictions,
  `sample_weight`, ignored pixels and illegal labels are handled as in
  `StructuralSimilarityLoss`.

  Args:
    form: "ssim" (Eq. 7), or "contrast_structure" for 1 - S_2 (Eq. 9).
    region_size: side of the square window in pixels, odd; Table 2 has 3 and 11.
    sigma: standard deviation of the gaussian window in pixels.
    ce_weight: lambda, in [0, 1]; 0 is SSIM alone.
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `y_pred` holds probabilities.
    reduction: "sum_over_batch_size", "sum" or "none".
    name: name of the loss.
    dtype: dtype of the result; None is float32.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`; None is Keras' own
      `image_data_format`.

  Raises:
    ValueError: if an argument is out of its range.

  Example:

  SSIM of single pixels compares means alone: `(2 y p + C1) / (y^2 + p^2 + C1)`
  is 0.8 for y = 1 and 0 for y = 0, where p = 1/2, so that their mean is 0.6
  below 1.

  >>> import tensorflow as tf
  >>> from deeplab_ssl import losses
  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> logits = tf.zeros([1, 2, 2, 2])
  >>> loss = losses.SSIMLoss(region_size=1, ce_weight=0.0)
  >>> f"{loss(labels, logits):.3f}"
  '0.600'
  """

  def __init__(
    self,
    form=_SSIM.form,
    region_size=_SSIM.region_size,
    sigma=_SSIM.sigma,
    ce_weight=_SSIM.ce_weight,
    ignore_class=255,
    from_logits=True,
    reduction="sum_over_batch_size",
    name="ssim_loss",
    dtype=None,
    data_format=None,
  ):
    super().__init__(
      ignore_class=ignore_class,
      from_logits=from_logits,
      reduction=reduction,
      name=name,
      dtype=dtype,
      data_format=data_format,
    )
    self.settings = ssim_settings.SSIMSettings(
      form=form, region_size=region_size, sigma=sigma, ce_weight=ce_weight
    )

  def call(self, y_true, y_pred):
    """Returns the loss map `[batch, height, width]`."""
    return self._functions.ssim_terms(
      y_true, y_pred, settings=self.settings, **self.input_options
    ).loss

  def get_config(self):
    """Returns every constructor argument."""
    return {**super().get_config(), **dataclasses.asdict(self.settings)}


class AffinityField(keras_base.PixelLoss):
  """Affinity field loss beside the softmax cross entropy (Ke et al., 2018).

  Pulls the predictions of neighbours of one class together and pushes those of
  neighbours of two classes apart up to a margin, by the divergence of their
  probabilities; see `losses.affinity_terms`. Labels, predictions,
  `sample_weight`, ignored pixels and illegal labels are handled as in
  `StructuralSimilarityLoss`.

  The adaptive form has trainable weights, which a Keras loss cannot hold: it is
  `losses.affinity_terms` with `size_weights`, and `task.losses.type:
  adaptive_affinity` of a training.

  Args:
    kernel_sizes: sides of the kernels in pixels, odd; several weigh alike.
    margin: divergence in nats up to which two classes are pushed apart.
    edge_weight: weight of the separating force.
    same_weight: weight of the grouping force.
    ce_weight: weight of the softmax cross entropy; 0 is the field alone.
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `y_pred` holds softmax probabilities.
    reduction: "sum_over_batch_size", "sum" or "none".
    name: name of the loss.
    dtype: dtype of the result; None is float32.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`; None is Keras' own
      `image_data_format`.

  Raises:
    ValueError: if an argument is out of its range.

  Example:

  Equal probabilities everywhere diverge by 0: neighbours of one class are
  together, those of two classes miss the whole margin of 3. The softmax cross
  entropy adds log 2.

  >>> import tensorflow as tf
  >>> from deeplab_ssl import losses
  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> logits = tf.zeros([1, 2, 2, 2])
  >>> loss = losses.AffinityFieldLoss(margin=3.0)
  >>> f"{loss(labels, logits):.4f}"
  '3.6931'
  """

  def __init__(
    self,
    kernel_sizes=_AFFINITY.kernel_sizes,
    margin=_AFFINITY.margin,
    edge_weight=_AFFINITY.edge_weight,
    same_weight=_AFFINITY.same_weight,
    ce_weight=_AFFINITY.ce_weight,
    ignore_class=255,
    from_logits=True,
    reduction="sum_over_batch_size",
    name="affinity_field_loss",
    dtype=None,
    data_format=None,
  ):
    super().__init__(
      ignore_class=ignore_class,
      from_logits=from_logits,
      reduction=reduction,
      name=name,
      dtype=dtype,
      data_format=data_format,
    )
    self.settings = affinity_settings.AffinitySettings(
      kernel_sizes=tuple(kernel_sizes),
      margin=margin,
      edge_weight=edge_weight,
      same_weight=same_weight,
      ce_weight=ce_weight,
    )

  def call(self, y_true, y_pred):
    """Returns the loss map `[batch, height, width]`."""
    return self._functions.affinity_terms(
      y_true, y_pred, settings=self.settings, **self.input_options
    ).loss

  def get_config(self):
    """Returns every constructor argument."""
    sizes = list(self.settings.kernel_sizes)  # As JSON gives it back.
    options = {**dataclasses.asdict(self.settings), "kernel_sizes": sizes}
    return {**super().get_config(), **options}
