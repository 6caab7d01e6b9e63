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

"""Reading one image with its mask and telling all that is wrong with them.

Files before a conversion and records after it go through the same checks.
"""

from collections.abc import Callable
import io
import os
import pathlib
from typing import NamedTuple

import numpy as np
from PIL import Image
import tensorflow as tf

from deeplab_ssl.common import op_errors
from deeplab_ssl.common import problems
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.input import records
from deeplab_ssl.preparation import sbd

# Pillow's modes that decode to 8-bit RGB in TensorFlow without surprises.
_IMAGE_MODES = ("RGB", "L", "P", "RGBA")
# Pillow's formats as records name them. MPO is what some cameras write: a JPEG
# with further pictures behind it, which decoders ignore.
_FORMATS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png"}
_READ_ERRORS = (
  OSError,
  SyntaxError,
  ValueError,
  Image.DecompressionBombError,
)


class ConversionError(problems.ProblemsError):
  """Everything that keeps a split from being converted."""


class Pair(NamedTuple):
  """One image with its mask.

  Attributes:
    name: the id, unique in its split.
    image_path: a JPEG or PNG.
    mask_path: a palette or 8-bit grey PNG, or a `.mat` file of SBD; None for an
      image without a mask, as in test splits.
  """

  name: str
  image_path: str | os.PathLike
  mask_path: str | os.PathLike | None


class Sample(NamedTuple):
  """One image with its mask, read and found right.

  Attributes:
    name: the id.
    image_data: the encoded image.
    image_format: "jpeg" or "png".
    height: height in pixels.
    width: width in pixels.
    label: uint8 `[height, width]` of classes and void; None without a mask.
    counts: int64 `[256]`, pixels per label; None without a mask.
  """

  name: str
  image_data: bytes
  image_format: str
  height: int
  width: int
  label: np.ndarray | None
  counts: np.ndarray | None


def _check_decodes(decode):
  """Fails unless TensorFlow, which is stricter than Pillow, can decode.

  It reads no PNG with a wrong checksum or without its end, which Pillow does.
  """
  try:
    decode()
  except tf.errors.InvalidArgumentError as error:
    raise ValueError(
      f"cannot be decoded by TensorFlow: {op_errors.reason(error)}"
    ) from error


def _check_image(data):
  """Returns (format, height, width) of an image that decodes."""
  with Image.open(io.BytesIO(data)) as image:
    image.load()  # Finds truncated files, which opening does not.
  if image.format not in _FORMATS:
    raise ValueError(f"is a {image.format} file; JPEG and PNG are possible")
  if image.mode not in _IMAGE_MODES:
    raise ValueError(
      f"has Pillow's mode {image.mode!r}; save it as 8-bit RGB or grey"
    )
  _check_decodes(
    lambda: tf.io.decode_image(data, channels=3, expand_animations=False)
  )
  return _FORMATS[image.format], image.height, image.width


def _check(
  name: str,
  image_at: str,
  read_image: Callable[[], bytes],
  label_at: str,
  read_label: Callable[[], np.ndarray | None],
  info: dataset_info.DatasetInfo,
  label_map: np.ndarray | None = None,
) -> tuple[Sample | None, list[str]]:
  """Returns (sample or None, problems), each problem with its place."""
  problems = []
  image = label = counts = None
  try:
    data = read_image()
    image = _check_image(data)
  except _READ_ERRORS as error:
    problems.append(f"{image_at}: {error}")
  try:
    label = read_label()
    if label is not None:
      label, counts = masks.check_label(label, info, label_map)
  except _READ_ERRORS as error:
    problems.append(f"{label_at}: {error}")
  if image and counts is not None and image[1:] != label.shape:
    (height, width), (mask_height, mask_width) = image[1:], label.shape
    problems.append(
      f"{label_at}: the mask is {mask_width}x{mask_height}, its image "
      f"{width}x{height} (width x height)"
    )
  if problems:
    return None, problems
  return Sample(name, data, *image, label, counts), []


def decode_image(sample: Sample) -> np.ndarray:
  """Decodes the image of a sample to uint8 `[height, width, 3]`."""
  with Image.open(io.BytesIO(sample.image_data)) as image:
    return np.asarray(image.convert("RGB"))


def read_pair(
  pair: Pair,
  info: dataset_info.DatasetInfo,
  label_map: np.ndarray | None = None,
) -> tuple[Sample | None, list[str]]:
  """Reads and checks the files of a pair.

  Args:
    pair: the files.
    info: the data set.
    label_map: `[256]` integers, the label that each value of a mask stands for
      and `masks.ILLEGAL` where a mask must not hold the value; None if masks
      hold the labels themselves.

  Returns:
    (sample, no problems), or (None, all problems, each with its file).
  """

  def read_label():
    if pair.mask_path is None:
      return None
    path = pathlib.Path(pair.mask_path)
    if path.suffix == ".mat":
      return sbd.decode_mask(path.read_bytes())
    return masks.decode_mask(path.read_bytes(), info)

  return _check(
    pair.name,
    str(pair.image_path),
    pathlib.Path(pair.image_path).read_bytes,
    str(pair.mask_path),
    read_label,
    info,
    label_map,
  )


def read_record(
  serialized: bytes, info: dataset_info.DatasetInfo, place: str
) -> tuple[Sample | None, list[str]]:
  """Reads and checks a record.

  Args:
    serialized: a serialized `tf.train.Example` of the schema.
    info: the data set.
    place: where the record lies, for messages.

  Returns:
    (sample, no problems), or (None, all problems, each with its place).
  """
  try:
    features = tf.train.Example.FromString(serialized).features.feature
  except Exception as error:  # protobuf's own, which is no ValueError.
    return None, [f"{place}: is no tf.train.Example: {error}"]

  def feature(key):
    values = features[key].bytes_list.value if key in features else ()
    return values[0] if len(values) == 1 else None

  name = (feature(records.IMAGE_FILENAME) or b"").decode("utf-8", "replace")
  place = f"{place}, {name!r}"

  def read_image():
    data = feature(records.IMAGE_ENCODED)
    if data is None:
      raise ValueError(f"has no {records.IMAGE_ENCODED}")
    return data

  def read_label():
    data = feature(records.LABEL_ENCODED)
    if data is None:
      return None
    if not records.is_grey_8_bit(data):
      raise ValueError("the label is no 8-bit grey PNG of class indices")
    _check_decodes(lambda: tf.io.decode_png(data, channels=1))
    return masks.decode_mask(data, info)

  return _check(name, place, read_image, place, read_label, info)
