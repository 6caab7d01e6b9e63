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


def sides(images: tf.Tensor) -> list:
  """Returns height and width, numbers where they are known.

  Args:
    images: `[batch, height, width, channels]`.
  """
  shape = tf.shape(images)
  return [
    shape[i] if images.shape[i] is None else images.shape[i] for i in (1, 2)
  ]


def scaled_size(size, stride: int):
  """Size of a map at `stride` for an image side: int((d - 1) / stride + 1)."""
  return (size - 1) // stride + 1


def scale_side(side, scale: float):
  """Returns a side that is scaled with corners aligned: int((d - 1) s + 1).

  Args:
    side: in pixels, an integer or an int32 scalar.
    scale: factor.
  """
  if scale == 1:
    return side
  if isinstance(side, int):
    return int((side - 1) * scale + 1)
  return tf.cast(tf.cast(side - 1, tf.float32) * scale + 1, tf.int32)
