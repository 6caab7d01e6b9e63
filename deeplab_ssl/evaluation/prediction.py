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
import tensorflow as tf
import tqdm

from deeplab_ssl import op_errors
from deeplab_ssl import whole_files
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import image_files
from deeplab_ssl.input import masks
from deeplab_ssl.visualization import images as images_lib

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".gif")


def _files_below(paths):
  """Returns {folder: all that lies in it} of the folders among the paths."""
  folders = filter(pathlib.Path.is_dir, map(pathlib.Path, paths))
  return {folder: list(folder.rglob("*")) for folder in folders}


def describe_other_files(paths: Sequence[str | os.PathLike]) -> str:
  """Says which files of the folders `find_images` does not take for images.

  Args:
    paths: files and folders.

  Returns:
    A sentence, or "" if there is none.
  """
  files = [path for below in _files_below(paths).values() for path in below]
  return image_files.describe_others(files, EXTENSIONS)


def find_images(
  paths: Sequence[str | os.PathLike], output_dir: str | os.PathLike
) -> dict[str, pathlib.Path]:
  """Finds images and names them.

  Args:
    paths: files, taken as they are, and folders, of which all files with an
      extension of an image are taken, also in folders in them.
    output_dir: where the predictions will go.

  Returns:
    {name without extension: file}; the name of a file in a folder that was
    given is its path in that folder.

  Raises:
    FileNotFoundError: if a path does not exist or a folder holds no image.
    ValueError: if two images have the same name, or the predictions would go
      into a folder of images, where they would be images the next time.
  """
  found = {}
  below = _files_below(paths)
  for given in map(pathlib.Path, paths):
    if given in below:
      if pathlib.Path(output_dir).resolve().is_relative_to(given.resolve()):
        raise ValueError(
          f"The folder for the predictions, {output_dir}, lies in the folder "
          f"of images {given}: they would be taken for images the next time. "
          "Choose one outside."
        )
      files = image_files.with_extension(below[given], EXTENSIONS)
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
  overwrite: bool = False,
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
    overwrite: whether files that are there already are replaced.

  Returns:
    "FILE: reason" for each image that could not be predicted; the others are.

  Raises:
    ValueError: if files are there already that are not to be replaced.
  """
  folders = {"masks": pathlib.Path(output_dir, "masks")}
  if overlays:
    folders["overlays"] = pathlib.Path(output_dir, "overlays")
  there = [
    path
    for name in files
    for folder in folders.values()
    if (path := folder / f"{name}.png").exists()
  ]
  if there and not overwrite:
    raise ValueError(
      f"{len(there)} of the files to be written are there already, such as "
      f"{there[0]}. Choose another folder, or --overwrite them."
    )
  failures = []
  for name, path in tqdm.tqdm(files.items(), desc="predict", unit="image"):
    try:
      image = _read_image(path)
      labels = segment(image)
      mask = masks.encode_mask(labels, info)
      whole_files.write(folders["masks"] / f"{name}.png", mask)
      if overlays:
        overlay = images_lib.overlay(image, labels, info.colormap)
        images_lib.save(folders["overlays"] / f"{name}.png", overlay)
    except (ValueError, OSError) as error:
      failures.append(f"{path}: {error}")
    except tf.errors.OpError as error:
      failures.append(f"{path}: {op_errors.reason(error)}")
  return failures
