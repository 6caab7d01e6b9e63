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
from deeplab_ssl.preparation import samples

_EXTENSIONS = (".jpg", ".jpeg", ".png")


def read_ids(path: str | os.PathLike) -> list[str]:
  """Reads a list with one id a line.

  Args:
    path: the text file; blank lines and spaces around ids do not matter.

  Returns:
    The ids in their order.

  Raises:
    FileNotFoundError: if there is no such file.
    ConversionError: naming every line that is no id, such as a path that
      leaves its folder or a line with two columns.
  """
  path = pathlib.Path(path)
  try:
    # utf-8-sig: editors on Windows put a byte order mark in front.
    lines = path.read_text(encoding="utf-8-sig").splitlines()
  except UnicodeDecodeError as error:
    raise samples.ConversionError(
      "No list of ids", [f"{path}: is no text file ({error})"]
    ) from error
  names = list(filter(None, map(str.strip, lines)))
  wrong = [
    name
    for name in names
    if not names_lib.is_safe_name(name) or len(name.split()) > 1
  ]
  if wrong:
    raise samples.ConversionError(
      f"Lines of {path} that are no ids (names such as 2007_000032, without "
      "folder or extension)",
      list(map(repr, wrong)),
    )
  return names


def find_image(folder: str | os.PathLike, name: str) -> pathlib.Path | None:
  """Returns the JPEG or PNG of an id in a folder, None if there is none."""
  for extension in image_files.spellings(_EXTENSIONS):
    path = pathlib.Path(folder, name + extension)
    if path.is_file():
      return path
  return None


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
      `JPEGImages/ID.jpg` (or .jpeg, .png) and `SegmentationClass/ID.png`.
    split: name of the list, "train".
    with_masks: False for a split without masks.

  Returns:
    The pairs in the order of the list.

  Raises:
    FileNotFoundError: if there is no such list; names those that are there.
    ConversionError: naming every image and mask that is missing, or every line
      that is no id.
  """
  root = pathlib.Path(devkit_dir)
  pairs = [
    samples.Pair(
      name,
      find_image(root / "JPEGImages", name)
      or root / "JPEGImages" / f"{name}.jpg",
      root / "SegmentationClass" / f"{name}.png" if with_masks else None,
    )
    for name in devkit_ids(root, split)
  ]
  require_files(pairs, f"{root / 'ImageSets' / 'Segmentation' / split}.txt")
  return pairs


def require_files(pairs: Iterable[samples.Pair], source: str) -> None:
  """Checks that the files of the pairs exist.

  Args:
    pairs: the pairs.
    source: who lists them, for the message.

  Raises:
    ConversionError: naming every image and mask that is missing.
  """
  missing = [
    str(path)
    for pair in pairs
    for path in (pair.image_path, pair.mask_path)
    if path is not None and not pathlib.Path(path).is_file()
  ]
  if missing:
    raise samples.ConversionError(
      f"Files that {source} lists are missing", missing
    )


# === A folder of images and one of masks ===


def folder_pairs(
  image_dir: str | os.PathLike,
  mask_dir: str | os.PathLike | None,
  names: Sequence[str] | None = None,
) -> list[samples.Pair]:
  """Lists images and masks that have the same name but for the extension.

  Args:
    image_dir: the folder of the JPEGs and PNGs.
    mask_dir: the folder of the mask PNGs; None for images without masks.
    names: ids to take; by default all images, sorted.

  Returns:
    The pairs in the order of the ids.

  Raises:
    FileNotFoundError: if a folder does not exist.
    ConversionError: naming every image without a mask and the other way round,
      and every id with several images. With `names`, only these are looked at.
  """
  folders = [pathlib.Path(d) for d in (image_dir, mask_dir) if d is not None]
  for folder in folders:
    if not folder.is_dir():
      raise FileNotFoundError(f"The folder {folder} does not exist.")
  images = folders[0]
  problems = []
  if names is None:
    found, _ = image_files.split(images.iterdir(), _EXTENSIONS)
    stems = [path.stem for path in found]
    names = sorted(set(stems))
    problems += [
      f"{images / name}.*: several images of one name"
      for name in names
      if stems.count(name) > 1
    ]
    if mask_dir is not None:
      left_over = {p.stem for p in folders[1].glob("*.png")} - set(names)
      problems += [
        f"{folders[1] / name}.png: has no image in {images}"
        for name in sorted(left_over)
      ]
  pairs = []
  for name in names:
    image = find_image(images, name)
    mask = None if mask_dir is None else folders[1] / f"{name}.png"
    if image is None:
      problems.append(f"{images / name}.jpg (or .jpeg, .png): does not exist")
    if mask is not None and not mask.is_file():
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
  _, others = image_files.split(pathlib.Path(image_dir).iterdir(), _EXTENSIONS)
  return image_files.describe_others(others, _EXTENSIONS)


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
