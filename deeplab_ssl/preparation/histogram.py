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

"""How often the labels of a split occur, and whether they can be learnt."""

from collections.abc import Sequence
import dataclasses

import numpy as np

from deeplab_ssl.input import dataset_info


@dataclasses.dataclass
class Histogram:
  """How often the labels of a split occur.

  Attributes:
    info: the data set.
    pixels: int64 `[num_classes]`, pixels per class; 0 where a class is void.
    images: int64 `[num_classes]`, images in which the class occurs.
    void: number of void pixels.
    num_images: number of images, with or without a mask.
    num_turned: number of images that viewers turn after their EXIF data.
  """

  info: dataset_info.DatasetInfo
  pixels: np.ndarray
  images: np.ndarray
  void: int = 0
  num_images: int = 0
  num_turned: int = 0

  @classmethod
  def empty(cls, info: dataset_info.DatasetInfo) -> "Histogram":
    """Returns a histogram of nothing."""
    zeros = np.zeros(info.num_classes, np.int64)
    return cls(info, zeros, zeros.copy())

  def add(self, counts: np.ndarray | None, turned: bool = False) -> None:
    """Adds an image.

    Args:
      counts: int64 `[256]`, pixels per label; None without a mask.
      turned: whether viewers turn it.
    """
    self.num_images += 1
    self.num_turned += turned
    if counts is not None:
      scored = list(self.info.scored_labels)
      self.pixels[scored] += counts[scored]
      self.images[scored] += counts[scored] > 0
      self.void += int(counts[self.info.ignore_label])

  def __str__(self):
    total = max(int(self.pixels.sum()) + self.void, 1)
    width = max(10, *map(len, self.info.class_names))
    lines = [f"{'label':>5}  {'class':<{width}}  {'pixels':>12}  share  images"]
    for label in self.info.scored_labels:
      name = self.info.class_names[label]
      lines.append(
        f"{label:>5}  {name:<{width}}  {self.pixels[label]:>12}  "
        f"{self.pixels[label] / total:>5.1%}  {self.images[label]:>6}"
      )
    lines.append(
      f"{self.info.ignore_label:>5}  {'(void)':<{width}}  {self.void:>12}  "
      f"{self.void / total:>5.1%}"
    )
    return "\n".join(lines)


def is_learnt_from(split: str) -> bool:
  """Says whether a split is one to train on, by its name.

  Args:
    split: "train", "val_2"; what is not for validation or a test is.
  """
  return not split.startswith(("val", "test"))


def unlearnable(
  info: dataset_info.DatasetInfo, pixels: Sequence[int], void: int
) -> str:
  """Says which classes a training cannot learn though there is void in use.

  That is how masks of 0 and 255 look where 255 should have been a class: the
  training would see one class alone, and be right about it everywhere.

  Args:
    info: the data set.
    pixels: pixels of each class in what is trained on.
    void: pixels of void in it.

  Returns:
    A sentence on classes without a single pixel beside void, with the way out;
    "" if there are none, or if nothing is void.
  """
  named = list(zip(info.class_names, pixels, strict=True))
  absent = [
    named[label][0] for label in info.scored_labels if not named[label][1]
  ]
  total = int(sum(pixels)) + int(void)
  if not absent or not void:
    return ""
  void_value = info.ignore_label
  label = info.class_names.index(absent[0]) if len(absent) == 1 else "LABEL"
  return (
    f"no pixel is {', '.join(absent)}, and {void / total:.1%} are void "
    f"({void_value}), which is not trained on. If the masks mean a class by "
    f"{void_value}, say which: --label_map={void_value}:{label} or, in the "
    f"YAML file, `label_map: {{{void_value}: {label}}}`. A class that is not "
    "there is left out of class_names; --subset takes the data as they are"
  )
