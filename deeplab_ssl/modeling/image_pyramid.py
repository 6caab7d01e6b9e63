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

"""Logits of one image at several sizes, merged into one map.

Source: `multi_scale_logits` of research/deeplab/model.py.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from deeplab_ssl.modeling import resizing

_MERGES = {"max": tf.reduce_max, "avg": tf.reduce_mean}
MERGE_METHODS = tuple(_MERGES)


class ImagePyramid(NamedTuple):
  """The sizes at which a model sees an image.

  Attributes:
    scales: factors of the sides; None is the image as it is.
    merge_method: "max" or "avg", how the logits are merged.
  """

  scales: Sequence[float] | None = None
  merge_method: str = "max"

  def views(self, images: tf.Tensor) -> list[tuple[float, tf.Tensor]]:
    """Returns (scale, images of that size) for each scale.

    Args:
      images: RGB in [0, 255], `[batch, height, width, 3]` of any real dtype.
    """
    if self.scales is None:
      return [(1.0, images)]
    images = tf.cast(images, tf.float32)
    sides = resizing.sides(images)
    return [
      (
        scale,
        resizing.resize_align_corners(
          images, [resizing.scale_side(side, scale) for side in sides]
        ),
      )
      for scale in self.scales
    ]

  def aligned(
    self, logits: Sequence[tf.Tensor], images: tf.Tensor, stride: int
  ) -> list[tf.Tensor]:
    """Returns the logits of all scales at the size of the largest, or of 1.

    Args:
      logits: of each scale.
      images: whose logits they are, at their own size.
      stride: of the logits.
    """
    if self.scales is None:
      return list(logits)
    factor = max(1.0, *self.scales) / stride
    size = [
      resizing.scale_side(side, factor) for side in resizing.sides(images)
    ]
    return [resizing.resize_align_corners(m, size) for m in logits]

  def merge(self, logits: Sequence[tf.Tensor]) -> tf.Tensor:
    """Returns one map of logits of one size."""
    if len(logits) == 1:
      return logits[0]
    return _MERGES[self.merge_method](tf.stack(logits), 0)
