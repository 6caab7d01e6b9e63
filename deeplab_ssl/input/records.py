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

"""The TFRecord schema of research/deeplab and the names of its shards."""

import os
import re

import tensorflow as tf

from deeplab_ssl.input import encoded_image

# Feature keys, as in the original's build_data.py and data_generator.py.
IMAGE_ENCODED = "image/encoded"
IMAGE_FILENAME = "image/filename"
IMAGE_FORMAT = "image/format"
IMAGE_HEIGHT = "image/height"
IMAGE_WIDTH = "image/width"
IMAGE_CHANNELS = "image/channels"
LABEL_ENCODED = "image/segmentation/class/encoded"
LABEL_FORMAT = "image/segmentation/class/format"

_SHARD_NAME = re.compile(
  r"(?P<split>.+)-(?P<index>\d{5})-of-(?P<count>\d{5})\.tfrecord$"
)
# Bytes 24 and 25 of every PNG: the bit depth and the colour type.
_GREY_8_BIT = b"\x08\x00"


def is_grey_8_bit(data: bytes) -> bool:
  """Says whether the header of a PNG promises grey with 8 bits."""
  return data[24:26] == _GREY_8_BIT


def _bytes(value):
  return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def _int(value):
  return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))


def make_example(
  image_data: bytes,
  *,
  filename: str,
  image_format: str,
  height: int,
  width: int,
  label_data: bytes | None = None,
) -> tf.train.Example:
  """Builds one record.

  Args:
    image_data: the encoded image, stored as it is.
    filename: the name without folder and extension, "2007_000033".
    image_format: "jpeg" or "png".
    height: height in pixels.
    width: width in pixels.
    label_data: the mask as an 8-bit grey PNG whose values are the class
      indices, or None for an image without one.

  Returns:
    The record.

  Raises:
    ValueError: if the format is another, or the label is no 8-bit grey PNG.
  """
  if image_format not in ("jpeg", "png"):
    raise ValueError(
      f"`image_format` must be 'jpeg' or 'png'. Received: {image_format!r}."
    )
  features = {
    IMAGE_ENCODED: _bytes(image_data),
    IMAGE_FILENAME: _bytes(filename.encode("utf-8")),
    IMAGE_FORMAT: _bytes(image_format.encode("ascii")),
    IMAGE_HEIGHT: _int(height),
    IMAGE_WIDTH: _int(width),
    IMAGE_CHANNELS: _int(3),
  }
  if label_data is not None:
    if not is_grey_8_bit(label_data):
      raise ValueError(
        f"The label of {filename} must be an 8-bit grey PNG of class indices; "
        "decoding a palette PNG gives the brightness of its colours. Encode "
        "the indices with mode 'L'."
      )
    features[LABEL_ENCODED] = _bytes(label_data)
    features[LABEL_FORMAT] = _bytes(b"png")
  return tf.train.Example(features=tf.train.Features(feature=features))


def image_size(serialized: tf.Tensor) -> tf.Tensor:
  """Reads the size of the image of a record; runs eagerly and in graphs.

  Args:
    serialized: scalar string, a serialized `tf.train.Example`.

  Returns:
    int32 `[2]`, (height, width), of the encoded image and not as the record
    says.

  Raises:
    tf.errors.InvalidArgumentError: if the record holds no image.
  """
  features = {IMAGE_ENCODED: tf.io.FixedLenFeature([], tf.string)}
  parsed = tf.io.parse_single_example(serialized, features)
  return encoded_image.size(parsed[IMAGE_ENCODED])


def parse_record(
  serialized: tf.Tensor,
  *,
  with_label: bool = True,
  box: tf.Tensor | None = None,
) -> dict[str, tf.Tensor]:
  """Decodes one record; runs eagerly and in graphs.

  Args:
    serialized: scalar string, a serialized `tf.train.Example`.
    with_label: False leaves the label out, for records that have none.
    box: int32 `[4]`: top, left, height and width of the part of the image that
      is decoded; None decodes all of it. The label is always whole.

  Returns:
    image: uint8 `[height, width, 3]`, RGB; label: int32 `[height, width, 1]`,
    class indices (missing if `with_label` is False; uint8 with `box`);
    filename: scalar string; height, width: scalar int32, of the whole image.

  Raises:
    tf.errors.InvalidArgumentError: if a feature is missing, the bytes do not
      decode, the label is no 8-bit grey PNG or has another size than the
      image.
  """
  features = {
    IMAGE_ENCODED: tf.io.FixedLenFeature([], tf.string),
    IMAGE_FILENAME: tf.io.FixedLenFeature([], tf.string, default_value=""),
  }
  if with_label:
    # Empty if missing: `decode_label` reports that, with the file's name.
    features[LABEL_ENCODED] = tf.io.FixedLenFeature(
      [], tf.string, default_value=""
    )
  parsed = tf.io.parse_single_example(serialized, features)
  encoded = parsed[IMAGE_ENCODED]
  if box is None:
    image = encoded_image.decode(encoded)
    size = tf.shape(image)[:2]
  else:
    image = encoded_image.decode_box(encoded, box)
    size = encoded_image.size(encoded)
  record = {
    "image": image,
    "filename": parsed[IMAGE_FILENAME],
    "height": size[0],
    "width": size[1],
  }
  if with_label:
    label = decode_label(parsed[LABEL_ENCODED], parsed[IMAGE_FILENAME], size)
    record["label"] = tf.cast(label, tf.int32) if box is None else label
  return record


def decode_label(
  encoded: tf.Tensor, filename: tf.Tensor, image_size: tf.Tensor
) -> tf.Tensor:
  """Decodes a mask; runs eagerly and in graphs.

  Args:
    encoded: scalar string, an 8-bit grey PNG of class indices.
    filename: scalar string, for messages.
    image_size: int32 `[2]`, height and width of the image.

  Returns:
    uint8 `[height, width, 1]`.

  Raises:
    tf.errors.InvalidArgumentError: if it is no such PNG or of another size.
  """
  there = tf.debugging.Assert(
    tf.strings.length(encoded) > 0,
    [
      "The record has no label. What has none can be predicted (`python -m "
      "deeplab_ssl.submit`), not trained on or scored: file",
      filename,
    ],
  )
  # An empty string would fail the check of the header below as well, with the
  # wrong message. So that check waits for this one.
  with tf.control_dependencies([there] if there is not None else []):
    encoded = tf.identity(encoded)
  # decode_png turns palettes into brightness and stretches 1, 2 and 4 bits to
  # 0..255: either would pass for class indices.
  grey = tf.equal(tf.strings.substr(encoded, 24, 2), _GREY_8_BIT)
  check = tf.debugging.Assert(
    grey,
    ["The label must be an 8-bit grey PNG of class indices: file", filename],
  )
  with tf.control_dependencies([check] if check is not None else []):
    label = tf.io.decode_png(encoded, channels=1)
  return check_label_size(label, filename, image_size)


def check_label_size(
  label: tf.Tensor, filename: tf.Tensor, image_size: tf.Tensor
) -> tf.Tensor:
  """Returns labels once they have the size of their image.

  Args:
    label: `[height, width, ...]`.
    filename: scalar string, for messages.
    image_size: int32 `[2]`, height and width of the image.

  Raises:
    tf.errors.InvalidArgumentError: if they have another.
  """
  size = tf.shape(label)[:2]
  check = tf.debugging.Assert(
    tf.reduce_all(tf.equal(size, image_size)),
    ["Label and image differ in size: file", filename, size, image_size],
  )
  with tf.control_dependencies([check] if check is not None else []):
    return tf.identity(label)


def shard_path(
  directory: str | os.PathLike, split: str, index: int, count: int
) -> str:
  """Names a shard: `DIRECTORY/SPLIT-00000-of-00004.tfrecord`.

  Args:
    directory: the folder.
    split: the split, "train".
    index: number of the shard, from 0.
    count: how many shards the split has.

  Returns:
    The path.

  Raises:
    ValueError: if the index is not in 0..count-1 or a number has over five
      digits.
  """
  if not 0 <= index < count <= 99999:
    raise ValueError(
      "A shard needs 0 <= index < count <= 99999. Received: "
      f"index={index}, count={count}."
    )
  return os.path.join(
    os.fspath(directory), f"{split}-{index:05d}-of-{count:05d}.tfrecord"
  )


def _listing(directory):
  names = sorted(tf.io.gfile.listdir(directory))
  if not names:
    return "nothing"
  more = f" and {len(names) - 20} more" if len(names) > 20 else ""
  return ", ".join(names[:20]) + more


def find_shards(
  pattern_or_dir: str | os.PathLike, split: str | None = None
) -> list[str]:
  """Finds the shards of a split and checks that none is missing.

  Args:
    pattern_or_dir: the folder of the records, with `split`; or a glob pattern
      or a single file, without.
    split: the split, "train".

  Returns:
    The paths, in order.

  Raises:
    FileNotFoundError: if nothing matches (the message lists what the folder
      holds) or a shard of the set is missing.
    ValueError: if shards of several conversions lie side by side, or a folder
      is given without a split.
  """
  pattern = os.fspath(pattern_or_dir)
  if tf.io.gfile.isdir(pattern):
    if not split:
      raise ValueError(
        f"{pattern} is a folder: say which split, or give a pattern such as "
        f"{os.path.join(pattern, 'train-*')}."
      )
    pattern = os.path.join(pattern, f"{split}-?????-of-?????.tfrecord")
  paths = sorted(
    path for path in tf.io.gfile.glob(pattern) if not tf.io.gfile.isdir(path)
  )
  if not paths:
    directory = os.path.dirname(pattern) or "."
    held = (
      f"{directory} holds {_listing(directory)}"
      if tf.io.gfile.isdir(directory)
      else f"the folder {directory} does not exist"
    )
    raise FileNotFoundError(f"No records match {pattern}: {held}.")
  _check_complete(paths, pattern)
  return paths


def _check_complete(paths, pattern):
  """Fails unless the numbered shards among the paths form complete sets."""
  sets = {}
  for path in paths:
    match = _SHARD_NAME.match(os.path.basename(path))
    if match:
      # A set in a pattern may span folders only by mistake.
      key = (os.path.dirname(path), match["split"])
      counts = sets.setdefault(key, {})
      counts.setdefault(int(match["count"]), set()).add(int(match["index"]))
  for (directory, split), counts in sets.items():
    if len(counts) > 1:
      raise ValueError(
        f"{directory} holds shards of several conversions of {split!r}: of "
        f"{' and of '.join(map(str, sorted(counts)))} shards. Remove the old "
        "ones."
      )
    ((count, found),) = counts.items()
    missing = sorted(set(range(count)) - found)
    if missing:
      raise FileNotFoundError(
        f"{pattern} finds {len(found)} of the {count} shards of {split!r}; "
        f"missing: {', '.join(map(str, missing[:20]))}. Convert the split "
        "again or copy the rest."
      )
