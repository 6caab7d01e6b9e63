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

"""The affinity field loss (Ke, Hwang, Liu and Yu, ECCV 2018).

Predictions of neighbours of one class are pulled together, those of neighbours
of two classes pushed apart, by the divergence between their probabilities. In
the adaptive form the loss chooses, for each class, among several kernel sizes
by weights that are trained to maximise it.
"""

import functools

import numpy as np
import tensorflow as tf

from deeplab_ssl.losses import affinity_settings
from deeplab_ssl.losses import encoded_labels
from deeplab_ssl.losses import shapes
from deeplab_ssl.losses import terms
from deeplab_ssl.losses.on_tensorflow import cross_entropy
from deeplab_ssl.losses.on_tensorflow import gaussian
from deeplab_ssl.losses.on_tensorflow import pixel_loss
from deeplab_ssl.losses.on_tensorflow import strips

_NEIGHBOURS = tuple(
  (i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)
)


def _shifted(tensor, step, offset, fill):
  """Moves `[b, h, w, ...]` so that each pixel sees its neighbour's value."""
  height, width = tf.shape(tensor)[1], tf.shape(tensor)[2]
  sides = [[0, 0], [step, step], [step, step]]
  sides += [[0, 0]] * (tensor.shape.rank - 3)
  padded = tf.pad(tensor, sides, constant_values=fill)
  top, left = step * (1 + offset[0]), step * (1 + offset[1])
  return padded[:, top : top + height, left : left + width]


def _neighbour_sum(tensor, step):
  """Sums `[b, h, w, c]` over the eight neighbours; 0 outside the image."""
  profile = np.zeros([2 * step + 1])
  profile[::step] = 1.0
  return gaussian.window_sum(tensor, profile) - tensor


def _clipped(p):
  """Returns probabilities of a class and of the rest, fit for a logarithm."""
  return [
    tf.clip_by_value(x, affinity_settings.MIN_PROBABILITY, 1.0)
    for x in (p, 1.0 - p)
  ]


def _divergence(near, own):
  """Returns KL(near || own) of probabilities of one class against the rest."""
  return tf.add_n(
    [
      m * (tf.math.log(m) - tf.math.log(n))
      for m, n in zip(_clipped(near), _clipped(own), strict=True)
    ]
  )


def _forces(logits, classes, step, margin):
  """Sums both forces over the eight neighbours and the classes.

  Summed over all classes and neighbours, the divergence needs no pair: it is
  `sum_m h_m - sum_c (sum_m p_mc) log p_nc + ...`, h = sum p log p. Only
  the two classes that are an edge of a pair are looked at one by one.

  Args:
    logits: float32 `[batch, height, width, classes]`.
    classes: int32 `[batch, height, width]`, -1 where ignored.
    step: distance of the neighbours in pixels.
    margin: margin of the separating force.

  Returns:
    `[batch, height, width, 2]`: separating and grouping force.
  """
  valid = classes >= 0
  mask = tf.cast(valid, tf.float32)[..., None]
  softmax = tf.nn.softmax(tf.where(valid[..., None], logits, 0.0))
  p = tf.concat(_clipped(softmax), -1)
  log_p = tf.math.log(p)
  negative_entropy = tf.reduce_sum(p * log_p, -1, keepdims=True)
  near = _neighbour_sum(mask * tf.concat([p, negative_entropy], -1), step)
  everything = near[..., -1] - tf.reduce_sum(near[..., :-1] * log_p, -1)

  edge, of_own, of_near = _edge_divergences(softmax, classes, step)
  separating = tf.add_n(
    [tf.nn.relu(margin - divergence) for divergence in (of_own, of_near)]
  )
  edges = tf.reduce_sum(edge * (of_own + of_near), 0)
  return tf.stack(
    [
      tf.reduce_sum(edge * separating, 0),
      mask[..., 0] * everything - edges,
    ],
    -1,
  )


def _edge_divergences(softmax, classes, step):
  """Looks at the pairs of two classes.

  Returns:
    `(edge, of_own, of_near)`, `[8, batch, height, width]`: whether the two
    pixels have two classes, and their divergence in the class map of the pixel
    and in that of the neighbour.
  """
  count = softmax.shape[-1]
  pixel = tf.reshape(tf.range(tf.size(classes)), tf.shape(classes))
  near_class = tf.stack(
    [_shifted(classes, step, offset, -1) for offset in _NEIGHBOURS]
  )
  near_pixel = tf.stack(
    [_shifted(pixel, step, offset, 0) for offset in _NEIGHBOURS]
  )
  own, other = (tf.maximum(x, 0) for x in (classes, near_class))
  # One gather, so that its gradient is one scattering.
  found = tf.gather(
    tf.reshape(softmax, [-1]),
    tf.concat(
      [
        (pixel * count + own)[None],
        pixel * count + other,
        near_pixel * count + own,
      ],
      0,
    ),
  )
  own_in_own, own_in_other, near_in_own = found[:1], found[1:9], found[9:]
  near_in_other = tf.stack(
    [_shifted(found[0], step, offset, 0.5) for offset in _NEIGHBOURS]
  )
  edge = (classes >= 0) & (near_class >= 0) & (classes != near_class)
  return (
    tf.cast(edge, tf.float32),
    _divergence(near_in_own, own_in_own),
    _divergence(near_in_other, own_in_other),
  )


def _counts(classes, num_classes, step):
  """Returns how many terms each of the two forces sums, on this replica."""
  edges = pairs = 0.0
  for offset in _NEIGHBOURS:
    near = _shifted(classes, step, offset, -1)
    both = (classes >= 0) & (near >= 0)
    pairs += tf.reduce_sum(tf.cast(both, tf.float32))
    edges += tf.reduce_sum(tf.cast(both & (near != classes), tf.float32))
  # Two of the class maps have an edge between two pixels of two classes.
  return 2 * edges, num_classes * pairs - 2 * edges


def affinity_terms(
  y_true: tf.Tensor,
  y_pred: tf.Tensor,
  *,
  settings: affinity_settings.AffinitySettings = affinity_settings.DEFAULTS,
  size_weights: tf.Tensor | None = None,
  strength: tf.Tensor | float = 1.0,
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
) -> terms.AffinityTerms:
  r"""Computes the affinity field loss beside the softmax cross entropy.

  .. math::
    L = L_{ce} + \sum_k
      \frac{1}{E_k} \sum_{(n,m,c) \in edge_k} w^k_{y_n}
        \max(0, t - D_{nmc})
      + \frac{1}{S_k} \sum_{(n,m,c) \in same_k} v^k_{y_n} D_{nmc}, \quad
    D_{nmc} = KL(p_{m,c} \| p_{n,c})

  with p the softmax, each class against the rest, t the margin, m the eight
  neighbours of pixel n in a kernel of size k. (n, m, c) is an edge where just
  one of the two pixels has class c. E_k and S_k count the terms of the global
  batch. Pairs across ignored pixels or the border do not count.

  Args:
    y_true: class indices `[batch, height, width]` or `[batch, height, width,
      1]`, or one-hot `[batch, height, width, classes]`, where a row of zeros is
      an ignored pixel unless `ignore_class` is None.
    y_pred: logits `[batch, height, width, classes]` of any floating dtype; all
      computation is float32.
    settings: constants of the loss.
    size_weights: `[2, classes, sizes]`, w and v of the adaptive form, of which
      each row has unit sum; see `adaptive_weights`. None gives every size the
      weight 1 / sizes.
    strength: scalar factor of both forces, such as a decay over the training.
    ignore_class: label of ignored pixels; None says that there are none.
    from_logits: False if `y_pred` holds softmax probabilities.
    data_format: "channels_last", or "channels_first" for predictions, and
      one-hot labels, `[batch, classes, height, width]`.

  Returns:
    The `AffinityTerms`, differentiable in `size_weights` too. With no valid
    pair, both forces and their gradients are 0.

  Raises:
    ValueError: if a shape does not fit.
    tf.errors.InvalidArgumentError: if a label is neither a class nor
      `ignore_class`; under `jit_compile=True` the loss is NaN instead.

  Example:

  >>> labels = tf.constant([[[0, 1], [1, 255]]])
  >>> found = affinity_terms(labels, tf.zeros([1, 2, 2, 2]))
  >>> f"{found.cross_entropy:.4f} {found.edge:.4f} {found.same:.4f}"
  '0.6931 3.0000 0.0000'
  """
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "softmax", data_format
  )
  sizes = len(settings.kernel_sizes)
  if size_weights is None:
    size_weights = tf.fill([2, logits.shape[-1], sizes], 1 / sizes)
  expected = [2, logits.shape[-1], sizes]
  if not size_weights.shape.is_compatible_with(expected):
    raise ValueError(
      "size_weights must be [2, classes, sizes] = "
      f"{expected}. Received shape {size_weights.shape}."
    )
  edge, same = _weighted_forces(encoded, logits, size_weights, settings)
  pixels = pixel_loss.valid_pixels(encoded)
  nll = cross_entropy.pixel_softmax_cross_entropy(encoded, logits) / pixels
  field = settings.edge_weight * edge + settings.same_weight * same
  total = settings.ce_weight * nll + strength * field
  return terms.AffinityTerms(
    loss=pixel_loss.as_mean(total, encoded.illegal),
    cross_entropy=tf.reduce_sum(nll),
    edge=tf.reduce_sum(edge),
    same=tf.reduce_sum(same),
  )


def _weighted_forces(
  encoded: encoded_labels.Labels, logits, size_weights, settings
):
  """Returns each pixel's share of the two forces, `[batch, height, width]`."""
  edge = same = 0.0
  classes = tf.maximum(encoded.classes, 0)
  for i, size in enumerate(settings.kernel_sizes):
    step = size // 2
    forces = strips.strip_map(
      functools.partial(_forces, step=step, margin=settings.margin),
      logits,
      encoded.classes,
      halo=step,
    )
    counts = _counts(encoded.classes, logits.shape[-1], step)
    edges, sames = map(
      pixel_loss.at_least_one, pixel_loss.mean_over_replicas(*counts)
    )
    weights = tf.gather(size_weights[..., i], classes, axis=1)
    edge += weights[0] * forces[..., 0] / edges
    same += weights[1] * forces[..., 1] / sames
  return edge, same


def adaptive_weights(scores: tf.Tensor) -> tf.Tensor:
  """Turns trainable scores into the weights of the adaptive form.

  The scores are trained to increase the loss while the network is trained to
  decrease it, so that each class is judged at the size where it is worst.

  Args:
    scores: float32 `[2, classes, sizes]`; zeros weigh all sizes alike.

  Returns:
    `size_weights` for `affinity_terms`, of the same shape.

  Example:

  >>> adaptive_weights(tf.zeros([2, 1, 2])).numpy().tolist()
  [[[0.5, 0.5]], [[0.5, 0.5]]]
  """
  return tf.nn.softmax(scores)
