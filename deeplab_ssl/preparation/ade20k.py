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

"""ADE20K's scene parsing benchmark as it is downloaded: folders and labels."""

import os
import pathlib

import numpy as np

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.preparation import layouts
from deeplab_ssl.preparation import samples

# How the development kit, ADEChallengeData2016, calls the folders of a split.
FOLDERS = {"train": "training", "val": "validation"}


def label_map() -> np.ndarray:
  """Returns what each value of an annotation stands for in training.

  Returns:
    int64 `[256]`: the labels 0 (void) to 150 as they are, `masks.ILLEGAL` for
    what is none.
  """
  table = np.full(256, masks.ILLEGAL)
  labels = range(dataset_info.get_dataset_info("ade20k").num_classes)
  table[list(labels)] = labels
  return table


def split_pairs(
  root_dir: str | os.PathLike, split: str, *, with_masks: bool = True
) -> list[samples.Pair]:
  """Lists the pairs of a split.

  Args:
    root_dir: the folder ADEChallengeData2016, which holds
      `images/training/ID.jpg` and `annotations/training/ID.png`, and the same
      of validation.
    split: "train" or "val".
    with_masks: False leaves the annotations alone.

  Returns:
    The pairs, sorted by id.

  Raises:
    ValueError: for another split.
    FileNotFoundError: if a folder of the split is missing or holds no images.
    ConversionError: naming every image without an annotation and the other way
      round.
  """
  if split not in FOLDERS:
    raise ValueError(
      f"The splits of ADE20K are {' and '.join(FOLDERS)}. Received: {split!r}. "
      "Others are converted by `python -m deeplab_ssl.convert folder "
      "--dataset=ade20k`, images without annotations with --nomasks."
    )
  root = pathlib.Path(root_dir)
  folders = {
    kind: root / kind / FOLDERS[split]
    for kind in ("images", *(["annotations"] if with_masks else []))
  }
  for folder in folders.values():
    if not folder.is_dir():
      below = sorted(root.glob("*/images"))
      hint = f" Did you mean {below[0].parent}?" if below else ""
      raise FileNotFoundError(
        f"The folder {folder} does not exist.{hint} Give the folder "
        "ADEChallengeData2016 of the unpacked ADEChallengeData2016.zip."
      )
  pairs = layouts.folder_pairs(folders["images"], folders.get("annotations"))
  if not pairs:
    raise FileNotFoundError(
      f"The folder {folders['images']} holds no images. Give the scene parsing "
      "benchmark, ADEChallengeData2016; the whole ADE20K, with a folder for "
      "each scene, has other labels."
    )
  return pairs
