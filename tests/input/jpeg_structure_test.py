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

"""Tests of what a JPEG says of itself, and of seeing what is missing."""

import io
import re

import numpy as np
from PIL import Image
import pytest

from deeplab_ssl.input import jpeg_structure
from tests import image_kinds

_EOI = b"\xff\xd9"
_LARGE = Image.fromarray(image_kinds.PIXELS.repeat(9, axis=0).repeat(9, axis=1))
KINDS = {
  "baseline": image_kinds.saved(_LARGE, "JPEG"),
  "grey": image_kinds.saved(_LARGE.convert("L"), "JPEG"),
  "restarts": image_kinds.saved(_LARGE, "JPEG", restart_marker_blocks=3),
  "progressive restarts": image_kinds.saved(
    _LARGE, "JPEG", progressive=True, restart_marker_rows=1
  ),
  "full colour": image_kinds.saved(_LARGE, "JPEG", subsampling=0),
  "progressive": image_kinds.saved(_LARGE, "JPEG", progressive=True),
}


def _pixels(data):
  return np.asarray(Image.open(io.BytesIO(data)))


def _is_complete(data):
  continued = jpeg_structure.parse(data).continued
  return np.array_equal(_pixels(data), _pixels(continued))


@pytest.mark.parametrize("kind", KINDS)
def test_whole_files(kind):
  jpeg = jpeg_structure.parse(KINDS[kind])
  assert (jpeg.width, jpeg.height) == _LARGE.size
  assert jpeg.depth == 8
  assert jpeg.channels == (1 if kind == "grey" else 3)
  assert len(jpeg.continued) > len(KINDS[kind])
  assert _is_complete(KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_file_has_no_end(kind):
  data = KINDS[kind]
  for cut in range(3, len(data) - 1, len(data) // 40):
    with pytest.raises(ValueError, match="cut short|cannot be read"):
      jpeg_structure.parse(data[:cut])


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_that_are_missing_before_the_end(kind):
  data = KINDS[kind]
  first = data.index(b"\xff\xda") + 16
  cuts = [*range(first, len(data) - 2, len(data) // 40), len(data) - 3]
  found = 0
  for cut in cuts:
    shortened = data[:cut].removesuffix(b"\xff") + _EOI
    try:
      complete = _is_complete(shortened)
    except (OSError, ValueError):  # Between two scans; told as well.
      complete = False
    assert not complete, cut
    found += 1
  assert found > 30


def test_pixels_that_are_missing_between_restarts():
  data = KINDS["restarts"]
  place = data.index(b"\xff\xd1")
  assert not _is_complete(data[: place - 9] + data[place:])


def test_scans_that_are_missing():
  data = KINDS["progressive"]
  last = data.rindex(b"\xff\xda")
  # Its table of codes comes before the scan.
  before = data.rindex(b"\xff\xc4", 0, last)
  with pytest.raises(ValueError, match="whole passes are missing"):
    jpeg_structure.parse(data[:before] + _EOI)
  with pytest.raises(ValueError, match="whole passes are missing"):
    jpeg_structure.parse(data[: data.index(b"\xff\xda")] + _EOI)


def test_what_follows_the_first_picture_does_not_matter():
  data = image_kinds.saved(_LARGE, "MPO", save_all=True, append_images=[_LARGE])
  assert _is_complete(data)
  assert _is_complete(data[: len(data) // 2 + 200])


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xC9, 0xCA])
def test_rare_kinds(marker):
  data = KINDS["baseline"]
  place = data.index(b"\xff\xc0")
  changed = data[:place] + bytes([0xFF, marker]) + data[place + 2 :]
  with pytest.raises(ValueError, match="of a rare kind"):
    jpeg_structure.parse(changed)


def test_restarts_without_end_are_refused():
  data = KINDS["restarts"]
  place = data.index(b"\xff\xd1")
  endless = data[:place] + b"\xff\xd1" * (1 << 19) + data[place:]
  with pytest.raises(ValueError, match="more than 262144 markers"):
    jpeg_structure.parse(endless)


def test_what_is_no_jpeg():
  for data in (b"", b"\xff\xd8", b"\x89PNG"):
    with pytest.raises(ValueError, match="is no JPEG"):
      jpeg_structure.parse(data)


@pytest.mark.parametrize("marker", [b"\xff\xc0", b"\xff\xda"])
def test_headers_that_cannot_be_read(marker):
  data = KINDS["baseline"]
  place = data.index(marker) + 2
  changed = data[:place] + b"\0\5" + data[place + 2 :]
  with pytest.raises(ValueError, match="damaged JPEG"):
    jpeg_structure.parse(changed)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "restarts" in kind])
def test_parts_between_restarts_that_are_missing(kind):
  data = KINDS[kind]
  restarts = [match.start() for match in re.finditer(rb"\xff[\xd0-\xd7]", data)]
  assert len(restarts) > 8
  for cut in restarts:
    if kind == "restarts":
      shortened = data[:cut] + _EOI
    else:  # Of this scan alone; all scans are there.
      end = re.compile(rb"\xff[\xc4\xda\xd9]").search(data, cut).start()
      shortened = data[:cut] + data[end:]
    assert _pixels(shortened).shape == _pixels(data).shape
    assert not _is_complete(shortened), cut
