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

"""Cityscapes as it is downloaded: its folders and its label ids."""

import os
import pathlib

import numpy as np

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.preparation import samples

# The labelId of each trainId, and how many labelIds there are in the table of
# cityscapesScripts. The license plate (-1) is never drawn into a mask.
LABEL_IDS = dataset_info.get_dataset_info("cityscapes").eval_ids
_NUM_LABEL_IDS = 34
_VOID = 255
_IMAGE_ENDING = "_leftImg8bit.png"
_MASK_ENDING = "_gtFine_labelIds.png"
# What lies beside the mask, or is taken for it.
_OTHER_MASKS = ("_gtFine_labelTrainIds.png", "_gtFine_color.png")


def label_map() -> np.ndarray:
  """Returns what each value of a `labelIds` file stands for in training.

  Returns:
    int64 `[256]`: the trainId 0..18, 255 for the label ids without one, and
    `masks.ILLEGAL` for what is no label id. A file of trainIds holds 255 and
    is thereby refused.
  """
  table = np.full(256, masks.ILLEGAL)
  table[:_NUM_LABEL_IDS] = _VOID
  table[list(LABEL_IDS)] = range(len(LABEL_IDS))
  return table


def split_pairs(
  root_dir: str | os.PathLike, split: str, *, with_masks: bool = True
) -> list[samples.Pair]:
  """Lists the pairs of a split of the fine annotations.

  Args:
    root_dir: holds `leftImg8bit/SPLIT/CITY/ID_leftImg8bit.png` and
      `gtFine/SPLIT/CITY/ID_gtFine_labelIds.png`, where ID is
      `CITY_SEQUENCE_FRAME`.
    split: "train", "val" or "test".
    with_masks: False leaves gtFine alone.

  Returns:
    The pairs, sorted by id.

  Raises:
    FileNotFoundError: if there is no folder of the split.
    ConversionError: naming every mask that is missing, and whether there is one
      of another kind in its place.
  """
  images = pathlib.Path(root_dir, "leftImg8bit", split)
  if not images.is_dir():
    known = sorted(p.name for p in images.parent.glob("*") if p.is_dir())
    raise FileNotFoundError(
      f"{images} does not exist. Splits there: {', '.join(known) or 'none'}. "
      "Unpack leftImg8bit_trainvaltest.zip and gtFine_trainvaltest.zip side by "
      "side."
    )
  pairs, problems = [], []
  for image in sorted(images.glob(f"*/*{_IMAGE_ENDING}")):
    name = image.name.removesuffix(_IMAGE_ENDING)
    if not with_masks:
      pairs.append(samples.Pair(name, image, None))
      continue
    masks = pathlib.Path(root_dir, "gtFine", split, image.parent.name)
    mask = masks / f"{name}{_MASK_ENDING}"
    if not mask.is_file():
      others = [e for e in _OTHER_MASKS if (masks / f"{name}{e}").is_file()]
      hint = (
        f"; beside it lies *{others[0]}, but labelIds are needed and are "
        "turned into trainIds here"
        if others
        else ""
      )
      problems.append(f"{mask}{hint}")
    pairs.append(samples.Pair(name, image, mask))
  if problems:
    raise samples.ConversionError(
      f"Masks of the images in {images} are missing", problems
    )
  return pairs
