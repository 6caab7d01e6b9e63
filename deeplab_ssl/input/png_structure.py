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

"""What a PNG says of itself, and whether all of it is there.

Decoders fill in rows that are missing and pass over wrong checksums, each in
its own way; a mask that was cut short would be background from there on.
"""

from typing import NamedTuple
import zlib

MAGIC = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
_DEPTHS = {
  GREY: (1, 2, 4, 8, 16),
  RGB: (8, 16),
  PALETTE: (1, 2, 4, 8),
  GREY_ALPHA: (8, 16),
  RGBA: (8, 16),
}
_CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
# First pixel and distance of the pixels of each pass of Adam7, x and y.
_ADAM7 = (
  (0, 0, 8, 8),
  (4, 0, 8, 8),
  (0, 4, 4, 8),
  (2, 0, 4, 4),
  (0, 2, 2, 4),
  (1, 0, 2, 2),
  (0, 1, 1, 2),
)
_NOT_INTERLACED = ((0, 0, 1, 1),)
_LENGTH_AND_TYPE, _CRC = 8, 4
_LARGEST_SIDE = (1 << 31) - 1
# No encoder writes so many; as many empty ones would fill the memory.
_MOST_CHUNKS = 1 << 18
_UNPACKED_AT_ONCE = 1 << 20


class Header(NamedTuple):
  """What the header of a PNG says.

  Attributes:
    width: in pixels.
    height: in pixels.
    depth: bits per channel.
    color_type: `GREY`, `RGB`, `PALETTE`, `GREY_ALPHA` or `RGBA`.
    interlaced: whether the rows come in the seven passes of Adam7.
  """

  width: int
  height: int
  depth: int
  color_type: int
  interlaced: bool

  @property
  def num_bytes(self) -> int:
    """Bytes of all rows, uncompressed, each with the byte of its filter."""
    bits = self.depth * _CHANNELS[self.color_type]
    total = 0
    for x, y, step_x, step_y in _ADAM7 if self.interlaced else _NOT_INTERLACED:
      columns = -(-(self.width - x) // step_x)
      rows = -(-(self.height - y) // step_y)
      if columns > 0 and rows > 0:
        total += rows * (1 + -(-columns * bits // 8))
    return total


class Png(NamedTuple):
  """A PNG whose chunks are all there.

  Attributes:
    header: what the first chunk says.
    chunks: [(type, content)] of all chunks, in their order.
  """

  header: Header
  chunks: list[tuple[bytes, memoryview]]

  def content(self, kind: bytes) -> memoryview | None:
    """Returns the content of the first chunk of a type, None without one."""
    return next((body for name, body in self.chunks if name == kind), None)

  @property
  def num_frames(self) -> int:
    """How many pictures it holds; more than one is an animation."""
    control = self.content(b"acTL")
    return 1 if control is None else int.from_bytes(control[:4], "big")


def parse(data: bytes) -> Png:
  """Reads the chunks of a PNG; its pixels stay compressed.

  Args:
    data: the bytes of the file.

  Returns:
    The chunks, whose checksums are right, up to the last one, IEND.

  Raises:
    ValueError: if the file is no PNG, is cut short, has a wrong checksum or a
      header that no PNG has.
  """
  if data[: len(MAGIC)] != MAGIC:
    raise ValueError("is no PNG")
  view, chunks, place = memoryview(data), [], len(MAGIC)
  while not chunks or chunks[-1][0] != b"IEND":
    body = place + _LENGTH_AND_TYPE
    end = body + int.from_bytes(view[place : place + 4], "big")
    if end + _CRC > len(data):
      raise ValueError(
        f"is a PNG that is cut short, after {len(data)} bytes; "
        "copy it again from where it came from"
      )
    kind = bytes(view[place + 4 : body])
    found = int.from_bytes(view[end : end + _CRC], "big")
    if zlib.crc32(view[place + 4 : end]) != found:
      raise ValueError(
        f"is a damaged PNG: the checksum of its chunk {kind!r} is wrong; "
        "copy it again from where it came from"
      )
    chunks.append((kind, view[body:end]))
    if len(chunks) > _MOST_CHUNKS:
      raise ValueError(f"is a damaged PNG: more than {_MOST_CHUNKS} chunks")
    place = end + _CRC
  return Png(_header(chunks[0]), chunks)


def _header(chunk):
  kind, body = chunk
  if kind != b"IHDR" or len(body) != 13:
    raise ValueError("is a damaged PNG: it does not begin with its header")
  width, height = (int.from_bytes(body[i : i + 4], "big") for i in (0, 4))
  depth, color_type, compression, filters, interlace = body[8:]
  if (
    not (1 <= width <= _LARGEST_SIDE and 1 <= height <= _LARGEST_SIDE)
    or depth not in _DEPTHS.get(color_type, ())
    or compression
    or filters
    or interlace > 1
  ):
    raise ValueError(f"is a damaged PNG: no PNG has the header {bytes(body)!r}")
  return Header(width, height, depth, color_type, bool(interlace))


def check_pixels(png: Png) -> None:
  """Checks that the pixels of all rows are there.

  Args:
    png: what `parse` returned; its size should have been judged before.

  Raises:
    ValueError: if rows are missing, or what is there cannot be unpacked.
  """
  missing = png.header.num_bytes
  stream = zlib.decompressobj()
  try:
    for kind, body in png.chunks:
      if kind == b"IDAT":
        missing -= _unpacked_size(stream, body, missing)
  except zlib.error as error:
    raise ValueError(f"is a damaged PNG: {error}") from error
  if missing > 0:
    total = png.header.num_bytes
    raise ValueError(
      f"is a PNG whose pixels are cut short: {total - missing} of {total} "
      "bytes are there. Decoders would fill in the rest; copy the file again "
      "from where it came from"
    )


def _unpacked_size(stream, data, most):
  """Returns how many bytes data unpack to; stops at the most that are wanted.

  Not more is unpacked than is needed: a small file may unpack to any size.
  """
  size = 0
  while size < most:
    wanted = min(most - size, _UNPACKED_AT_ONCE)
    unpacked = len(stream.decompress(data, wanted))
    size, data = size + unpacked, stream.unconsumed_tail
    if unpacked < wanted:
      break
  return size
