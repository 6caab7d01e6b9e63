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


"""Masks of image files, from an exported model."""

from collections.abc import Callable
from collections.abc import Sequence
import os
import pathlib

import numpy as np
from PIL import Image
import tensorflow as tf
import tqdm

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.input import whole_files
from deeplab_ssl.visualization import images as images_lib

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".gif")


def find_images(paths: Sequence[str | os.PathLike]) -> dict[str, pathlib.Path]:
  """Finds images and names them.

  Args:
    paths: files, taken as they are, and folders, of which all files with an
      extension of an image are taken, also in folders in them.

  Returns:
    {name without extension: file}; the name of a file in a folder that was
    given is its path in that folder.

  Raises:
    FileNotFoundError: if a path does not exist or a folder holds no image.
    ValueError: if two images have the same name.
  """
  found = {}
  for given in map(pathlib.Path, paths):
    if given.is_dir():
      files = sorted(
        path
        for path in given.rglob("*")
        if path.suffix.lower() in EXTENSIONS and path.is_file()
      )
      if not files:
        raise FileNotFoundError(
          f"The folder {given} holds no image ({', '.join(EXTENSIONS)})."
        )
      named = [(path.relative_to(given), path) for path in files]
    elif given.is_file():
      named = [(pathlib.Path(given.name), given)]
    else:
      raise FileNotFoundError(f"The image or folder {given} does not exist.")
    for relative, path in named:
      name = relative.with_suffix("").as_posix()
      if name in found:
        raise ValueError(
          f"{found[name]} and {path} would both be predicted as {name}.png. "
          "Rename one, or predict them into two folders."
        )
      found[name] = path
  return found


def _read_image(path):
  """Returns uint8 RGB, decoded as training and evaluation decode it."""
  try:
    image = tf.io.decode_image(
      path.read_bytes(), channels=3, expand_animations=False
    )
  except tf.errors.InvalidArgumentError as error:
    raise ValueError("is no image that can be decoded") from error
  return image.numpy()


def predict_files(
  segment: Callable[[np.ndarray], np.ndarray],
  files: dict[str, pathlib.Path],
  output_dir: str | os.PathLike,
  info: dataset_info.DatasetInfo,
  overlays: bool = True,
) -> list[str]:
  """Writes a mask, and a picture of it, for each image.

  Args:
    segment: maps a uint8 RGB image `[height, width, 3]` to labels `[height,
      width]`; what `exported.load` returns.
    files: {name: file}, as `find_images` returns them.
    output_dir: gets `masks/NAME.png`, palette PNGs of class indices, and
      `overlays/NAME.png`, the image with the colours of the classes over it.
    info: the data set, for its colours.
    overlays: whether the latter are drawn.

  Returns:
    "FILE: reason" for each image that could not be predicted; the others are.
  """
  output_dir = pathlib.Path(output_dir)
  failures = []
  for name, path in tqdm.tqdm(files.items(), desc="predict", unit="image"):
    try:
      image = _read_image(path)
      labels = segment(image)
    except ValueError as error:
      failures.append(f"{path}: {error}")
      continue
    whole_files.write(
      output_dir / "masks" / f"{name}.png", masks.encode_mask(labels, info)
    )
    if overlays:
      overlay = images_lib.overlay(image, labels, info.colormap)
      target = output_dir / "overlays" / f"{name}.png"
      target.parent.mkdir(parents=True, exist_ok=True)
      Image.fromarray(overlay).save(target)
  return failures
