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

"""The training set of PASCAL VOC 2012 with the masks of SBD: "trainaug".

Its images are those of VOC's train, with VOC's own masks, and those of SBD
(Hariharan et al., "Semantic contours from inverse detectors", ICCV 2011) that
are not in VOC's val.
"""

import os
import pathlib

from deeplab_ssl.preparation import layouts
from deeplab_ssl.preparation import samples

SPLIT = "trainaug"


def _sbd_root(sbd_dir):
  """The folder with `cls`, inside the download or given itself."""
  root = pathlib.Path(sbd_dir)
  for folder in (root / "dataset", root):
    if (folder / "cls").is_dir():
      return folder
  raise FileNotFoundError(
    f"{root} is not SBD's download: neither {root / 'dataset' / 'cls'} nor "
    f"{root / 'cls'} exists."
  )


def _ids(devkit_dir, sbd_root, train, val):
  """The ids of the devkit's list, or those that SBD's own lists give."""
  path = pathlib.Path(devkit_dir, "ImageSets/Segmentation", f"{SPLIT}.txt")
  if path.is_file() or sbd_root is None:
    return layouts.devkit_ids(devkit_dir, SPLIT)
  of_sbd = {
    name
    for split in ("train", "val")
    for name in layouts.read_ids(sbd_root / f"{split}.txt")
  }
  return sorted((of_sbd | set(train)) - set(val))


def trainaug_pairs(
  devkit_dir: str | os.PathLike,
  *,
  aug_mask_dir: str | os.PathLike | None = None,
  sbd_dir: str | os.PathLike | None = None,
) -> list[samples.Pair]:
  """Lists the pairs of trainaug: VOC's masks for its train, SBD's for the rest.

  Args:
    devkit_dir: the folder VOC2012, with the lists train and val. The ids are
      those of its list trainaug; with `sbd_dir` and without such a list, those
      of train and of SBD's train.txt and val.txt less those of val.
    aug_mask_dir: a folder of PNGs, known as SegmentationClassAug.
    sbd_dir: SBD's download, with `dataset/cls/ID.mat` and `dataset/img/ID.jpg`;
      instead of `aug_mask_dir`. An image that the devkit lacks is taken from
      here.

  Returns:
    The pairs in the order of the ids.

  Raises:
    ValueError: unless one of the two folders is given.
    FileNotFoundError: if a list or folder does not exist.
    ConversionError: naming every image of val in trainaug and every file that
      is missing.
  """
  if (aug_mask_dir is None) == (sbd_dir is None):
    raise ValueError(
      f"The split {SPLIT!r} needs the masks of SBD: give either a folder of "
      "PNGs (--aug_mask_dir) or SBD's download (--sbd_dir)."
    )
  root = pathlib.Path(devkit_dir)
  sbd_root = None if sbd_dir is None else _sbd_root(sbd_dir)
  train = layouts.devkit_ids(root, "train")
  val = layouts.devkit_ids(root, "val")
  names = _ids(root, sbd_root, train, val)
  leaked = sorted(set(names) & set(val))
  if leaked:
    raise samples.ConversionError(
      f"Images of val that the list {SPLIT} of {root} would train on", leaked
    )
  official = set(train)
  images = layouts.image_index(root / "JPEGImages")
  masks = layouts.mask_index(root / "SegmentationClass")
  sbd_images = sbd_root and layouts.image_index(sbd_root / "img")
  aug_masks = aug_mask_dir and layouts.mask_index(aug_mask_dir)
  pairs = []
  for name in names:
    of_sbd = sbd_images and not images.find(name) and sbd_images.find(name)
    if name in official:
      mask = masks.path(name, ".png")
    elif sbd_root is not None:
      mask = sbd_root / "cls" / f"{name}.mat"
    else:
      mask = aug_masks.path(name, ".png")
    image = of_sbd[0] if of_sbd else images.path(name, ".jpg")
    pairs.append(samples.Pair(name, image, mask))
  indices = filter(None, (images, sbd_images, aug_masks))
  layouts.require_files(pairs, f"{SPLIT} of {root}", indices)
  return pairs
