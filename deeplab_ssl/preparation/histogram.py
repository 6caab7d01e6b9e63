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

"""How often the labels of a split occur."""

import dataclasses

import numpy as np

from deeplab_ssl.input import dataset_info


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
