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
import os
import pathlib
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from deeplab_ssl.common import names
from deeplab_ssl.common import op_errors
from deeplab_ssl.common import problems
from deeplab_ssl.common import regular_files
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import image_decoder
from deeplab_ssl.input import masks
from deeplab_ssl.input import records
from deeplab_ssl.preparation import sbd

_READ_ERRORS = (OSError, ValueError)


class ConversionError(problems.ProblemsError):
  """Everything that keeps a split from being converted."""


class Pair(NamedTuple):
  """One image with its mask.

  Attributes:
    name: the id, unique in its split.
    image_path: a file that `image_decoder` takes.
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
    image_data: the encoded image, as records hold it.
    image_format: what it is, "jpeg" or "png".
    height: height in pixels.
    width: width in pixels.
    label: uint8 `[height, width]` of classes and void; None without a mask.
    counts: int64 `[256]`, pixels per label; None without a mask.
    turned: whether EXIF data ask viewers to turn or mirror the image.
  """

  name: str
  image_data: bytes
  image_format: str
  height: int
  width: int
  label: np.ndarray | None
  counts: np.ndarray | None
  turned: bool = False


def _check_decodes(decode):
  """Fails unless TensorFlow, which reads the labels in training, can decode."""
  try:
    decode()
  except tf.errors.InvalidArgumentError as error:
    raise ValueError(
      f"cannot be decoded by TensorFlow: {op_errors.reason(error)}"
    ) from error


def _check(
  name: str,
  image_at: str,
  read_image: Callable[[], bytes],
  label_at: str,
  read_label: Callable[[], np.ndarray | None],
  info: dataset_info.DatasetInfo,
  label_map: np.ndarray | None = None,
  remedy: str = "",
) -> tuple[Sample | None, list[str]]:
  """Returns (sample or None, problems), each problem with its place.

  The remedy is that for a mask of other values.
  """
  problems = []
  image = label = counts = None
  try:
    image = image_decoder.decode(read_image())
  except _READ_ERRORS as error:
    problems.append(f"{image_at}: {error}")
  try:
    label = read_label()
  except _READ_ERRORS as error:
    problems.append(f"{label_at}: {error}")
  try:
    if label is not None:
      label, counts = masks.check_label(label, info, label_map)
  except ValueError as error:
    problems.append(f"{label_at}: {error}{remedy}")
  size = image and image.pixels.shape[:2]
  if image and counts is not None and size != label.shape:
    (height, width), (mask_height, mask_width) = size, label.shape
    problems.append(
      f"{label_at}: the mask is {mask_width}x{mask_height}, its image "
      f"{width}x{height} (width x height)"
    )
  if not problems and (why := names.fault(name)):
    problems.append(f"{image_at}: its id {name!r} {why}")
  if problems:
    return None, list(map(names.printable, problems))
  return Sample(
    name,
    image.data,
    image.image_format,
    *size,
    label,
    counts,
    image.turned,
  ), []


def decode_image(sample: Sample) -> np.ndarray:
  """Decodes the image of a sample to uint8 `[height, width, 3]`."""
  return image_decoder.decode(sample.image_data).pixels


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
      and `masks.ILLEGAL` where a mask must not hold the value; None for what
      the data set says (`masks.label_table`).

  Returns:
    (sample, no problems), or (None, all problems, each with its file).
  """
  remedy = ""
  if label_map is None:
    label_map = masks.label_table(info)
    remedy = "; --label_map=VALUE:LABEL says what another value stands for"

  def read_label():
    if pair.mask_path is None:
      return None
    data = regular_files.read(pair.mask_path)
    if pathlib.Path(pair.mask_path).suffix == ".mat":
      return sbd.decode_mask(data)
    return masks.decode_mask(data, info)

  return _check(
    pair.name,
    str(pair.image_path),
    lambda: regular_files.read(pair.image_path),
    str(pair.mask_path),
    read_label,
    info,
    label_map,
    remedy,
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

  filename = feature(records.IMAGE_FILENAME) or b""
  # What is not UTF-8 is told by `_check`.
  name = names.from_here(filename.decode("utf-8", "surrogateescape"))
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
    label = masks.decode_mask(data, info)
    _check_decodes(lambda: tf.io.decode_png(data, channels=1))
    return label

  return _check(name, place, read_image, place, read_label, info)
