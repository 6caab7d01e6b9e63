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

"""The one converter: images and masks in, checked TFRecord shards out."""

from collections.abc import Iterator
from collections.abc import Sequence
import concurrent.futures
import contextlib
import dataclasses
import hashlib
import io
import itertools
import os
import pathlib
import shutil
import tempfile
from typing import NamedTuple

import numpy as np
from PIL import Image
import tensorflow as tf
import tqdm

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.input import records

_IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG")
# Pillow's modes that decode to 8-bit RGB in TensorFlow without surprises.
_IMAGE_MODES = ("RGB", "L", "P", "RGBA")
_MAX_LISTED = 100


class Pair(NamedTuple):
  """One image with its mask.

  Attributes:
    name: the id, unique in its split.
    image_path: a JPEG or PNG.
    mask_path: a palette or 8-bit grey PNG; None for an image without a mask,
      as in test splits.
  """

  name: str
  image_path: str | os.PathLike
  mask_path: str | os.PathLike | None


class ConversionError(ValueError):
  """Everything that keeps a split from being converted.

  Attributes:
    problems: one line per problem, all of them.
  """

  def __init__(self, headline: str, problems: Sequence[str]):
    self.problems = tuple(problems)
    lines = [f"{headline} ({len(problems)}):"]
    lines += [f"  {problem}" for problem in problems[:_MAX_LISTED]]
    if len(problems) > _MAX_LISTED:
      lines.append(f"  and {len(problems) - _MAX_LISTED} more")
    super().__init__("\n".join(lines))


@dataclasses.dataclass
class Histogram:
  """How often the labels of a split occur.

  Attributes:
    info: the data set.
    pixels: int64 `[num_classes]`, pixels per class.
    images: int64 `[num_classes]`, images in which the class occurs.
    void: number of void pixels.
    num_images: number of images, with or without a mask.
  """

  info: dataset_info.DatasetInfo
  pixels: np.ndarray
  images: np.ndarray
  void: int = 0
  num_images: int = 0

  @classmethod
  def empty(cls, info: dataset_info.DatasetInfo) -> "Histogram":
    """Returns a histogram of nothing."""
    zeros = np.zeros(info.num_classes, np.int64)
    return cls(info, zeros, zeros.copy())

  def add(self, counts: np.ndarray | None) -> None:
    """Adds an image with its `[256]` label counts (None: without a mask)."""
    self.num_images += 1
    if counts is not None:
      of_classes = counts[: self.info.num_classes]
      self.pixels += of_classes
      self.images += of_classes > 0
      self.void += int(counts[self.info.ignore_label])

  def __str__(self):
    total = max(int(self.pixels.sum()) + self.void, 1)
    width = max(10, *map(len, self.info.class_names))
    lines = [f"{'label':>5}  {'class':<{width}}  {'pixels':>12}  share  images"]
    for label, name in enumerate(self.info.class_names):
      lines.append(
        f"{label:>5}  {name:<{width}}  {self.pixels[label]:>12}  "
        f"{self.pixels[label] / total:>5.1%}  {self.images[label]:>6}"
      )
    lines.append(
      f"{self.info.ignore_label:>5}  {'(void)':<{width}}  {self.void:>12}  "
      f"{self.void / total:>5.1%}"
    )
    return "\n".join(lines)


# === VOC layout ===


def devkit_pairs(
  devkit_dir: str | os.PathLike, split: str, *, with_masks: bool = True
) -> list[Pair]:
  """Lists the pairs of a split of a folder in the layout of PASCAL VOC.

  Args:
    devkit_dir: holds `ImageSets/Segmentation/SPLIT.txt` with one id a line
      (blank lines and spaces around ids do not matter), `JPEGImages/ID.jpg`
      (or .jpeg, .png) and `SegmentationClass/ID.png`.
    split: name of the list, "train".
    with_masks: False for a split without masks.

  Returns:
    The pairs in the order of the list.

  Raises:
    FileNotFoundError: if there is no such list; names those that are there.
    ConversionError: naming every image and mask that is missing.
  """
  root = pathlib.Path(devkit_dir)
  lists = root / "ImageSets" / "Segmentation"
  path = lists / f"{split}.txt"
  if not path.is_file():
    if lists.is_dir():
      known = ", ".join(sorted(p.stem for p in lists.glob("*.txt"))) or "none"
      raise FileNotFoundError(f"{path} does not exist. Lists there: {known}.")
    below = sorted(root.glob("*/ImageSets/Segmentation"))
    hint = f" Did you mean {below[0].parents[1]}?" if below else ""
    raise FileNotFoundError(
      f"{root} is not in the layout of PASCAL VOC: {lists} does not exist."
      f"{hint}"
    )
  # utf-8-sig: editors on Windows put a byte order mark in front.
  lines = path.read_text(encoding="utf-8-sig").splitlines()
  pairs, missing = [], []
  for name in filter(None, map(str.strip, lines)):
    stem = root / "JPEGImages" / name
    found = [
      candidate
      for suffix in _IMAGE_SUFFIXES
      if (candidate := stem.with_name(stem.name + suffix)).is_file()
    ]
    mask = root / "SegmentationClass" / f"{name}.png" if with_masks else None
    if not found:
      missing.append(f"{stem}.jpg")
    if mask is not None and not mask.is_file():
      missing.append(str(mask))
    pairs.append(Pair(name, found[0] if found else stem, mask))
  if missing:
    raise ConversionError(f"Files that {path} lists are missing", missing)
  return pairs


# === Conversion ===


class _Converted(NamedTuple):
  serialized: bytes
  counts: np.ndarray | None


def _read_image(path):
  """Returns (bytes, format, height, width) of an image that decodes."""
  data = pathlib.Path(path).read_bytes()
  with Image.open(io.BytesIO(data)) as image:
    image.load()  # Finds truncated files, which opening does not.
  if image.format not in ("JPEG", "PNG"):
    raise ValueError(f"is a {image.format} file; JPEG and PNG are possible")
  if image.mode not in _IMAGE_MODES:
    raise ValueError(
      f"has Pillow's mode {image.mode!r}; save it as 8-bit RGB or grey"
    )
  return data, image.format.lower(), image.height, image.width


def _read_mask(path, info, label_map):
  """Returns (indices `[height, width]`, counts `[256]`) of a legal mask."""
  label = masks.decode_mask(pathlib.Path(path).read_bytes(), info)
  if label_map is not None:
    label = label_map[label]
  counts = np.bincount(label.ravel(), minlength=256)
  legal = np.zeros(256, bool)
  legal[: info.num_classes] = True
  legal[info.ignore_label] = True
  wrong = np.flatnonzero((counts > 0) & ~legal).tolist()
  if wrong:
    listed = ", ".join(map(str, wrong[:10])) + (", ..." * (len(wrong) > 10))
    raise ValueError(
      f"holds the values {listed}; {info.name!r} has the classes "
      f"0..{info.num_classes - 1} and void {info.ignore_label}"
    )
  return label, counts


def _convert_pair(pair, info, label_map):
  """Returns (_Converted or None, problems) of one pair."""
  problems = []
  image = mask = None
  try:
    image = _read_image(pair.image_path)
  except (OSError, SyntaxError, ValueError) as error:
    problems.append(f"{pair.image_path}: {error}")
  if pair.mask_path is not None:
    try:
      mask = _read_mask(pair.mask_path, info, label_map)
    except (OSError, SyntaxError, ValueError) as error:
      problems.append(f"{pair.mask_path}: {error}")
  if image and mask and image[2:] != mask[0].shape:
    (height, width), (mask_height, mask_width) = image[2:], mask[0].shape
    problems.append(
      f"{pair.mask_path}: the mask is {mask_width}x{mask_height}, its image "
      f"{width}x{height} (width x height)"
    )
  if problems:
    return None, problems
  data, image_format, height, width = image
  example = records.make_example(
    data,
    filename=pair.name,
    image_format=image_format,
    height=height,
    width=width,
    label_data=masks.encode_mask(mask[0]) if mask else None,
  )
  counts = mask[1] if mask else None
  return _Converted(example.SerializeToString(), counts), []


def _check_arguments(pairs, output_dir, split, info, num_shards):
  """Refuses what can be refused before the first image is read."""
  if not pairs:
    raise ValueError(f"The split {split!r} lists no images.")
  if not 1 <= num_shards <= len(pairs):
    raise ValueError(
      f"`num_shards` must be in 1..{len(pairs)}, the number of images. "
      f"Received: {num_shards}."
    )
  names = [pair.name for pair in pairs]
  if len(set(names)) < len(names):
    seen = set()
    twice = sorted({n for n in names if n in seen or seen.add(n)})
    raise ConversionError(f"Ids that {split!r} lists more than once", twice)
  final = {
    os.path.basename(records.shard_path(output_dir, split, i, num_shards))
    for i in range(num_shards)
  }
  old = [
    path.name
    for path in output_dir.glob(f"{split}-?????-of-?????.tfrecord")
    if path.name not in final
  ]
  if old:
    raise ValueError(
      f"{output_dir} holds {len(old)} shards of {split!r} from a conversion "
      f"with another --num_shards, such as {min(old)}. Remove them or choose "
      "another folder."
    )
  if (output_dir / dataset_info.DATASET_FILE).is_file():
    other = dataset_info.get_dataset_info(output_dir)
    if dataclasses.replace(other, splits={}) != dataclasses.replace(
      info, splits={}
    ):
      raise ValueError(
        f"{output_dir} holds records of the data set {other.name!r} with "
        f"other classes, colours or void than {info.name!r}. Choose another "
        "folder."
      )


def _convert_all(pairs, info, label_map, num_workers, description):
  """Yields (_Converted or None, problems) per pair, in order."""
  # A window, so that encoded images do not pile up ahead of the writer.
  window = 4 * num_workers
  with (
    concurrent.futures.ThreadPoolExecutor(num_workers) as pool,
    tqdm.tqdm(total=len(pairs), desc=description, unit="image") as bar,
  ):
    waiting = []
    todo = iter(pairs)
    try:
      while True:
        for pair in itertools.islice(todo, window - len(waiting)):
          waiting.append(pool.submit(_convert_pair, pair, info, label_map))
        if not waiting:
          return
        yield waiting.pop(0).result()
        bar.update()
    finally:
      pool.shutdown(wait=True, cancel_futures=True)


def _shard_sizes(num_records, num_shards):
  """Splits evenly: sizes that differ by at most one."""
  quotient, rest = divmod(num_records, num_shards)
  return [quotient + (index < rest) for index in range(num_shards)]


def _check_written(paths, digests):
  """Reads the shards back and compares them with what was meant to be there."""
  dataset = tf.data.TFRecordDataset(list(map(str, paths)))
  found = [
    hashlib.sha256(record).digest() for record in dataset.as_numpy_iterator()
  ]
  if found != digests:
    raise OSError(
      f"{paths[0].parent} reads back {len(found)} records that are not the "
      f"{len(digests)} written. Check the disk and convert again."
    )


@contextlib.contextmanager
def _partial_dir(output_dir, split) -> Iterator[pathlib.Path]:
  """A folder beside the shards that is gone afterwards, come what may."""
  path = tempfile.mkdtemp(prefix=f".{split}.partial-", dir=output_dir)
  try:
    yield pathlib.Path(path)
  finally:
    shutil.rmtree(path, ignore_errors=True)


def _write_shards(converted, sizes, paths):
  """Writes and reads back the shards; returns label counts and problems.

  After the first problem nothing is written any more, but every pair is still
  checked, so that all problems are reported at once.
  """
  problems, all_counts, digests = [], [], []
  for size, path in zip(sizes, paths, strict=True):
    with tf.io.TFRecordWriter(str(path)) as writer:
      for result, wrong in itertools.islice(converted, size):
        problems += wrong
        if not problems:
          writer.write(result.serialized)
          digests.append(hashlib.sha256(result.serialized).digest())
          all_counts.append(result.counts)
  if not problems:
    _check_written(paths, digests)
  return all_counts, problems


def _merge_split_size(info, output_dir, split, size):
  splits = {}
  if (output_dir / dataset_info.DATASET_FILE).is_file():
    splits = dict(dataset_info.get_dataset_info(output_dir).splits)
  splits[split] = size
  dataset_info.save_dataset_info(
    dataclasses.replace(info, splits=splits), output_dir
  )


def convert_split(
  pairs: Sequence[Pair],
  output_dir: str | os.PathLike,
  split: str,
  info: dataset_info.DatasetInfo,
  *,
  num_shards: int = 4,
  num_workers: int | None = None,
  label_map: np.ndarray | None = None,
) -> Histogram:
  """Converts a split to shards, checking every image and every mask.

  Images are stored as they are; masks as 8-bit grey PNGs of class indices.
  Either the whole split appears, read back and compared, or nothing does. A
  `dataset.yaml` with the classes and the sizes of the splits converted so far
  is written beside the shards.

  Args:
    pairs: (id, image path, mask path) of each record, in the order they get.
    output_dir: the folder for the shards; created if need be. Shards of the
      same split and number are replaced.
    split: name of the split, "train".
    info: the data set.
    num_shards: how many files the split is spread over.
    num_workers: threads that read and check; by default one per CPU, at most 8.
    label_map: `[256]` integers, the label that each value of a mask stands
      for, where masks do not hold the labels themselves (Cityscapes).

  Returns:
    The histogram of the labels.

  Raises:
    ConversionError: listing every file that cannot be read, every mask that is
      no mask of indices, holds other values than classes and void, or differs
      in size from its image, and every id listed twice.
    ValueError: for an argument that does not fit, or a folder that holds other
      records.
  """
  output_dir = pathlib.Path(output_dir)
  _check_arguments(pairs, output_dir, split, info, num_shards)
  if label_map is not None:
    label_map = np.asarray(label_map)
    if (
      label_map.shape != (256,)
      or not ((label_map >= 0) & (label_map <= 255)).all()
    ):
      raise ValueError(
        "`label_map` must be 256 integers in 0..255. Received: shape "
        f"{label_map.shape}, {label_map.dtype}."
      )
    label_map = label_map.astype(np.uint8)
  output_dir.mkdir(parents=True, exist_ok=True)
  names = [
    os.path.basename(records.shard_path(output_dir, split, i, num_shards))
    for i in range(num_shards)
  ]
  with (
    _partial_dir(output_dir, split) as partial,
    contextlib.closing(
      _convert_all(
        pairs,
        info,
        label_map,
        num_workers or min(os.cpu_count() or 1, 8),
        split,
      )
    ) as converted,
  ):
    all_counts, problems = _write_shards(
      converted,
      _shard_sizes(len(pairs), num_shards),
      [partial / name for name in names],
    )
    if problems:
      raise ConversionError(
        f"The split {split!r} was not converted; problems", problems
      )
    for name in names:
      os.replace(partial / name, output_dir / name)
  _merge_split_size(info, output_dir, split, len(pairs))
  histogram = Histogram.empty(info)
  for counts in all_counts:
    histogram.add(counts)
  return histogram
