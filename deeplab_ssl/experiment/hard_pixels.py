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

"""Cross entropy with weights of classes, of all pixels or of the hardest.

Source: `add_softmax_cross_entropy_loss_for_each_scale` of
research/deeplab/utils/train_utils.py.
"""

import dataclasses

import tensorflow as tf

from deeplab_ssl.common import arguments
from deeplab_ssl.losses.on_tensorflow import pixel_loss


@dataclasses.dataclass(frozen=True)
class PixelSelection:
  """Which pixels the cross entropy ("ce") counts, and how much each.

  Attributes:
    top_k_percent_pixels: share of all pixels, those of void among them, that
      the loss is the mean of, the hardest ones, in (0, 1]; 1 is all that have a
      class.
    hard_example_mining_step: steps over which this share falls from 1.
    label_weights: a factor for the loss of each class; null is 1 for each.

  Raises:
    ValueError: if an attribute is out of its range.
  """

  top_k_percent_pixels: float = 1.0
  hard_example_mining_step: int = 0
  label_weights: list[float] | None = None

  def __post_init__(self):
    arguments.require(
      0 < self.top_k_percent_pixels <= 1,
      "top_k_percent_pixels",
      "in (0, 1]",
      self.top_k_percent_pixels,
    )
    arguments.require(
      self.hard_example_mining_step >= 0,
      "hard_example_mining_step",
      "0 or more",
      self.hard_example_mining_step,
    )
    arguments.require(
      not self.hard_example_mining_step or self.top_k_percent_pixels < 1,
      "hard_example_mining_step",
      "0 with top_k_percent_pixels 1, which is all pixels",
      self.hard_example_mining_step,
    )
    arguments.require(
      all(weight >= 0 for weight in self.label_weights or []),
      "label_weights",
      "0 or more for each class",
      self.label_weights,
    )

  @property
  def is_plain(self) -> bool:
    """Whether all pixels count alike."""
    return self.top_k_percent_pixels == 1 and self.label_weights is None


def weighted_cross_entropy(
  labels: tf.Tensor,
  logits: tf.Tensor,
  *,
  ignore_class: int,
  selection: PixelSelection,
  step=lambda: 0,
) -> tf.Tensor:
  """Computes the loss of one replica.

  Args:
    labels: class indices, `[batch, height, width, 1]`, or `ignore_class`.
    logits: float32 `[batch, height, width, classes]`.
    ignore_class: label of pixels that do not count.
    selection: which pixels count, and how much.
    step: returns the number of the training step.

  Returns:
    A scalar. Without selection, the sum of the weighted cross entropies by the
    number of pixels that have a class; with it, the sum of the k largest by how
    many of them are not 0.

  Raises:
    ValueError: if there are more or fewer weights than classes.
  """
  labels = tf.squeeze(labels, -1)
  valid = tf.not_equal(labels, ignore_class)
  classes = tf.where(valid, labels, 0)
  pixels = tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits)
  weights = tf.cast(valid, tf.float32)
  if selection.label_weights is not None:
    count = logits.shape[-1]
    arguments.require(
      len(selection.label_weights) == count,
      "label_weights",
      f"{count} factors, one for each class",
      selection.label_weights,
    )
    weights *= tf.gather(tf.constant(selection.label_weights), classes)
  # Selected, not multiplied: 0 times an infinite loss is NaN.
  pixels = tf.where(weights > 0, pixels * weights, 0.0)
  if selection.top_k_percent_pixels == 1:
    return _sum_by_valid(pixels, valid)
  return _mean_of_hardest(tf.reshape(pixels, [-1]), selection, step)


def _sum_by_valid(pixels, valid):
  """Divides by the mean count of the replicas, which share a batch."""
  (count,) = pixel_loss.mean_over_replicas(
    tf.reduce_sum(tf.cast(valid, tf.float32))
  )
  return tf.math.divide_no_nan(tf.reduce_sum(pixels), count)


def _mean_of_hardest(pixels, selection, step):
  share = tf.constant(selection.top_k_percent_pixels)
  if selection.hard_example_mining_step:
    done = tf.cast(step(), tf.float32) / selection.hard_example_mining_step
    ratio = tf.minimum(1.0, done)
    share = ratio * share + (1.0 - ratio)
  total = tf.cast(tf.size(pixels), tf.float32)
  hardest, _ = tf.math.top_k(pixels, tf.cast(share * total, tf.int32))
  present = tf.reduce_sum(tf.cast(tf.not_equal(hardest, 0.0), tf.float32))
  return tf.math.divide_no_nan(tf.reduce_sum(hardest), present)
