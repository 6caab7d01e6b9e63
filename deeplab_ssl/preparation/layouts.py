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

"""Finding images and masks: VOC devkits, pairs of folders, lists of ids."""

from collections.abc import Iterable
from collections.abc import Sequence
import hashlib
import os
import pathlib

from deeplab_ssl.common import image_files
from deeplab_ssl.common import names as names_lib
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import image_decoder
from deeplab_ssl.preparation import file_index
from deeplab_ssl.preparation import samples

# The splits of the halves of a validation split.
HALVES = ("val_a", "val_b")

_MASK_EXTENSIONS = (".png",)
_IMAGE_EXTENSIONS = image_decoder.EXTENSIONS
# The second column of VOC's lists of the images with an object of a class.
_PRESENCE = {"-1", "0", "1"}


def read_ids(path: str | os.PathLike) -> list[str]:
  """Reads a list with one id a line.

  Args:
    path: the text file; blank lines and spaces around ids do not matter.

  Returns:
    The ids in their order.

  Raises:
    FileNotFoundError: if there is no such file.
    ConversionError: naming every line that is no id, such as a path that
      leaves its folder or a line with two columns, and why.
  """
  path = pathlib.Path(path)
  try:
    # utf-8-sig: editors on Windows put a byte order mark in front.
    lines = path.read_text(encoding="utf-8-sig").splitlines()
  except UnicodeDecodeError as error:
    raise samples.ConversionError(
      "No list of ids",
      [f"{path}: is no text file in UTF-8 ({error}); save it as UTF-8"],
    ) from error
  names = [names_lib.composed(line.strip()) for line in lines if line.strip()]
  # An id may end in a number behind a space; all of them do in such a list.
  of_presence = {name.split()[-1] for name in names}
  if "-1" in of_presence and of_presence <= _PRESENCE:
    raise samples.ConversionError(
      f"{path} says in a second column which images show an object, as the "
      "lists of ImageSets/Main do. Give one with ids alone, as those of "
      "ImageSets/Segmentation are; lines with a second column",
      list(map(repr, names)),
    )
  wrong = [f"{name!r}: {why}" for name in names if (why := _line_fault(name))]
  if wrong:
    raise samples.ConversionError(
      f"Lines of {path} that are no ids (names such as 2007_000032, without "
      "folder or extension, one a line)",
      wrong,
    )
  return names


def _line_fault(line):
  """Says why a line of a list is no id; "" if it is one, spaces and all."""
  endings = [
    pathlib.PurePosixPath(column).suffix.lower() for column in line.split()
  ]
  if sum(ending in _IMAGE_EXTENSIONS for ending in endings) > 1:
    return "names two files; the id alone names both"
  return names_lib.fault(line)


def image_index(folder: str | os.PathLike) -> file_index.FileIndex:
  """Returns the images of a folder by id.

  Args:
    folder: the folder.
  """
  return file_index.FileIndex(folder, _IMAGE_EXTENSIONS)


def mask_index(folder: str | os.PathLike) -> file_index.FileIndex:
  """Returns the mask PNGs of a folder by id.

  Args:
    folder: the folder.
  """
  return file_index.FileIndex(folder, _MASK_EXTENSIONS)


# === VOC layout ===


def devkit_ids(devkit_dir: str | os.PathLike, split: str) -> list[str]:
  """Reads `ImageSets/Segmentation/SPLIT.txt` of a devkit.

  Args:
    devkit_dir: the folder in the layout of PASCAL VOC.
    split: name of the list, "train".

  Returns:
    The ids in their order.

  Raises:
    FileNotFoundError: if there is no such list; names those that are there.
    ConversionError: for lines that are no ids.
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
  return read_ids(path)


def devkit_pairs(
  devkit_dir: str | os.PathLike, split: str, *, with_masks: bool = True
) -> list[samples.Pair]:
  """Lists the pairs of a split of a folder in the layout of PASCAL VOC.

  Args:
    devkit_dir: holds `ImageSets/Segmentation/SPLIT.txt` with one id a line,
      `JPEGImages/ID.jpg` (or .jpeg, .png, .bmp) and `SegmentationClass/ID.png`.
    split: name of the list, "train".
    with_masks: False for a split without masks.

  Returns:
    The pairs in the order of the list.

  Raises:
    FileNotFoundError: if there is no such list; names those that are there.
    ConversionError: naming every image and mask that is missing or there twice,
      or every line that is no id.
  """
  root = pathlib.Path(devkit_dir)
  names = devkit_ids(root, split)
  images = image_index(root / "JPEGImages")
  masks = mask_index(root / "SegmentationClass") if with_masks else None
  pairs = [
    samples.Pair(
      name, images.path(name, ".jpg"), masks and masks.path(name, ".png")
    )
    for name in names
  ]
  require_files(
    pairs,
    f"{root / 'ImageSets' / 'Segmentation' / split}.txt",
    [images, masks] if masks else [images],
  )
  return pairs


def require_files(
  pairs: Sequence[samples.Pair],
  source: str,
  indices: Iterable[file_index.FileIndex],
) -> None:
  """Checks that the files of the pairs exist, and no other of their ids.

  Args:
    pairs: the pairs.
    source: who lists them, for the message.
    indices: where they were looked for.

  Raises:
    ConversionError: naming every image and mask that is missing, or every id
      with several.
  """
  missing = [
    str(path)
    for pair in pairs
    for path in (pair.image_path, pair.mask_path)
    if path is not None and not pathlib.Path(path).exists()
  ]
  if missing:
    raise samples.ConversionError(
      f"Files that {source} lists are missing", missing
    )
  names = [pair.name for pair in pairs]
  several = [line for index in indices for line in index.several(names)]
  if several:
    raise samples.ConversionError(
      f"Which files {source} means is unclear", several
    )


# === A folder of images and one of masks ===


def folder_pairs(
  image_dir: str | os.PathLike,
  mask_dir: str | os.PathLike | None,
  names: Sequence[str] | None = None,
) -> list[samples.Pair]:
  """Lists images and masks that have the same name but for the extension.

  Args:
    image_dir: the folder of the images.
    mask_dir: the folder of the mask PNGs; None for images without masks.
    names: ids to take; by default all images, sorted.

  Returns:
    The pairs in the order of the ids.

  Raises:
    FileNotFoundError: if a folder does not exist.
    ConversionError: naming every image without a mask and the other way round,
      every id with several images or masks and every name that can be no id.
      With `names`, only these are looked at.
  """
  folders = [pathlib.Path(d) for d in (image_dir, mask_dir) if d is not None]
  for folder in folders:
    if not folder.is_dir():
      raise FileNotFoundError(f"The folder {folder} does not exist.")
  images = image_index(image_dir)
  masks = None if mask_dir is None else mask_index(mask_dir)
  problems = []
  if names is None:
    names = images.names()
    problems += [
      f"{images.path(name, '')}: {why}"
      for name in names
      if (why := names_lib.fault(name))
    ]
    if masks:
      problems += [
        f"{masks.path(name, '')}: has no image in {images.folder}"
        for name in masks.names()
        if not images.find(name)
      ]
  problems += images.several(names)
  problems += masks.several(names) if masks else ()
  pairs = []
  for name in names:
    image, mask = images.path(name, ""), masks and masks.path(name, ".png")
    if not images.find(name):
      extensions = ", ".join(_IMAGE_EXTENSIONS[1:])
      problems.append(
        f"{images.folder / name}{_IMAGE_EXTENSIONS[0]} (or {extensions}): "
        "does not exist"
      )
    if masks and not masks.find(name):
      problems.append(f"{mask}: does not exist")
    pairs.append(samples.Pair(name, image, mask))
  if problems:
    raise samples.ConversionError(
      "Images and masks do not belong together", problems
    )
  return pairs


def describe_other_files(image_dir: str | os.PathLike) -> str:
  """Says which files of a folder of images `folder_pairs` does not look at.

  Args:
    image_dir: the folder.

  Returns:
    A sentence, or "" if there is none.
  """
  paths = pathlib.Path(image_dir).iterdir()
  _, others = image_files.split(paths, _IMAGE_EXTENSIONS)
  return image_files.describe_others(others, _IMAGE_EXTENSIONS)


def random_split(
  names: Iterable[str], val_fraction: float, seed: int
) -> tuple[list[str], list[str]]:
  """Splits ids at random, in the same way on every machine.

  An id is drawn by its hash with the seed, so that neither the order of the ids
  nor the version of a generator matters.

  Args:
    names: the ids, at least two; one that is there twice counts once.
    val_fraction: share of the second part, between 0 and 1; each part gets at
      least one id.
    seed: another seed, another split.

  Returns:
    (ids to train on, ids to validate on), each sorted.

  Raises:
    ValueError: if the fraction is not between 0 and 1 or there are fewer than
      two ids.
  """
  names = sorted(set(names))
  if not 0 < val_fraction < 1:
    raise ValueError(
      f"`val_fraction` must be between 0 and 1. Received: {val_fraction}."
    )
  if len(names) < 2:
    raise ValueError(f"A split needs two images. Received: {len(names)}.")
  shuffled = sorted(
    names, key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).digest()
  )
  size = min(max(round(val_fraction * len(names)), 1), len(names) - 1)
  return sorted(shuffled[size:]), sorted(shuffled[:size])


def halves(pairs: Sequence) -> dict[str, Sequence]:
  """Divides a split in order to choose on one half and to report on the other.

  They are the first and the second half, not every other image: neighbouring
  frames of a film are alike, and what is chosen on one must not know the other.

  Args:
    pairs: what a list of images names, in its order.

  Returns:
    {"val_a": first half, "val_b": second half}, named as in `HALVES`.

  Raises:
    ValueError: if there are fewer than two.
  """
  if len(pairs) < 2:
    raise ValueError(
      f"Two halves need two validation images. Received: {len(pairs)}."
    )
  middle = len(pairs) // 2
  return dict(zip(HALVES, (pairs[:middle], pairs[middle:]), strict=True))


# === Counts ===


def check_count(info: dataset_info.DatasetInfo, split: str, found: int) -> None:
  """Checks the number of images of a split whose size is known.

  Args:
    info: the data set; a split that it gives no size passes.
    split: name of the split.
    found: number of images.

  Raises:
    ValueError: if the split should have another number.
  """
  expected = info.splits.get(split, found)
  if found != expected:
    raise ValueError(
      f"The split {split!r} of {info.name!r} has {expected} images; found "
      f"{found}. Complete the download, or convert what is there with --subset."
    )
