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

"""The one decoder of images, and the one list of what it takes.

Taken, up to `MAX_PIXELS`:

  JPEG: baseline and progressive; grey or colour with 8 bits. Of several
    pictures in a file, as some cameras write them, the first.
  PNG: 1, 2, 4 and 8 bits; grey, palette or colour; interlaced or not.
  BMP: as Pillow reads it, in the colours of its palette.
  An alpha channel or transparent colour of a PNG that hides no pixel.

Refused, with the way out: CMYK and YCCK; 16 bits; animations; transparent
pixels, whose colours no viewer shows; other formats (`_OTHERS` names them);
files that are cut short or damaged, which decoders would complete.

Converters, `check_data` and `predict` decode through it. Pixels count as they
are stored: an orientation in EXIF data is told and not applied, colour profiles
and gamma are not applied.
"""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image
import tensorflow as tf

from deeplab_ssl.common import op_errors
from deeplab_ssl.input import jpeg_structure
from deeplab_ssl.input import png_structure

# Of files that hold such images, lower-case.
EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp")
# Pillow warns of larger ones; as RGB they take 256 MiB, in a model far more.
MAX_PIXELS = 89_478_485

# No other parser of Pillow's gets to see a file. "JPEG" includes MPO.
_PILLOW_FORMATS = ("JPEG", "PNG", "BMP")
_BMP_MAGIC = b"BM"
_ORIENTATION = 0x0112  # The tag in EXIF data.
_UPRIGHT = 1
_OPAQUE = 255
_SAVE_AS = (
  f"images are {', '.join(EXTENSIONS)} files. Save it as a PNG, which loses "
  "nothing"
)
# What other files begin with: (place, bytes, what they are).
_OTHERS = (
  (0, b"GIF8", "a GIF"),
  (8, b"WEBP", "a WebP image"),
  (0, b"II*\0", "a TIFF"),
  (0, b"MM\0*", "a TIFF"),
  (4, b"ftypavi", "an AVIF image"),
  (4, b"ftyphei", "a HEIC image"),
  (4, b"ftypmif", "a HEIF image"),
  (4, b"jP  ", "a JPEG 2000 image"),
  (0, b"%PDF", "a PDF"),
  (0, b"\x93NUMPY", "an array of NumPy"),
)
# What comes in the place of an image that was not fetched.
_NO_IMAGES = (
  (
    b"<",
    "is a text in HTML or XML, maybe the answer of a server; fetch it anew",
  ),
  (b"version https://git-lfs", "is a pointer of Git LFS; run `git lfs pull`"),
)


class ImageError(ValueError):
  """An image that is not taken; says what it is and what to do."""


class Decoded(NamedTuple):
  """An image.

  Attributes:
    pixels: uint8 `[height, width, 3]`, RGB, as training sees them.
    data: the bytes that records hold: those of the file, or for a BMP those of
      a PNG with the same pixels.
    image_format: what these bytes are, "jpeg" or "png".
    turned: whether EXIF data say that a viewer shows it turned or mirrored. The
      pixels are as they are stored.
  """

  pixels: np.ndarray
  data: bytes
  image_format: str
  turned: bool


def decode(data: bytes) -> Decoded:
  """Decodes an image, or says why it is not taken.

  Args:
    data: the bytes of a file.

  Returns:
    The image.

  Raises:
    ImageError: if the file is of another kind than the list of this module
      says, is cut short or is damaged.
  """
  try:
    if data.startswith(png_structure.MAGIC):
      return _decode_png(data)
    if data.startswith(jpeg_structure.MAGIC):
      return _decode_jpeg(data)
    if data.startswith(_BMP_MAGIC):
      return _decode_bmp(data)
  except ImageError:
    raise
  except ValueError as error:  # Of the two modules that read the structure.
    raise ImageError(str(error)) from error
  raise ImageError(_other(data))


def check_size(width: int, height: int) -> None:
  """Refuses an image that is too large to be decoded, before it is.

  Args:
    width: in pixels.
    height: in pixels.

  Raises:
    ImageError: if it has more than `MAX_PIXELS`, or none.
  """
  if width < 1 or height < 1:
    raise ImageError(f"is damaged: its size is {width}x{height}")
  if width * height > MAX_PIXELS:
    raise ImageError(
      f"is {width}x{height} (width x height), more than the {MAX_PIXELS} "
      "pixels that are decoded, since a small file may unpack to any size. Cut "
      "it into tiles, or shrink it"
    )


def _other(data):
  """Says what a file is that is no image of ours, and what to do."""
  if not data:
    return "is empty; copy it again from where it came from"
  for start, what in _NO_IMAGES:
    if data.startswith(start):
      return what
  for place, start, name in _OTHERS:
    if data[place:].startswith(start):
      return f"is {name}; {_SAVE_AS}"
  return f"is no image of a known format; {_SAVE_AS}"


def _pillow(data):
  """Decodes with Pillow, whose errors become ours."""
  try:
    with Image.open(io.BytesIO(data), formats=_PILLOW_FORMATS) as image:
      image.load()
      return image
  # Pillow lets through whatever a damaged file makes its parsers stumble over.
  except Exception as error:
    raise ImageError(f"cannot be decoded: {error}") from error


def _tensorflow(data):
  """Decodes as training does, uint8 `[height, width, 3]`."""
  try:
    image = tf.io.decode_image(data, channels=3, expand_animations=False)
  except tf.errors.OpError as error:
    raise ImageError(
      f"cannot be decoded by TensorFlow: {op_errors.reason(error)}"
    ) from error
  return image.numpy()


def _check_opaque(image):
  """Refuses what has other colours than a viewer shows."""
  if np.asarray(image.convert("RGBA").getchannel("A")).min() < _OPAQUE:
    raise ImageError(
      "has transparent pixels, whose colours nobody sees; lay it over a "
      "background: image = Image.open(file).convert('RGBA'), "
      "Image.alpha_composite(Image.new('RGBA', image.size, 'white'), image)"
      ".convert('RGB').save(file)"
    )


def _check_palette(image):
  """Refuses pixels without a colour, which decoders paint black."""
  if image.mode == "P":
    largest, colors = image.getextrema()[1], len(image.getpalette()) // 3
    if largest >= colors:
      raise ImageError(
        f"is damaged: it has pixels of the colour {largest}, and its palette "
        f"has {colors}. Copy it again from where it came from"
      )


def _is_turned(content):
  """Says whether EXIF data, None without, ask for the image to be turned."""
  exif = Image.Exif()
  try:
    exif.load(bytes(content or b""))
    orientation = exif.get(_ORIENTATION, _UPRIGHT)
  # What cannot be read turns the image in no viewer.
  except Exception:
    return False
  return orientation in range(_UPRIGHT + 1, 9)


# === One format each ===


def _decode_png(data):
  png = png_structure.parse(data)
  header = png.header
  check_size(header.width, header.height)
  if header.depth > 8:
    raise ImageError(
      f"is a {header.depth}-bit PNG; models see 8 bits per channel. Scale its "
      "values to 0 to 255, in the way that suits the data, and save it with 8 "
      "bits"
    )
  if png.num_frames > 1:
    raise ImageError(
      f"is an animation of {png.num_frames} pictures; save the one that is "
      "meant as a PNG"
    )
  png_structure.check_pixels(png)
  alpha = header.color_type in (png_structure.GREY_ALPHA, png_structure.RGBA)
  if alpha or png.content(b"tRNS") is not None:
    _check_opaque(_pillow(data))
  if header.color_type == png_structure.PALETTE:
    _check_palette(_pillow(data))
  turned = _is_turned(png.content(b"eXIf"))
  return Decoded(_tensorflow(data), data, "png", turned)


def _decode_jpeg(data):
  jpeg = jpeg_structure.parse(data)
  check_size(jpeg.width, jpeg.height)
  if jpeg.channels not in (1, 3) or jpeg.depth != 8:
    raise ImageError(
      f"is a JPEG of {jpeg.channels} channels with {jpeg.depth} bits (four are "
      "CMYK or YCCK, inks for a printer); save it as RGB or grey with 8 bits"
    )
  image = _pillow(data)
  continued = _pillow(jpeg.continued)
  if not np.array_equal(np.asarray(image), np.asarray(continued)):
    raise ImageError(
      "is a JPEG whose pixels are cut short or damaged. Decoders would paint "
      "the rest grey; copy the file again from where it came from"
    )
  turned = _is_turned(image.info.get("exif"))
  return Decoded(_tensorflow(data), data, "jpeg", turned)


def _decode_bmp(data):
  check_size(*_bmp_size(data))
  image = _pillow(data)
  _check_palette(image)
  if "A" in image.getbands():
    _check_opaque(image)
  # Not by TensorFlow, which takes the indices of a palette for grey and reads
  # few of the kinds of BMP.
  rgb = image.convert("RGB")
  buffer = io.BytesIO()
  rgb.save(buffer, format="PNG")
  return Decoded(np.asarray(rgb), buffer.getvalue(), "png", False)


def _bmp_size(data):
  """Returns (width, height) as the header of a BMP says."""
  if len(data) < 26:
    raise ImageError(f"is a BMP that is cut short, after {len(data)} bytes")
  old = int.from_bytes(data[14:18], "little") == 12  # Of OS/2.
  length = 2 if old else 4
  width, height = (
    int.from_bytes(data[i : i + length], "little", signed=not old)
    for i in (18, 18 + length)
  )
  return width, abs(height)  # Below zero where the first row is the top one.
