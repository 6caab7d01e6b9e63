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

"""What a JPEG says of itself, and a way to see whether all of it is there.

Decoders paint the blocks that are missing from a JPEG grey and say nothing.
"""

import re
from typing import NamedTuple

MAGIC = b"\xff\xd8\xff"

# A marker, after any number of fill bytes. FF 00 is a byte of pixels.
_MARKER = re.compile(rb"\xff+([\x01-\xfe])")
_TEM, _SOI, _EOI, _SOS, _DRI = 0x01, 0xD8, 0xD9, 0xDA, 0xDD
_RESTARTS = range(0xD0, 0xD8)
# Start of frame: what the image is like. The other numbers mean tables.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = 0xC2
# Baseline, extended and progressive, with Huffman codes; the others (lossless,
# hierarchical, arithmetic) are read by few decoders.
_USUAL_FRAMES = (0xC0, 0xC1, _PROGRESSIVE)
_NUM_COEFFICIENTS = 64
# No encoder writes so many; as many restarts would fill the memory.
_MOST_MARKERS = 1 << 18
# Bytes that decode to something else than the grey of missing blocks. Any will
# do that differ among themselves and are no FF, which begins a marker.
_TAIL = bytes((73 * i + 170) % 255 for i in range(64))


class Jpeg(NamedTuple):
  """The first picture of a JPEG.

  Attributes:
    width: in pixels.
    height: in pixels.
    depth: bits per channel.
    channels: 1 for grey, 3 for colour, 4 for CMYK and its kin.
    continued: the file with bytes added to the end of all coded pixels. A
      decoder that has all pixels passes over them; one that lacks some decodes
      them to other pixels than it does without.
  """

  width: int
  height: int
  depth: int
  channels: int
  continued: bytes


def parse(data: bytes) -> Jpeg:
  """Reads the markers of a JPEG up to the end of its first picture.

  Args:
    data: the bytes of the file; what lies behind the first picture, such as the
      further pictures of some cameras, does not matter.

  Returns:
    What they say.

  Raises:
    ValueError: if the file is no JPEG, is cut short or is of a kind that
      decoders do not read.
  """
  if data[: len(MAGIC)] != MAGIC:
    raise ValueError("is no JPEG")
  parts, place = [data[:2]], 2
  frame = scans = None
  restarts, has_restarts = 0, False
  while True:
    found = _MARKER.search(data, place)
    end = found.end() if found else len(data) + 1
    marker = found[1][0] if found else None
    if marker == _EOI:
      break
    if found and marker not in (_TEM, _SOI, *_RESTARTS):
      end += int.from_bytes(data[end : end + 2], "big")
    if end > len(data):
      raise ValueError(
        f"is a JPEG that is cut short, after {len(data)} bytes: its end is "
        "missing. Copy it again from where it came from"
      )
    body = data[found.end() + 2 : end]
    if marker in _FRAMES and frame is None:
      frame = _Frame.read(marker, body)
      scans = _Scans(frame)
    if marker == _SOS and scans:
      scans.add(body)
    if marker == _DRI:
      has_restarts = any(body)
    parts.append(data[place:end])
    if len(parts) > 6 * _MOST_MARKERS:  # Six parts each, at the most.
      raise ValueError(f"is a damaged JPEG: more than {_MOST_MARKERS} markers")
    place = end
    if marker == _SOS or marker in _RESTARTS:
      following = _MARKER.search(data, end)
      place = following.start() if following else len(data)
      parts += [data[end:place], _TAIL]
      restarts = 0 if marker == _SOS else restarts + 1
      if following and following[1][0] not in _RESTARTS and has_restarts:
        # Where a decoder waits for it, all from the next restart on is missing.
        parts += [b"\xff", bytes([_RESTARTS[restarts % 8]]), _TAIL]
  if scans is None or not scans.complete:
    raise ValueError(
      "is a JPEG of which whole passes are missing. Decoders would fill them "
      "in; copy the file again from where it came from"
    )
  continued = b"".join([*parts, data[place:]])
  return Jpeg(
    frame.width, frame.height, frame.depth, len(frame.components), continued
  )


class _Frame(NamedTuple):
  """Start of frame: what all scans have in common."""

  progressive: bool
  depth: int
  height: int
  width: int
  components: bytes

  @classmethod
  def read(cls, marker, body):
    if marker not in _USUAL_FRAMES:
      raise ValueError(
        "is a JPEG of a rare kind (lossless, hierarchical or with arithmetic "
        "codes) that many programs do not read; save it as a baseline JPEG or "
        "as a PNG"
      )
    if len(body) < 6 or len(body) != 6 + 3 * body[5]:
      raise ValueError("is a damaged JPEG: its frame cannot be read")
    height, width = (int.from_bytes(body[i : i + 2], "big") for i in (1, 3))
    return cls(marker == _PROGRESSIVE, body[0], height, width, body[6::3])


class _Scans:
  """Which bits of which coefficients of which component have come."""

  def __init__(self, frame):
    self._progressive = frame.progressive
    # 1 until the lowest bit of the coefficient has come.
    self._missing = {c: [1] * _NUM_COEFFICIENTS for c in frame.components}

  def add(self, body):
    """Notes what the header of a scan promises."""
    count = body[0] if body else 0
    if len(body) != 4 + 2 * count:
      raise ValueError("is a damaged JPEG: a scan of it cannot be read")
    first, last, bits = body[-3:]
    if not self._progressive:
      first, last, bits = 0, _NUM_COEFFICIENTS - 1, 0
    for component in body[1 : 1 + 2 * count : 2]:
      if component in self._missing:
        for place in range(first, min(last + 1, _NUM_COEFFICIENTS)):
          self._missing[component][place] = bits & 0x0F

  @property
  def complete(self):
    return not any(map(any, self._missing.values()))
