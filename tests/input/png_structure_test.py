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

"""Tests of what a PNG says of itself."""

import io
import zlib

import numpy as np
from PIL import Image
import pytest

from deeplab_ssl.input import png_structure
from tests import image_kinds

GREY = image_kinds.saved(image_kinds.rgb().convert("L"), "PNG")


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
def test_headers_and_sizes(mode):
  image = Image.new(mode, (11, 7))
  png = png_structure.parse(image_kinds.saved(image, "PNG"))
  assert (png.header.width, png.header.height) == (11, 7)
  assert not png.header.interlaced
  data = b"".join(body for kind, body in png.chunks if kind == b"IDAT")
  assert len(zlib.decompress(data)) == png.header.num_bytes
  png_structure.check_pixels(png)


def _pixels(data):
  return np.asarray(Image.open(io.BytesIO(data)))


def _interlaced(array):
  """Rows of a grey image in the passes of Adam7, by the standard's pattern."""
  pattern = np.array(
    [
      [1, 6, 4, 6, 2, 6, 4, 6],
      [7] * 8,
      [5, 6] * 4,
      [7] * 8,
      [3, 6, 4, 6, 3, 6, 4, 6],
      [7] * 8,
      [5, 6] * 4,
      [7] * 8,
    ]
  )
  height, width = array.shape
  tiled = np.tile(pattern, (height // 8 + 1, width // 8 + 1))[:height, :width]
  rows = b""
  for number in range(1, 8):
    for row, passes in zip(array, tiled, strict=True):
      if (passes == number).any():
        rows += b"\0" + row[passes == number].tobytes()
  return rows


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (5, 9), (16, 16)])
def test_interlaced_files(size):
  width, height = size
  array = np.arange(width * height, dtype=np.uint8).reshape(height, width)
  rows = _interlaced(array)
  data = image_kinds.png(size, 8, 0, rows, interlace=1)
  np.testing.assert_array_equal(Image.open(io.BytesIO(data)), array)
  png = png_structure.parse(data)
  assert png.header.num_bytes == len(rows)
  png_structure.check_pixels(png)
  short = image_kinds.png(size, 8, 0, rows[:-1], interlace=1)
  with pytest.raises(ValueError, match="cut short"):
    png_structure.check_pixels(png_structure.parse(short))


@pytest.mark.parametrize("cut", range(8, len(GREY), 9))
def test_every_cut_is_found(cut):
  with pytest.raises(ValueError, match="cut short"):
    png_structure.parse(GREY[:cut])


@pytest.mark.parametrize("place", range(12, len(GREY), 7))
def test_every_changed_byte_is_found(place):
  changed = bytearray(GREY)
  changed[place] ^= 16
  with pytest.raises(ValueError, match="cut short|checksum"):
    png_structure.parse(bytes(changed))


def test_rows_that_are_missing_from_a_whole_file():
  rows = image_kinds.rows_of(image_kinds.INDICES)
  width = image_kinds.INDICES.shape[1]
  for count in (0, 1, 5, 11):
    data = image_kinds.png((10, 12), 8, 0, rows[: count * (width + 1)])
    with pytest.raises(ValueError, match=f"{count * 11} of 132 bytes are th"):
      png_structure.check_pixels(png_structure.parse(data))


def test_no_more_is_unpacked_than_the_header_says():
  # As large as it is, it would take a while.
  data = image_kinds.png((4, 2), 8, 0, bytes(1 << 26))
  assert len(data) < 1 << 17
  png_structure.check_pixels(png_structure.parse(data))


def test_pixels_in_many_chunks(monkeypatch):
  rows = image_kinds.rows_of(image_kinds.INDICES.repeat(9, 0))
  packed = zlib.compress(rows)
  whole = image_kinds.png((10, 108), 8, 0, rows)
  split = whole.replace(
    image_kinds.chunk(b"IDAT", packed),
    b"".join(
      image_kinds.chunk(b"IDAT", packed[i : i + 5])
      for i in range(0, len(packed), 5)
    ),
  )
  np.testing.assert_array_equal(*map(_pixels, (whole, split)))
  for at_once in (1, 7, 1 << 20):
    monkeypatch.setattr(png_structure, "_UNPACKED_AT_ONCE", at_once)
    png_structure.check_pixels(png_structure.parse(split))
    with pytest.raises(ValueError, match=f"{len(rows) - 1} of {len(rows)} by"):
      short = image_kinds.png((10, 108), 8, 0, rows[:-1])
      png_structure.check_pixels(png_structure.parse(short))


def test_chunks_without_end_are_refused():
  empty = image_kinds.chunk(b"tEXt", b"")
  data = GREY[:33] + empty * (1 << 18) + GREY[33:]
  with pytest.raises(ValueError, match="more than 262144 chunks"):
    png_structure.parse(data)


def test_an_animation_tells_its_pictures():
  image = image_kinds.rgb()
  data = image_kinds.saved(
    image, "PNG", save_all=True, append_images=[image.rotate(180)]
  )
  assert png_structure.parse(data).num_frames == 2
  assert png_structure.parse(GREY).num_frames == 1


@pytest.mark.parametrize(
  "size, depth, color_type",
  [((0, 1), 8, 0), ((1, 0), 8, 0), ((1, 1), 3, 0), ((1, 1), 4, 2)]
  + [((1, 1), 8, 1), ((1 << 31, 1), 8, 0)],
)
def test_headers_that_no_png_has(size, depth, color_type):
  with pytest.raises(ValueError, match="no PNG has the header"):
    png_structure.parse(image_kinds.png(size, depth, color_type, b""))


def test_what_is_no_png():
  with pytest.raises(ValueError, match="is no PNG"):
    png_structure.parse(b"\xff\xd8\xff")
  data = GREY[:8] + image_kinds.chunk(b"IEND", b"")
  with pytest.raises(ValueError, match="begin with its header"):
    png_structure.parse(data)
