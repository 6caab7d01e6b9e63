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

"""Tests of decoding images, whole and in part, in graphs."""

import io

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf

from deeplab_ssl.input import encoded_image
from tests import image_kinds

HEIGHT, WIDTH = 51, 70
_RNG = np.random.default_rng(0)
# Noise, which shows every pixel that is put together in another way.
NOISE = _RNG.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)
RGB = Image.fromarray(NOISE)

KINDS = {
  f"jpeg {name}": image_kinds.saved(RGB.convert(mode), "JPEG", **options)
  for name, mode, options in (
    ("4:4:4", "RGB", {"subsampling": 0}),
    ("4:2:2", "RGB", {"subsampling": 1}),
    ("4:2:0", "RGB", {"subsampling": 2}),
    ("coarse", "RGB", {"quality": 5}),
    ("restarts", "RGB", {"restart_marker_blocks": 3}),
    ("progressive", "RGB", {"progressive": True}),
    ("grey", "L", {}),
    ("cmyk", "CMYK", {}),
    ("turned", "RGB", {"exif": image_kinds.exif(6)}),
  )
} | {
  "png": image_kinds.saved(RGB, "PNG"),
  "png grey": image_kinds.saved(RGB.convert("L"), "PNG"),
  "png palette": image_kinds.saved(RGB.convert("P"), "PNG"),
  "bmp": image_kinds.saved(RGB, "BMP"),
}
BASELINE = KINDS["jpeg 4:2:0"]
decode_box = tf.function(encoded_image.decode_box)


def _boxes():
  """All of it, its corners, and some in between."""
  yield 0, 0, HEIGHT, WIDTH
  for top in (0, HEIGHT - 1):
    for left in (0, WIDTH - 1):
      yield top, left, 1, 1
  for _ in range(30):
    top, left = _RNG.integers(0, HEIGHT), _RNG.integers(0, WIDTH)
    height = _RNG.integers(1, HEIGHT - top + 1)
    yield top, left, height, _RNG.integers(1, WIDTH - left + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_has_the_pixels_of_the_whole(kind):
  data = tf.constant(KINDS[kind])
  whole = encoded_image.decode(data).numpy()
  assert whole.shape == (HEIGHT, WIDTH, 3)
  for box in _boxes():
    part = decode_box(data, tf.constant(box, tf.int32))
    top, left, height, width = box
    np.testing.assert_array_equal(
      part, whole[top : top + height, left : left + width]
    )
    assert part.dtype == tf.uint8


@pytest.mark.parametrize("kind", KINDS)
def test_the_size_is_that_of_the_pixels(kind):
  for size in (encoded_image.size, tf.function(encoded_image.size)):
    assert size(tf.constant(KINDS[kind])).numpy().tolist() == [HEIGHT, WIDTH]


@pytest.mark.parametrize("cut", [2, 3, 30, 400, -900, -30, -1])
@pytest.mark.parametrize("kind", ["jpeg 4:2:0", "jpeg progressive", "png"])
def test_an_image_that_is_cut_short_is_refused_whatever_part_is_asked(
  kind, cut
):
  data = tf.constant(KINDS[kind][:cut])
  for box in ([0, 0, 2, 2], [HEIGHT - 2, WIDTH - 2, 2, 2]):
    with pytest.raises(tf.errors.InvalidArgumentError):
      decode_box(data, tf.constant(box))


def test_a_damaged_progressive_jpeg_is_decoded_whole():
  smooth = Image.fromarray(
    np.broadcast_to(np.arange(256, dtype=np.uint8), (200, 256))
  ).convert("RGB")
  data = image_kinds.saved(smooth, "JPEG", progressive=True)
  # With most of its scans left out, the decoder smooths from block to block.
  data = tf.constant(data[: len(data) * 2 // 3] + b"\xff\xd9")
  whole = encoded_image.decode(data).numpy()
  for top in range(0, 192, 13):
    part = decode_box(data, tf.constant([top, 100, 8, 20]))
    np.testing.assert_array_equal(part, whole[top : top + 8, 100:120])


@pytest.mark.parametrize("data", [b"", b"<", b"<html>404</html>" * 3])
def test_what_is_no_image_is_refused(data):
  data = tf.constant(data)
  for function in (encoded_image.decode, encoded_image.size):
    with pytest.raises(tf.errors.InvalidArgumentError):
      function(data)
  with pytest.raises(tf.errors.InvalidArgumentError):
    decode_box(data, tf.constant([0, 0, 1, 1]))


def test_a_box_outside_the_image_is_refused():
  for data in (BASELINE, KINDS["png"]):
    with pytest.raises(tf.errors.InvalidArgumentError):
      decode_box(tf.constant(data), tf.constant([0, 0, HEIGHT + 1, 1]))


def test_the_first_picture_of_several_is_taken():
  buffer = io.BytesIO()
  RGB.save(buffer, "MPO", save_all=True, append_images=[RGB.rotate(180)])
  data = tf.constant(buffer.getvalue())
  whole = encoded_image.decode(data)
  part = decode_box(data, tf.constant([5, 6, 30, 40]))
  np.testing.assert_array_equal(part, whole[5:35, 6:46])
