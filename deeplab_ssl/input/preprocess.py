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

"""Resizing and padding as in research/deeplab, as pure functions on tensors.

An image is float32 `[height, width, 3]`, a label int32 `[height, width, 1]`.
Images are resized bilinearly and labels by the nearest neighbour, both with
aligned corners. What training draws is in `augmentation`, what it cuts out in
`cropping`.
"""

from collections.abc import Sequence
import dataclasses

import tensorflow as tf

# The grey that the normalisation of the backbones (x * 2 / 255 - 1) maps to 0.
MEAN_PIXEL = 127.5


def resize_align_corners(
  image: tf.Tensor, size, *, method: str = "bilinear"
) -> tf.Tensor:
  """Resizes so that the centres of the corner pixels stay corners.

  `tf.image.resize` cannot do this any more, and half a pixel of shift costs
  converted checkpoints several points of mean IoU.

  Args:
    image: `[height, width, channels]` or `[batch, height, width, channels]`.
    size: the new (height, width), integers or an int32 tensor `[2]`.
    method: "bilinear", which gives float32, or "nearest", which keeps the
      dtype.

  Returns:
    The resized image, of the same rank.

  Raises:
    ValueError: for another method or rank.
  """
  # The ops behind tf.compat.v1.image.resize_*, which warn on every use.
  resizers = {
    "bilinear": tf.raw_ops.ResizeBilinear,
    "nearest": tf.raw_ops.ResizeNearestNeighbor,
  }
  if method not in resizers:
    raise ValueError(
      f"`method` must be 'bilinear' or 'nearest'. Received: {method!r}."
    )
  if image.shape.rank not in (3, 4):
    raise ValueError(
      "`image` must be [height, width, channels], with or without a batch in "
      f"front. Received: shape {image.shape}."
    )
  batched = image if image.shape.rank == 4 else image[None]
  resized = resizers[method](images=batched, size=size, align_corners=True)
  return resized if image.shape.rank == 4 else resized[0]


@dataclasses.dataclass(frozen=True)
class SizeRange:
  """To which size images are resized before anything else is done.

  Attributes:
    min_size: wanted length of the short side, in pixels.
    max_size: limit of the long side, which goes before `min_size`; None for no
      limit.
    factor: if given, both sides become multiples of it plus one (rounded up),
      as the output stride wants them; `max_size` is lowered to such a number
      first.
    keep_aspect_ratio: if not, both sides get the length of the longer one.

  Source: `resize_to_range` of the original's preprocess_utils.py.
  """

  min_size: int
  max_size: int | None = None
  factor: int | None = None
  keep_aspect_ratio: bool = True

  def size_of(self, image_size: tf.Tensor) -> tf.Tensor:
    """Returns the size that an image gets; float32 throughout, as the original.

    Args:
      image_size: int32 `[2]`, (height, width) of the image.

    Returns:
      int32 `[2]`, both 1 or more.
    """
    dims = tf.cast(image_size, tf.float32)
    shortest = tf.cast(self.min_size, tf.float32)
    size = large = tf.floor(dims * (shortest / tf.reduce_min(dims)))
    factor, limit = self.factor, self.max_size
    if limit is not None:
      if factor is not None:
        limit -= (limit - 1) % factor
      longest = tf.cast(limit, tf.float32)
      small = tf.floor(dims * (longest / tf.reduce_max(dims)))
      size = tf.where(tf.reduce_max(large) > longest, small, large)
    size = tf.cast(size, tf.int32)
    if factor is not None:
      size += (factor - (size - 1) % factor) % factor
    if not self.keep_aspect_ratio:
      size = tf.fill([2], tf.reduce_max(size))
    # A side of one pixel would be rounded to none.
    return tf.maximum(size, 1)

  def resize(
    self, image: tf.Tensor, label: tf.Tensor | None = None
  ) -> tuple[tf.Tensor, tf.Tensor | None]:
    """Resizes an image and its label.

    Args:
      image: `[height, width, 3]`, of any real dtype.
      label: integers `[height, width, 1]`, or None.

    Returns:
      (float32 image, label of its dtype) in the new size.
    """
    size = self.size_of(tf.shape(image)[:2])
    if label is not None:
      label = resize_align_corners(label, size, method="nearest")
    return resize_align_corners(image, size), label

  def __str__(self):
    """Returns for example "300 to 500 pixels, k * 16 + 1"."""
    text = f"{self.min_size}"
    if self.max_size is not None:
      text += f" to {self.max_size}"
    text += " pixels"
    if self.factor is not None:
      text += f", k * {self.factor} + 1"
    return text if self.keep_aspect_ratio else f"{text}, square"


def pad_to_size(
  image: tf.Tensor, height, width, *, pad_value=MEAN_PIXEL
) -> tf.Tensor:
  """Pads at the bottom and on the right up to a size.

  Args:
    image: `[height, width, channels]`, any dtype; an image or a label.
    height: least height of the result; a greater one stays.
    width: least width of the result; a greater one stays.
    pad_value: a number, or one per channel: the mean pixel for images, the
      ignore label for labels.

  Returns:
    `[max(height, .), max(width, .), channels]`, of the same dtype.
  """
  shape = tf.shape(image)
  more = tf.maximum(tf.stack([height, width]) - shape[:2], 0)
  return pad(image, [[0, more[0]], [0, more[1]]], pad_value=pad_value)


def pad_images(images: tf.Tensor, below, right, *, pad_value) -> tf.Tensor:
  """Pads a batch of images at the bottom and on the right.

  Args:
    images: `[batch, height, width, 3]`, any real dtype.
    below: rows to add, an integer or int32 scalar.
    right: columns to add.
    pad_value: a number, or one per channel.

  Returns:
    `[batch, height + below, width + right, 3]`, of the same dtype.
  """
  paddings = [[0, 0], [0, below], [0, right]]
  if not isinstance(pad_value, Sequence):
    return tf.pad(images, [*paddings, [0, 0]], constant_values=pad_value)
  channels = [
    tf.pad(channel, paddings, constant_values=value)
    for channel, value in zip(tf.unstack(images, 3, -1), pad_value, strict=True)
  ]
  return tf.stack(channels, -1)


def pad(image: tf.Tensor, paddings, *, pad_value=MEAN_PIXEL) -> tf.Tensor:
  """Pads by a value that no channel need share with another.

  Args:
    image: `[height, width, channels]`, any dtype; an image or a label.
    paddings: [[above, below], [left, right]], in pixels, integers or int32
      tensors.
    pad_value: a number, or one per channel.

  Returns:
    `[above + height + below, left + width + right, channels]`, of the same
    dtype.
  """
  value = tf.cast(pad_value, image.dtype)
  for axis, (before, after) in enumerate(paddings):
    shape = tf.unstack(tf.shape(image))
    # Padding with 0 and adding the value afterwards would be inexact.
    fill = [
      tf.broadcast_to(value, [*shape[:axis], length, *shape[axis + 1 :]])
      for length in (before, after)
    ]
    image = tf.concat([fill[0], image, fill[1]], axis)
  return image
