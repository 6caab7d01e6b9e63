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

"""Sizes of maps, and bilinear resizing as the original does it."""

import tensorflow as tf


def resize_align_corners(images: tf.Tensor, size) -> tf.Tensor:
  """Resizes bilinearly with the corner pixels of both grids aligned.

  TF2's own resize aligns the borders of the corner pixels instead, which shifts
  every map of an imported checkpoint.

  Args:
    images: floating `[batch, height, width, channels]`.
    size: `(height, width)` of the result, numbers or scalar tensors.

  Returns:
    `[batch, size[0], size[1], channels]` with the dtype of `images`.
  """
  # The public compat.v1 function does just this, with a deprecation warning.
  # Its result is float32, and not every device takes narrower types.
  resized = tf.raw_ops.ResizeBilinear(
    images=tf.cast(images, tf.float32),
    size=tf.stack(size),
    align_corners=True,
  )
  return tf.cast(resized, images.dtype)


def scaled_size(size, stride: int):
  """Size of a map at `stride` for an image side: int((d - 1) / stride + 1)."""
  return (size - 1) // stride + 1
