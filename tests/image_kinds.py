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

"""Images of every kind, as files: what decoders make of them differs."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

_RNG = np.random.default_rng(0)
# Noise: no two kinds of decoding give it the same pixels by chance.
PIXELS = _RNG.integers(0, 256, (12, 10, 3), np.uint8)
INDICES = _RNG.integers(0, 4, (12, 10)).astype(np.uint8)
PALETTE = bytes(_RNG.integers(0, 256, 12, np.uint8))


def saved(image, kind, **options):
  """The bytes of a Pillow image as a file of a kind."""
  buffer = io.BytesIO()
  image.save(buffer, kind, **options)
  return buffer.getvalue()


def rgb():
  return Image.fromarray(PIXELS)


def paletted():
  image = Image.fromarray(INDICES)
  image.putpalette(PALETTE)
  return image


def with_alpha(lowest):
  """Colours with an alpha channel that goes down to a value."""
  image = rgb().convert("RGBA")
  alpha = np.full(PIXELS.shape[:2], 255, np.uint8)
  alpha[3, 4] = lowest
  image.putalpha(Image.fromarray(alpha))
  return image


def exif(orientation):
  data = Image.Exif()
  data[0x0112] = orientation
  return data


def chunk(kind, content):
  """A chunk of a PNG with its right checksum."""
  checksum = zlib.crc32(kind + content)
  return (
    struct.pack(">I", len(content))
    + kind
    + content
    + struct.pack(">I", checksum)
  )


def png(size, depth, color_type, rows, *, more=b"", interlace=0):
  """A PNG of a (width, height), from the bytes of all rows, uncompressed."""
  header = struct.pack(">IIBBBBB", *size, depth, color_type, 0, 0, interlace)
  return b"".join(
    [
      b"\x89PNG\r\n\x1a\n",
      chunk(b"IHDR", header),
      more,
      chunk(b"IDAT", zlib.compress(rows)),
      chunk(b"IEND", b""),
    ]
  )


def rows_of(array):
  """The rows of uint8 `[height, bytes]` as a PNG has them, unfiltered."""
  return b"".join(b"\0" + row.tobytes() for row in np.asarray(array))


def png_of_bits(values, depth):
  """A grey PNG with 1, 2 or 4 bits, of values that fit them."""
  bits = np.unpackbits(values[..., None], axis=-1)[..., -depth:]
  packed = np.packbits(bits.reshape(len(values), -1), axis=-1)
  height, width = values.shape
  return png((width, height), depth, 0, rows_of(packed))


def png_of_16_bits(channels, color_type):
  """A PNG of the pixels with 16 bits, and noise in the lower ones."""
  wide = np.resize(PIXELS, (*PIXELS.shape[:2], channels)).astype(np.uint16)
  wide = wide * 256 + wide[::-1]
  height, width = PIXELS.shape[:2]
  rows = rows_of(wide.astype(">u2").reshape(height, -1))
  return png((width, height), 16, color_type, rows)


def bmp(bits, compression, data, *, size=(4, 2), palette=b"", masks=b""):
  """A BMP from its rows, the lowest first."""
  offset = 54 + len(palette) + len(masks)
  header = struct.pack(
    *("<IiiHHIIiiII", 40, *size, 1, bits, compression, len(data), 0, 0),
    *(len(palette) // 4, 0),
  )
  start = b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset)
  return start + header + masks + palette + data
