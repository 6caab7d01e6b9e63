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

"""Reading label masks as class indices, whatever way a PNG stores them."""

import io

import numpy as np
from PIL import Image

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import image_decoder
from deeplab_ssl.input import png_structure

# In a table from the values of masks to labels, a value that no mask may hold.
ILLEGAL = -1


class MaskError(ValueError):
  """A mask that cannot be read as class indices."""


def _color_hint(image, info):
  """Says which of the classes' colours an RGB mask holds."""
  colors = np.unique(np.asarray(image.convert("RGB")).reshape(-1, 3), axis=0)
  names = {}
  for name, color in zip(info.class_names, info.colormap, strict=True):
    names.setdefault(color, name)
  names.setdefault(tuple(info.palette[3 * info.ignore_label :][:3]), "void")
  known = [
    f"{color}={names[color]}"
    for color in map(tuple, colors.tolist())
    if color in names
  ]
  hint = ", ".join(known[:8]) or "none of them"
  if (colors == colors[:, :1]).all():
    return (
      "its three channels are equal, the values "
      f"{_ranges(np.unique(colors))}. If these are class indices, keep one "
      "channel: Image.open(file).getchannel(0).save(file)"
    )
  return (
    f"{len(colors)} colours, of the palette of {info.name!r}: {hint}. Replace "
    "the colours by class indices; with the right `colormap` in the data set's "
    "YAML, masks.colors_to_indices does it"
  )


def decode_mask(data: bytes, info: dataset_info.DatasetInfo) -> np.ndarray:
  """Decodes a mask to the numbers it stores, never to its colours.

  Args:
    data: bytes of a palette PNG, of which the indices are taken, or of an
      8-bit grey PNG.
    info: the data set, for the error message.

  Returns:
    uint8 `[height, width]`; the values are not checked.

  Raises:
    MaskError: if the bytes are no such PNG, or not all of one; says what to do.
  """
  if data[: len(png_structure.MAGIC)] != png_structure.MAGIC:
    raise MaskError(
      "is not a PNG; masks must be stored without loss, as palette or 8-bit "
      "grey PNG"
    )
  try:
    png = png_structure.parse(data)
    image_decoder.check_size(png.header.width, png.header.height)
    png_structure.check_pixels(png)
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
      image.load()
  # Pillow lets through whatever a damaged file makes its parsers stumble over.
  except Exception as error:
    raise MaskError(f"cannot be decoded: {error}") from error
  if png.num_frames > 1:
    raise MaskError(
      f"is an animation of {png.num_frames} pictures; save the one that is "
      "the mask as a PNG"
    )
  color_type, depth = png.header.color_type, png.header.depth
  if color_type == png_structure.PALETTE:
    return np.asarray(image)
  if color_type != png_structure.GREY:
    raise MaskError(
      f"is a colour picture, not a mask of class indices: "
      f"{_color_hint(image, info)}"
    )
  if depth != 8:
    raise MaskError(
      f"is a {depth}-bit grey PNG, which programs scale in different ways; "
      "store the class indices with 8 bits"
    )
  return np.asarray(image)


def label_table(info: dataset_info.DatasetInfo) -> np.ndarray | None:
  """Returns the label that each value of a mask file of a data set stands for.

  Args:
    info: the data set. A value that its `label_map` does not name stands for
      itself.

  Returns:
    int64 `[256]`, with `ILLEGAL` for what is neither named nor a label; None
    without a label map.
  """
  if not info.label_map:
    return None
  table = np.full(256, ILLEGAL)
  labels = [*range(info.num_classes), info.ignore_label]
  table[labels] = labels
  table[list(info.label_map)] = list(info.label_map.values())
  return table


def check_label(
  label: np.ndarray,
  info: dataset_info.DatasetInfo,
  label_map: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
  """Checks the values of a mask and turns them into labels.

  Args:
    label: uint8 `[height, width]`.
    info: the data set.
    label_map: `[256]` integers, the label that each value of a mask stands for
      and `ILLEGAL` where a mask must not hold the value; None if masks hold the
      labels themselves.

  Returns:
    (uint8 `[height, width]` of classes and void, int64 `[256]` pixels of each).

  Raises:
    ValueError: if the mask holds a value that it must not.
  """
  counts = np.bincount(label.ravel(), minlength=256)
  if label_map is None:
    legal = np.zeros(256, bool)
    legal[: info.num_classes] = True
    legal[info.ignore_label] = True
    expected = (
      f"{info.name!r} has the classes 0..{info.num_classes - 1} and void "
      f"{info.ignore_label}"
    )
  else:
    legal = label_map != ILLEGAL
    expected = (
      f"the files of {info.name!r} hold {_ranges(np.flatnonzero(legal))}"
    )
  wrong = np.flatnonzero((counts > 0) & ~legal).tolist()
  if wrong:
    listed = ", ".join(map(str, wrong[:10])) + (", ..." * (len(wrong) > 10))
    raise ValueError(f"holds the values {listed}; {expected}")
  if label_map is not None:
    label = label_map.astype(np.uint8)[label]
    return check_label(label, info, None)
  return label, counts


def _ranges(values):
  """Writes ascending integers as "0..33, 255"."""
  runs = np.split(values, np.flatnonzero(np.diff(values) != 1) + 1)
  return ", ".join(
    f"{run[0]}..{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs
  )


def encode_mask(
  label: np.ndarray, info: dataset_info.DatasetInfo | None = None
) -> bytes:
  """Encodes class indices as a PNG.

  Args:
    label: uint8 `[height, width]`.
    info: if given, a palette PNG with the colours of the data set, as the
      masks of PASCAL VOC are; otherwise a grey one, as records hold them.

  Returns:
    The bytes of the PNG.
  """
  image = Image.fromarray(np.asarray(label, np.uint8))
  if info is not None:
    image.putpalette(info.palette)
  buffer = io.BytesIO()
  image.save(buffer, format="PNG")
  return buffer.getvalue()


def colors_to_indices(
  image: np.ndarray, info: dataset_info.DatasetInfo
) -> np.ndarray:
  """Turns a mask painted in the colours of the classes into class indices.

  Args:
    image: uint8 `[height, width, 3]`, every pixel exactly one of the colours
      of the data set or of its void (the entry of the ignore label in its
      palette; for PASCAL VOC (224, 224, 192)).
    info: the data set.

  Returns:
    uint8 `[height, width]` of class indices and the ignore label.

  Raises:
    MaskError: if a colour belongs to no class, or to more than one.
  """
  palette = np.frombuffer(info.palette, np.uint8).reshape(256, 3)
  labels = [*range(info.num_classes), info.ignore_label]
  code = np.array([1 << 16, 1 << 8, 1])
  by_code = {}
  for label in labels:
    other = by_code.setdefault(int(palette[label] @ code), label)
    if other != label:
      raise MaskError(
        f"The colour {tuple(palette[label].tolist())} stands for labels "
        f"{other} and {label} of {info.name!r}; give each its own."
      )
  codes, inverse = np.unique(
    np.asarray(image, np.int64) @ code, return_inverse=True
  )
  unknown = [c for c in codes.tolist() if c not in by_code]
  if unknown:
    colors = [(c >> 16, c >> 8 & 255, c & 255) for c in unknown[:8]]
    raise MaskError(
      f"{len(unknown)} colours belong to no class of {info.name!r}: "
      f"{', '.join(map(str, colors))}."
    )
  table = np.array([by_code[c] for c in codes.tolist()], np.uint8)
  return table[inverse].reshape(image.shape[:2])
