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

"""Encoded images in graphs: their size, all of them, or a part.

What they are is seen from their bytes, not from what a record says. Files are
checked by `image_decoder` before they become records.
"""

import tensorflow as tf

from deeplab_ssl.input import png_structure

# Places in a PNG: the width, and after it the height.
_PNG_SIZE, _PNG_SIZE_BYTES = 16, 8
# The last two bytes of every whole JPEG.
_JPEG_END = b"\xff\xd9"
# Which byte after a 255 says that a JPEG is progressive, with either coding.
_PROGRESSIVE = (0xC2, 0xCA)
# How far the interpolation of colours, of which a JPEG holds fewer than pixels,
# looks beyond a pixel.
_JPEG_MARGIN = 2


def decode(encoded: tf.Tensor) -> tf.Tensor:
  """Decodes an image.

  Args:
    encoded: scalar string, the bytes of a JPEG or PNG (or of a BMP or the first
      picture of a GIF).

  Returns:
    uint8 `[height, width, 3]`, RGB.

  Raises:
    tf.errors.InvalidArgumentError: if it is none or damaged.
  """
  image = tf.io.decode_image(encoded, channels=3, expand_animations=False)
  return tf.ensure_shape(image, [None, None, 3])


def size(encoded: tf.Tensor) -> tf.Tensor:
  """Reads the size of an image, from the header of a JPEG or PNG alone.

  Args:
    encoded: as `decode` takes it.

  Returns:
    int32 `[2]`, (height, width).

  Raises:
    tf.errors.InvalidArgumentError: if it has none.
  """
  end = _PNG_SIZE + _PNG_SIZE_BYTES
  is_png = (tf.strings.length(encoded) >= end) & tf.equal(
    tf.strings.substr(encoded, 0, len(png_structure.MAGIC)), png_structure.MAGIC
  )

  def of_png():
    numbers = tf.strings.substr(encoded, _PNG_SIZE, _PNG_SIZE_BYTES)
    return tf.io.decode_raw(numbers, tf.int32, little_endian=False)[::-1]

  found = tf.cond(
    tf.io.is_jpeg(encoded),
    lambda: tf.io.extract_jpeg_shape(encoded)[:2],
    lambda: tf.cond(is_png, of_png, lambda: tf.shape(decode(encoded))[:2]),
  )
  return tf.ensure_shape(found, [2])


def decode_box(encoded: tf.Tensor, box: tf.Tensor) -> tf.Tensor:
  """Decodes a part of an image; of a baseline JPEG, no more than that.

  Args:
    encoded: as `decode` takes it.
    box: int32 `[4]`: top, left, height, width; inside the image.

  Returns:
    uint8 `[height, width, 3]`, the same pixels as `decode` has there.

  Raises:
    tf.errors.InvalidArgumentError: if it is no image or damaged. Of a JPEG,
      damage that leaves its end in place is seen inside the part alone.
  """
  return tf.cond(
    _can_be_cropped(encoded),
    lambda: _decode_jpeg_box(encoded, box),
    lambda: cut(decode(encoded), box),
  )


def cut(image: tf.Tensor, box: tf.Tensor) -> tf.Tensor:
  """Cuts a part out of an image.

  Args:
    image: `[height, width, channels]`.
    box: int32 `[4]`: top, left, height, width; inside the image.

  Returns:
    `[box height, box width, channels]`.
  """
  top, left, height, width = tf.unstack(box)
  part = tf.slice(image, [top, left, 0], [height, width, -1])
  return tf.ensure_shape(part, [None, None, image.shape[-1]])


def _can_be_cropped(encoded):
  """Says whether a part decoded by itself has the pixels of the whole."""

  def is_whole_and_sequential():
    # If it were cut short below the part, the decoder would not complain.
    whole = tf.equal(tf.strings.substr(encoded, -2, 2), _JPEG_END)
    # The decoder may smooth what a progressive one leaves out, over distances
    # that no margin covers. In coded pixels no 255 is followed by such a byte;
    # in a preview it may be, and then all is decoded.
    data = tf.io.decode_raw(encoded, tf.uint8)
    kind = tf.boolean_mask(data[1:], data[:-1] == 255)
    progressive = [tf.reduce_any(kind == byte) for byte in _PROGRESSIVE]
    return whole & ~tf.reduce_any(progressive)

  return tf.cond(tf.io.is_jpeg(encoded), is_whole_and_sequential, lambda: False)


def _decode_jpeg_box(encoded, box):
  end = tf.io.extract_jpeg_shape(encoded)[:2]
  first = tf.maximum(box[:2] - _JPEG_MARGIN, 0)
  wide = tf.minimum(box[:2] + box[2:] + _JPEG_MARGIN, end) - first
  image = tf.io.decode_and_crop_jpeg(
    encoded, tf.concat([first, wide], 0), channels=3
  )
  return cut(image, tf.concat([box[:2] - first, box[2:]], 0))
