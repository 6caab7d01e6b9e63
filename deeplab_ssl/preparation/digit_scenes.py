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

"""Scenes of handwritten digits: a segmentation data set without a download.

scikit-learn carries 1,797 digits of 8x8 pixels (UCI, Alpaydin and Kaynak).
They are turned, scaled and laid over a textured background and over each
other, beside strokes that look like digits and are not.
"""

from collections.abc import Sequence
import functools
import os
import pathlib

import numpy as np
from PIL import Image
from PIL import ImageDraw
from sklearn import datasets as sklearn_datasets

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import layouts

DEFAULT_SIZE = 129
VOID = 255

# Ink of an 8x8 digit runs from 0 to 16; what is above this is the digit.
_INK_THRESHOLD = 6.5
# Bounds of what is drawn, as shares of the side of the scene.
_DIGIT_HEIGHT = (0.38, 0.62)
_STROKE_WIDTH = (0.015, 0.04)
_MAX_ROTATION = 12.0  # Degrees; 6 and 9 stay apart.
# A digit may hide this share of another, so that each stays recognisable.
_MAX_HIDDEN = 0.2
# Ink is bright and what lies behind is dark: a small network then spends its
# minutes on the shapes. Ranges of colours in 0..255.
_BACKGROUND_COLOR = (10, 100)
_INK_COLOR = (150, 255)
_STROKE_COLOR = (90, 230)


@functools.cache
def _digits():
  """Returns (8x8 images float32 `[1797, 8, 8]` in 0..16, digits `[1797]`)."""
  bunch = sklearn_datasets.load_digits()
  return bunch.images.astype(np.float32), bunch.target.astype(np.int64)


def split_samples() -> tuple[np.ndarray, np.ndarray]:
  """Divides the digits into those of training and those of validation scenes.

  Returns:
    Two disjoint arrays of indices, about 80 and 20 percent; always the same.
    The validation digits are the last ones in scikit-learn's order, whose
    writers are others than the first ones'.
  """
  count = len(_digits()[1])
  cut = int(0.8 * count)
  return np.arange(cut), np.arange(cut, count)


def _texture(rng, size):
  """Returns a smooth coloured texture, float32 `[size, size, 3]`."""
  texture = np.zeros((size, size, 3), np.float32)
  base = rng.uniform(*_BACKGROUND_COLOR, 3)
  for cells, amplitude in ((3, 45), (9, 22), (30, 10)):
    for channel in range(3):
      coarse = rng.uniform(-amplitude, amplitude, (cells, cells))
      smooth = Image.fromarray(coarse.astype(np.float32)).resize(
        (size, size), Image.Resampling.BICUBIC
      )
      texture[..., channel] += np.asarray(smooth)
  return texture + base.astype(np.float32)


def _add_strokes(rng, image, count):
  """Draws lines and arcs of about the width of digits' strokes."""
  size = len(image)
  # Drawn three times as large and reduced, which smooths the edges.
  scale = 3
  for _ in range(count):
    canvas = Image.new("L", (scale * size, scale * size))
    draw = ImageDraw.Draw(canvas)
    x, y = rng.uniform(0, scale * size, 2)
    length = rng.uniform(0.15, 0.6) * scale * size
    angle = rng.uniform(0, 360)  # Degrees.
    width = max(1, int(rng.uniform(*_STROKE_WIDTH) * scale * size))
    if rng.random() < 0.5:
      radians = np.deg2rad(angle)
      dx, dy = length * np.cos(radians), length * np.sin(radians)
      draw.line((x, y, x + dx, y + dy), fill=255, width=width)
    else:
      box = (x, y, x + length / 2, y + length * rng.uniform(0.3, 0.6))
      draw.arc(box, angle, angle + rng.uniform(60, 200), 255, width)
    canvas = canvas.resize((size, size), Image.Resampling.BOX)
    alpha = np.asarray(canvas, np.float32)[..., None] / 255
    color = rng.uniform(*_STROKE_COLOR, 3).astype(np.float32)
    image += alpha * (color - image)


def _digit_mask(rng, digit, size):
  """Places a digit; returns its ink, float32 `[size, size]` in 0..16."""
  height = rng.uniform(*_DIGIT_HEIGHT) * size
  angle = np.deg2rad(rng.uniform(-_MAX_ROTATION, _MAX_ROTATION))
  stretch = rng.uniform(0.85, 1.2)
  centre = rng.uniform(0.4 * height, size - 0.4 * height, 2)
  # From a pixel of the scene to one of the 8x8 digit, which gets a margin of
  # 4 so that bicubic interpolation meets background on all sides.
  step = 8 / height
  cos, sin = step * np.cos(angle), step * np.sin(angle)
  rows = np.array([[cos / stretch, sin / stretch], [-sin, cos]])
  shift = 8 - rows @ centre
  padded = Image.fromarray(np.pad(digit, 4))
  ink = padded.transform(
    (size, size),
    Image.Transform.AFFINE,
    (*rows[0], shift[0], *rows[1], shift[1]),
    Image.Resampling.BICUBIC,
  )
  return np.asarray(ink)


def _neighbour_max(values):
  """The maximum over 3x3 pixels, `[size, size]`."""
  padded = np.pad(values, 1, mode="edge")
  size = len(values)
  return np.max(
    [padded[i : i + size, j : j + size] for i in range(3) for j in range(3)],
    axis=0,
  )


def _paint(rng, image, ink):
  """Lays a digit over the image, with soft edges and a shaded colour."""
  # One unit of ink around the threshold is about a pixel of soft edge.
  alpha = np.clip((ink - _INK_THRESHOLD) / 3 + 0.5, 0, 1)[..., None]
  color = rng.uniform(*_INK_COLOR, 3).astype(np.float32)
  shade = 0.35 * (_texture(rng, len(image)) - np.mean(_BACKGROUND_COLOR))
  image += alpha * (np.clip(color + shade, 0, 255) - image)


def make_scene(
  rng: np.random.Generator,
  size: int = DEFAULT_SIZE,
  samples: Sequence[int] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
  """Composes one scene.

  Args:
    rng: the source of all randomness.
    size: side of the scene in pixels, at least 33.
    samples: indices of the digits to choose from; None for all 1,797.

  Returns:
    image uint8 `[size, size, 3]`, RGB; label uint8 `[size, size]` with 0 for
    background, 1 to 10 for the digits 0 to 9, and 255 in a border of one pixel
    around every digit, where PASCAL VOC has void too.

  Raises:
    ValueError: if the scene would be too small for digits.
  """
  if size < 33:
    raise ValueError(f"`size` must be at least 33. Received: {size}.")
  inks, digits = _digits()
  if samples is None:
    samples = np.arange(len(digits))
  image = _texture(rng, size)
  _add_strokes(rng, image, rng.integers(1, 5))
  # The number of the digit that lies on top of each pixel; 0: background.
  top = np.zeros((size, size), np.int64)
  label = np.zeros((size, size), np.uint8)
  areas = [np.inf]
  wanted = rng.integers(1, 5)
  for _ in range(4 * wanted):
    if len(areas) > wanted:
      break
    sample = rng.choice(samples)
    ink = _digit_mask(rng, inks[sample], size)
    mask = ink > _INK_THRESHOLD
    area = mask.sum()
    visible = np.bincount(top[~mask], minlength=len(areas))
    hides = visible[1:] < (1 - _MAX_HIDDEN) * np.array(areas[1:])
    if area < 0.008 * size * size or hides.any():
      continue
    _paint(rng, image, ink)
    top[mask] = len(areas)
    label[mask] = digits[sample] + 1
    areas.append(area)
  # Later digits lie higher, so this marks one pixel outside of each digit, be
  # it background or a digit below.
  label[_neighbour_max(top) > top] = VOID
  image += rng.normal(0, rng.uniform(2, 10), image.shape)
  return np.clip(image, 0, 255).astype(np.uint8), label


def write_devkit(
  output_dir: str | pathlib.Path,
  num_train: int = 400,
  num_val: int = 100,
  size: int = DEFAULT_SIZE,
  seed: int = 0,
) -> pathlib.Path:
  """Writes scenes as a folder in the layout of PASCAL VOC.

  Training and validation scenes are composed of different digits.

  Args:
    output_dir: gets `JPEGImages` (quality 95), `SegmentationClass` (palette
      PNGs) and `ImageSets/Segmentation/{train,val}.txt`.
    num_train: number of training scenes.
    num_val: number of validation scenes.
    size: side of the scenes in pixels.
    seed: equal seeds give equal scenes.

  Returns:
    The folder.
  """
  root = pathlib.Path(output_dir)
  info = dataset_info.get_dataset_info("digits")
  lists = root / "ImageSets" / "Segmentation"
  for folder in (root / "JPEGImages", root / "SegmentationClass", lists):
    folder.mkdir(parents=True, exist_ok=True)
  splits = zip(
    ("train", "val"), (num_train, num_val), split_samples(), strict=True
  )
  for number, (split, count, samples) in enumerate(splits):
    names = [f"{split}_{index:05d}" for index in range(count)]
    for index, name in enumerate(names):
      # A generator per scene: scene 7 is the same however many there are.
      rng = np.random.default_rng([seed, number, index])
      image, label = make_scene(rng, size, samples)
      Image.fromarray(image).save(
        root / "JPEGImages" / f"{name}.jpg", quality=95
      )
      (root / "SegmentationClass" / f"{name}.png").write_bytes(
        masks.encode_mask(label, info)
      )
    (lists / f"{split}.txt").write_text("".join(f"{n}\n" for n in names))
  return root


def make_records(
  output_dir: str,
  num_train: int,
  num_val: int,
  seed: int,
  halves: bool = False,
) -> str:
  """Writes scenes as a devkit and converts them.

  Args:
    output_dir: gets the folders `devkit` and `records`.
    num_train: scenes of the split `train`.
    num_val: scenes of the split `val`.
    seed: seed of the scenes.
    halves: whether the halves of `val` are splits of their own, too: `val_a`
      and `val_b`.

  Returns:
    The folder of the records.

  Raises:
    ValueError: if there are no two halves of `val`.
  """
  devkit = write_devkit(
    os.path.join(output_dir, "devkit"), num_train, num_val, seed=seed
  )
  records = os.path.join(output_dir, "records")
  info = dataset_info.get_dataset_info("digits")
  splits = {s: layouts.devkit_pairs(devkit, s) for s in ("train", "val")}
  if halves:
    splits |= layouts.halves(splits["val"])
  for split, pairs in splits.items():
    # A few scenes need not show every digit.
    conversion.convert_split(pairs, records, split, info, subset=True)
  return records
