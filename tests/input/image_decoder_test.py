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

"""Tests of the one decoder: every kind is decoded rightly or refused."""

import io
import struct

import numpy as np
from PIL import Image
import pytest
import tensorflow as tf

from deeplab_ssl.input import image_decoder
from tests import image_kinds

PIXELS, INDICES = image_kinds.PIXELS, image_kinds.INDICES
COLORS = np.frombuffer(image_kinds.PALETTE, np.uint8).reshape(4, 3)[INDICES]
RGB, GREY = image_kinds.rgb(), image_kinds.rgb().convert("L")
GREY_PIXELS = np.asarray(GREY)[..., None].repeat(3, -1)
_RLE = b"\2\1\2\3\0\0\4\2\0\1"  # Rows 1 1 3 3 and 2 2 2 2, the lowest first.
_BGR0 = np.arange(40, 72, dtype=np.uint8)
_TABLE = bytes(range(100, 116))  # Blue, green, red and nothing of 4 colours.

EXACT = {
  "png rgb": (image_kinds.saved(RGB, "PNG"), PIXELS),
  "png grey": (image_kinds.saved(GREY, "PNG"), GREY_PIXELS),
  "png palette": (image_kinds.saved(image_kinds.paletted(), "PNG"), COLORS),
  "png 2-bit palette": (
    image_kinds.saved(image_kinds.paletted(), "PNG", bits=2),
    COLORS,
  ),
  **{
    f"png {depth}-bit grey": (
      image_kinds.png_of_bits(INDICES % 2**depth, depth),
      (INDICES % 2**depth * (255 // (2**depth - 1)))[..., None].repeat(3, -1),
    )
    for depth in (1, 2, 4)
  },
  "png opaque alpha": (
    image_kinds.saved(image_kinds.with_alpha(255), "PNG"),
    PIXELS,
  ),
  "png colour that nothing has": (
    image_kinds.saved(GREY.point(lambda v: v | 1), "PNG", transparency=0),
    GREY_PIXELS | 1,
  ),
  "png gamma": (
    image_kinds.png(
      *((10, 12), 8, 2, image_kinds.rows_of(PIXELS)),
      more=image_kinds.chunk(b"gAMA", struct.pack(">I", 100000)),
    ),
    PIXELS,
  ),
  "bmp rgb": (image_kinds.saved(RGB, "BMP"), PIXELS),
  "bmp grey": (image_kinds.saved(GREY, "BMP"), GREY_PIXELS),
  "bmp palette": (image_kinds.saved(image_kinds.paletted(), "BMP"), COLORS),
  "bmp 1-bit": (
    image_kinds.saved(Image.fromarray(INDICES > 1), "BMP"),
    ((INDICES > 1) * np.uint8(255))[..., None].repeat(3, -1),
  ),
  "bmp run lengths": (
    image_kinds.bmp(8, 1, _RLE, palette=_TABLE),
    np.frombuffer(_TABLE, np.uint8).reshape(4, 4)[:, 2::-1][
      [[2, 2, 2, 2], [1, 1, 3, 3]]
    ],
  ),
  "bmp 32-bit": (
    image_kinds.bmp(32, 0, _BGR0.tobytes()),
    _BGR0.reshape(2, 4, 4)[::-1, :, 2::-1],
  ),
  "bmp first row first": (
    image_kinds.bmp(32, 0, _BGR0.tobytes(), size=(4, -2)),
    _BGR0.reshape(2, 4, 4)[:, :, 2::-1],
  ),
}


@pytest.mark.parametrize("kind", EXACT)
def test_pixels_are_those_that_were_stored(kind):
  data, expected = EXACT[kind]
  decoded = image_decoder.decode(data)
  np.testing.assert_array_equal(decoded.pixels, expected)
  assert decoded.pixels.dtype == np.uint8
  assert not decoded.turned


@pytest.mark.parametrize("kind", EXACT)
def test_records_give_the_same_pixels(kind):
  decoded = image_decoder.decode(EXACT[kind][0])
  read = tf.io.decode_image(decoded.data, channels=3, expand_animations=False)
  np.testing.assert_array_equal(decoded.pixels, read)
  assert decoded.image_format == "png"
  assert decoded.data.startswith(b"\x89PNG")


@pytest.mark.parametrize(
  "image, options",
  [
    (RGB, {}),
    (RGB, {"progressive": True}),
    (RGB, {"keep_rgb": True}),
    (GREY, {}),
  ],
)
def test_jpegs_are_decoded_as_training_decodes_them(image, options):
  data = image_kinds.saved(image, "JPEG", **options)
  decoded = image_decoder.decode(data)
  assert (decoded.data, decoded.image_format) == (data, "jpeg")
  np.testing.assert_array_equal(
    decoded.pixels, tf.io.decode_jpeg(data, channels=3)
  )
  reference = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), int)
  # Two decoders round in their own ways; noise shows it most.
  assert abs(reference - decoded.pixels).mean() < 8


def _several(kind, **options):
  return image_kinds.saved(
    RGB, kind, save_all=True, append_images=[RGB.rotate(180)], **options
  )


def test_of_several_pictures_in_a_jpeg_the_first_is_taken():
  decoded = image_decoder.decode(_several("MPO"))
  np.testing.assert_array_equal(
    decoded.pixels, image_decoder.decode(image_kinds.saved(RGB, "JPEG")).pixels
  )


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientations_are_told_and_not_applied(kind, orientation):
  data = image_kinds.saved(RGB, kind, exif=image_kinds.exif(orientation))
  decoded = image_decoder.decode(data)
  assert decoded.turned == (orientation > 1)
  np.testing.assert_array_equal(
    decoded.pixels, image_decoder.decode(image_kinds.saved(RGB, kind)).pixels
  )


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_exif_data_that_cannot_be_read_turn_nothing():
  data = image_kinds.saved(RGB, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
  assert not image_decoder.decode(data).turned


REFUSED = {
  "png 16-bit grey": (image_kinds.png_of_16_bits(1, 0), "16-bit PNG.*8 bits"),
  "png 16-bit rgb": (image_kinds.png_of_16_bits(3, 2), "16-bit PNG.*8 bits"),
  "png 16-bit alpha": (image_kinds.png_of_16_bits(2, 4), "16-bit PNG"),
  "png 16-bit rgba": (image_kinds.png_of_16_bits(4, 6), "16-bit PNG"),
  "png alpha": (
    image_kinds.saved(image_kinds.with_alpha(254), "PNG"),
    "transparent pixels.*alpha_composite",
  ),
  "png grey alpha": (
    image_kinds.saved(image_kinds.with_alpha(0).convert("LA"), "PNG"),
    "transparent pixels",
  ),
  "png transparent index": (
    image_kinds.saved(image_kinds.paletted(), "PNG", transparency=2),
    "transparent pixels",
  ),
  "png transparent colour": (
    image_kinds.saved(RGB, "PNG", transparency=tuple(map(int, PIXELS[2, 3]))),
    "transparent pixels",
  ),
  "png short palette": (
    image_kinds.png(
      *((10, 12), 8, 3, image_kinds.rows_of(INDICES)),
      more=image_kinds.chunk(b"PLTE", bytes(6)),
    ),
    "pixels of the colour 3, and its palette has 2",
  ),
  "png no palette": (
    image_kinds.png((10, 12), 8, 3, image_kinds.rows_of(INDICES)),
    "cannot be decoded|palette has 0",
  ),
  "png unknown filter": (
    image_kinds.png((3, 2), 8, 0, bytes([7, 1, 2, 3] * 2)),
    "cannot be decoded",
  ),
  "bmp short palette": (
    image_kinds.bmp(8, 0, bytes(range(8)), palette=bytes(8)),
    "pixels of the colour 7, and its palette has 2",
  ),
  "png animation": (_several("PNG"), "animation of 2 pictures"),
  "jpeg cmyk": (image_kinds.saved(RGB.convert("CMYK"), "JPEG"), "CMYK.*RGB"),
  "gif": (image_kinds.saved(image_kinds.paletted(), "GIF"), "is a GIF"),
  "gif animation": (_several("GIF"), "is a GIF.*as a PNG"),
  "tiff": (image_kinds.saved(RGB, "TIFF"), "is a TIFF.*as a PNG"),
  "webp": (image_kinds.saved(RGB, "WEBP"), "is a WebP image.*as a PNG"),
  "portable": (image_kinds.saved(RGB, "PPM"), "no image of a known format"),
  "nothing": (b"", "is empty; copy"),
  "a page": (b"<!DOCTYPE html>", "HTML.*fetch it anew"),
  "a pointer": (b"version https://git-lfs.github.com/spec/v1", "Git LFS; run"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_other_kinds_are_refused_by_name(kind):
  data, message = REFUSED[kind]
  with pytest.raises(image_decoder.ImageError, match=message):
    image_decoder.decode(data)


@pytest.mark.parametrize(
  "data",
  [
    image_kinds.saved(RGB, "JPEG"),
    image_kinds.saved(RGB, "JPEG", progressive=True),
    image_kinds.saved(RGB, "PNG"),
    image_kinds.saved(image_kinds.paletted(), "PNG"),
    image_kinds.saved(RGB, "BMP"),
    image_kinds.saved(image_kinds.paletted(), "BMP"),
    image_kinds.bmp(8, 1, _RLE, palette=_TABLE),
  ],
  ids=["jpeg", "progressive", "png", "palette", "bmp", "bmp palette", "rle"],
)
def test_no_file_that_was_cut_is_completed(data):
  # Padding at the end of a BMP and the mark at the end of its runs are no
  # pixels.
  for cut in (*range(0, len(data) - 4, max(1, len(data) // 60)), -4):
    with pytest.raises(image_decoder.ImageError):
      image_decoder.decode(data[:cut])


def test_a_jpeg_without_the_rest_of_its_pixels():
  data = image_kinds.saved(RGB.resize((90, 80)), "JPEG")
  with pytest.raises(image_decoder.ImageError, match="paint the rest grey"):
    image_decoder.decode(data[: len(data) // 2] + b"\xff\xd9")


@pytest.mark.parametrize(
  "data",
  [
    image_kinds.png((100_000, 100_000), 8, 2, b""),
    image_kinds.bmp(24, 0, b"", size=(40_000, -40_000)),
    image_kinds.saved(RGB, "JPEG").replace(
      struct.pack(">HH", 12, 10), struct.pack(">HH", 65_000, 65_000)
    ),
  ],
  ids=["png", "bmp", "jpeg"],
)
def test_what_would_unpack_to_any_size_is_refused(data, recwarn):
  with pytest.raises(
    image_decoder.ImageError, match=f"{image_decoder.MAX_PIXELS} pixels.*tiles"
  ):
    image_decoder.decode(data)
  assert not recwarn  # Of Pillow, in its own words.


def test_the_largest_size():
  image_decoder.check_size(1, image_decoder.MAX_PIXELS)
  for size in ((image_decoder.MAX_PIXELS + 1, 1), (0, 1), (1, 0)):
    with pytest.raises(image_decoder.ImageError, match="is damaged|more than"):
      image_decoder.check_size(*size)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
  "data",
  [
    image_kinds.saved(RGB, "JPEG", exif=image_kinds.exif(6)),
    image_kinds.saved(image_kinds.paletted(), "PNG", transparency=3),
    image_kinds.saved(image_kinds.paletted(), "BMP"),
    image_kinds.bmp(8, 1, _RLE, palette=_TABLE),
  ],
  ids=["jpeg", "png", "bmp", "rle"],
)
def test_damage_is_an_error_of_the_image_or_none(data):
  draw = np.random.default_rng(0)
  for _ in range(150):
    changed = bytearray(data)
    for place in draw.integers(2, len(data), 3):
      changed[place] = draw.integers(256)
    try:
      decoded = image_decoder.decode(bytes(changed))
    except image_decoder.ImageError as error:
      assert str(error)
    else:
      assert decoded.pixels.ndim == 3
