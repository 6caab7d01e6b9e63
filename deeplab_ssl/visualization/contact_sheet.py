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

"""One picture with many images and their masks laid over them."""

from collections.abc import Sequence
import math
import os
from typing import NamedTuple

import matplotlib.figure
import matplotlib.patches
import numpy as np
from PIL import Image

from deeplab_ssl.visualization import images

_THUMBNAIL = 320


class Picture(NamedTuple):
  """An image with its mask.

  Attributes:
    title: what is written above.
    image: uint8 `[height, width, 3]`.
    label: integer `[height, width]`, or None.
  """

  title: str
  image: np.ndarray
  label: np.ndarray | None


def _thumbnail(picture):
  """Returns the picture, shrunk so that it fits its place."""
  height, width = picture.image.shape[:2]
  scale = min(1.0, _THUMBNAIL / max(height, width))
  size = max(1, round(width * scale)), max(1, round(height * scale))
  image = np.asarray(Image.fromarray(picture.image).resize(size))
  label = picture.label
  if label is not None:
    # No class between two classes: the nearest pixel.
    label = Image.fromarray(np.asarray(label, np.uint8))
    label = np.asarray(label.resize(size, Image.Resampling.NEAREST))
  return Picture(picture.title, image, label)


def save_contact_sheet(
  path: str | os.PathLike,
  pictures: Sequence[Picture],
  class_names: Sequence[str],
  colormap: Sequence,
  columns: int = 3,
) -> None:
  """Writes each image beside itself with its mask, and the colours below.

  Args:
    path: the PNG.
    pictures: at least one.
    class_names: the name of each class.
    colormap: one RGB per class, 0 to 255.
    columns: how many pictures stand in a row.
  """
  columns = min(columns, len(pictures))
  rows = math.ceil(len(pictures) / columns)
  shown = set()
  figure = matplotlib.figure.Figure(
    figsize=(4.4 * columns, 1.9 * rows + 1.0), layout="constrained"
  )
  axes = figure.subplots(rows, 2 * columns, squeeze=False)
  for axis in axes.flat:
    axis.set_axis_off()
  for index, picture in enumerate(map(_thumbnail, pictures)):
    row, column = divmod(index, columns)
    left, right = axes[row, 2 * column : 2 * column + 2]
    left.imshow(picture.image)
    # Names come from the data: no mathematics in them.
    left.set_title(picture.title, fontsize=8, loc="left", parse_math=False)
    if picture.label is None:
      right.text(0.5, 0.5, "no mask", ha="center", va="center")
      continue
    shown.update(np.unique(picture.label).tolist())
    right.imshow(images.overlay(picture.image, picture.label, colormap))
  handles = [
    matplotlib.patches.Patch(color=np.array(color) / 255, label=name)
    for label, (name, color) in enumerate(
      zip(class_names, colormap, strict=True)
    )
    if label in shown
  ]
  if any(label >= len(class_names) for label in shown):
    void = images.colorize(np.array([[255]]), colormap)[0, 0]
    handles.append(matplotlib.patches.Patch(color=void / 255, label="(void)"))
  if handles:
    figure.legend(
      handles=handles,
      loc="outside lower center",
      ncols=min(len(handles), 3 * columns),
      fontsize=8,
    )
  images.save_figure(path, figure)
