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
of two classes pushed apart, by the divergence between their probabilities.
"""

from keras import ops

from deeplab_ssl.losses import affinity_settings
from deeplab_ssl.losses import shapes
from deeplab_ssl.losses import terms
from deeplab_ssl.losses.definition import cross_entropy
from deeplab_ssl.losses.definition import pixel_loss
from deeplab_ssl.losses.definition import windows


def _neighbours(step):
  """Returns the offsets of the eight neighbours at a distance."""
  around = (-step, 0, step)
  return [(i, j) for i in around for j in around if (i, j) != (0, 0)]


def _divergence(near, own):
  """Returns KL(near || own) of probabilities of one class against the rest."""
  total = 0.0
  for m, n in ((near, own), (1 - near, 1 - own)):
    m, n = (ops.clip(x, affinity_settings.MIN_PROBABILITY, 1.0) for x in (m, n))
    total = total + m * (ops.log(m) - ops.log(n))
  return total


def _forces(encoded, logits, step, margin):
  """Sums both forces over the eight neighbours and the classes.

  Returns:
    `(edge, same, edges, sames)`: the separating and the grouping force of each
    pixel, `[batch, height, width]`, and how many terms they sum.
  """
  classes = encoded.classes
  own = ops.softmax(logits, axis=-1)
  y = pixel_loss.one_hot(encoded, logits.shape[-1])
  edge = same = edges = sames = 0.0
  for offset in _neighbours(step):
    near_classes = windows.shifted(classes, offset, -1)
    both = (classes >= 0) & (near_classes >= 0)
    # (n, m, c) is an edge where just one of the two pixels has class c.
    differ = ops.abs(y - windows.shifted(y, offset))
    pairs = ops.cast(both, "float32")[..., None] * ops.ones_like(y)
    apart, together = pairs * differ, pairs * (1 - differ)
    divergence = _divergence(windows.shifted(own, offset), own)
    edge = edge + ops.sum(apart * ops.relu(margin - divergence), -1)
    same = same + ops.sum(together * divergence, -1)
    edges, sames = edges + ops.sum(apart), sames + ops.sum(together)
  return edge, same, edges, sames


def affinity_terms(
  y_true,
  y_pred,
  *,
  settings: affinity_settings.AffinitySettings = affinity_settings.DEFAULTS,
  size_weights=None,
  strength=1.0,
  ignore_class: int | None = 255,
  from_logits: bool = True,
  data_format: shapes.DataFormat = "channels_last",
  count_mean: pixel_loss.CountMean | None = None,
) -> terms.AffinityTerms:
  """The forces of all sizes; see `losses.functional.affinity_terms`."""
  encoded, logits = pixel_loss.prepare(
    y_true, y_pred, ignore_class, from_logits, "softmax", data_format
  )
  sizes, num_classes = len(settings.kernel_sizes), logits.shape[-1]
  expected = (2, num_classes, sizes)
  if size_weights is None:
    size_weights = ops.full(expected, 1 / sizes)
  if tuple(size_weights.shape) != expected:
    raise ValueError(
      f"size_weights must be [2, classes, sizes] = {list(expected)}. Received "
      f"shape {tuple(size_weights.shape)}."
    )
  edge = same = 0.0
  y = pixel_loss.one_hot(encoded, num_classes)
  for i, size in enumerate(settings.kernel_sizes):
    apart, together, *counts = _forces(
      encoded, logits, size // 2, settings.margin
    )
    edges, sames = pixel_loss.mean_counts(count_mean, *counts)
    # The weights of the class of each pixel.
    w, v = (ops.sum(y * size_weights[force, :, i], -1) for force in (0, 1))
    edge = edge + w * apart / edges
    same = same + v * together / sames
  (n,) = pixel_loss.mean_counts(
    count_mean, ops.sum(pixel_loss.valid_mask(encoded))
  )
  nll = cross_entropy.pixel_softmax_cross_entropy(encoded, logits) / n
  field = settings.edge_weight * edge + settings.same_weight * same
  return terms.AffinityTerms(
    loss=pixel_loss.as_mean(
      settings.ce_weight * nll + strength * field, encoded.illegal
    ),
    cross_entropy=ops.sum(nll),
    edge=ops.sum(edge),
    same=ops.sum(same),
  )


def adaptive_weights(scores):
  """Turns trainable scores into weights; see `losses.functional`."""
  return ops.softmax(scores, axis=-1)
