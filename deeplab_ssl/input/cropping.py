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

"""A crop of a scaled and padded image, from the pixels that it needs alone.

research/deeplab enlarges the whole image, pads it and then cuts a crop out.
Here the place of the crop comes first. What it shows of the image is a box, and
no more than that box is decoded and interpolated. The pixels are the same to
the bit: each is interpolated at the float32 position that TensorFlow's resizing
of the whole image with aligned corners would give it.
"""

from typing import NamedTuple

import tensorflow as tf

from deeplab_ssl.input import preprocess


class Crop(NamedTuple):
  """Where in an image the pixels of a training example come from.

  Attributes:
    image_size: int32 `[2]`, (height, width) of the image as it is stored.
    rows: float32, the position in the image, in pixels, of each row of the crop
      that shows some of it; rows below these are padding.
    columns: float32, the same of its columns, from left to right; they descend
      where the crop is mirrored.
    size: (height, width) of the crop, two integers.
    mirrored: scalar bool; if true, what is padded is to the left of the image.
  """

  image_size: tf.Tensor
  rows: tf.Tensor
  columns: tf.Tensor
  size: tuple[int, int]
  mirrored: tf.Tensor


def place(
  image_size: tf.Tensor,
  scaled_size: tf.Tensor,
  offset: tf.Tensor,
  size: tuple[int, int],
  *,
  mirrored: tf.Tensor,
) -> Crop:
  """Places a crop in an image that is scaled and, where too small, padded.

  Args:
    image_size: int32 `[2]`, (height, width) of the image as it is stored.
    scaled_size: int32 `[2]`, (height, width) of the image once it is scaled.
    offset: int32 `[2]`, (top, left) of the crop in the scaled image; 0 along
      a side on which that is smaller than the crop.
    size: (height, width) of the crop, two integers.
    mirrored: scalar bool, whether left and right of the crop change places.

  Returns:
    The crop.
  """
  # The float32 arithmetic of TensorFlow's kernels, to the last bit: rounded in
  # another way, a label half way between two pixels would go to the other.
  steps = tf.cast(image_size - 1, tf.float32) / tf.cast(
    tf.maximum(scaled_size - 1, 1), tf.float32
  )
  shown = tf.minimum(scaled_size, tf.constant(size))
  rows = offset[0] + tf.range(shown[0])
  columns = tf.range(shown[1])
  columns = offset[1] + tf.where(mirrored, shown[1] - 1 - columns, columns)
  return Crop(
    image_size=image_size,
    rows=tf.cast(rows, tf.float32) * steps[0],
    columns=tf.cast(columns, tf.float32) * steps[1],
    size=size,
    mirrored=mirrored,
  )


def source_box(crop: Crop) -> tf.Tensor:
  """Returns the part of an image that a crop is interpolated from.

  Args:
    crop: the crop.

  Returns:
    int32 `[4]`: top, left, height and width, in pixels of the image.
  """
  # The outermost positions; which of them comes first depends on the mirror.
  ends = tf.stack([crop.rows[0], crop.rows[-1]])
  sides = tf.stack([crop.columns[0], crop.columns[-1]])
  outermost = tf.stack([ends, sides])
  first = tf.cast(tf.floor(tf.reduce_min(outermost, 1)), tf.int32)
  _, last, _ = _neighbours(tf.reduce_max(outermost, 1), crop.image_size)
  return tf.concat([first, last + 1 - first], 0)


def cut_image(
  box: tf.Tensor, crop: Crop, *, pad_value=preprocess.MEAN_PIXEL
) -> tf.Tensor:
  """Interpolates the pixels of a crop.

  Args:
    box: uint8 or float32 `[height, width, 3]`, the part of the image that
      `source_box` returns.
    crop: the crop.
    pad_value: what is shown beyond the image, a number or one per channel.

  Returns:
    float32 `[*crop.size, 3]`.
  """
  top, left = tf.unstack(source_box(crop)[:2])
  # Columns first, as the kernel does. As rows of the transposed image, since it
  # is rows that are copied fast.
  image = _transpose(box)
  image = _interpolate(image, left, crop.columns, crop.image_size[1])
  image = _transpose(image)
  image = _interpolate(image, top, crop.rows, crop.image_size[0])
  return _pad(image, crop, pad_value)


def cut_label(
  label: tf.Tensor, crop: Crop, *, ignore_label: int = 255
) -> tf.Tensor:
  """Takes the labels of a crop from those of the whole image.

  Args:
    label: integers `[height, width, 1]`.
    crop: the crop.
    ignore_label: the label beyond the image.

  Returns:
    int32 `[*crop.size, 1]`.
  """
  height, width = tf.unstack(crop.image_size)
  label = tf.gather(label, _nearest(crop.rows, height))
  label = tf.gather(_transpose(label), _nearest(crop.columns, width))
  return _pad(tf.cast(_transpose(label), tf.int32), crop, ignore_label)


def _transpose(image):
  return tf.transpose(image, [1, 0, 2])


def _neighbours(positions, side):
  """Returns the pixels before and after positions, and how far between."""
  floor = tf.floor(positions)
  before = tf.cast(floor, tf.int32)
  return before, tf.minimum(before + 1, side - 1), positions - floor


def _nearest(positions, side):
  """Rounds positions to pixels, halves up as the kernel does (not to even)."""
  floor = tf.floor(positions)
  up = tf.cast(positions - floor >= 0.5, tf.int32)
  return tf.minimum(tf.cast(floor, tf.int32) + up, side - 1)


def _interpolate(image, first, positions, side):
  """Interpolates between rows; the image begins at row `first` of `side`."""
  before, after, weights = _neighbours(positions, side)
  lower = tf.cast(tf.gather(image, before - first), tf.float32)
  upper = tf.cast(tf.gather(image, after - first), tf.float32)
  return lower + (upper - lower) * weights[:, None, None]


def _pad(cut, crop, pad_value):
  """Shows a value where the image is smaller than the crop."""
  more = tf.constant(crop.size) - tf.shape(cut)[:2]
  # Padded at the bottom and on the right, and mirrored thereafter.
  left = tf.where(crop.mirrored, more[1], 0)
  paddings = [[0, more[0]], [left, more[1] - left]]
  padded = tf.cond(
    tf.reduce_any(more > 0),
    lambda: preprocess.pad(cut, paddings, pad_value=pad_value),
    lambda: cut,
  )
  return tf.ensure_shape(padded, [*crop.size, cut.shape[-1]])
