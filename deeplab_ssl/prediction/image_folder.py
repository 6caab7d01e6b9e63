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
from typing import NamedTuple

import numpy as np
import tensorflow as tf
import tqdm

from deeplab_ssl.common import atomic_files
from deeplab_ssl.common import image_files
from deeplab_ssl.common import names
from deeplab_ssl.common import op_errors
from deeplab_ssl.common import regular_files
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import image_decoder
from deeplab_ssl.input import masks
from deeplab_ssl.visualization import images as images_lib

# What can become of predictions that are there already.
EXISTING = ("refuse", "skip", "overwrite")


class Found(NamedTuple):
  """The images among files and folders.

  Attributes:
    images: {name without extension: file}; the name of a file in a folder that
      was given is its path in that folder.
    others: a sentence on the files that were not taken for images, or "".
  """

  images: dict[str, pathlib.Path]
  others: str


def _below(folder):
  """Returns what lies in a folder and is not hidden."""
  return [
    path
    for path in folder.rglob("*")
    if not any(p.startswith(".") for p in path.relative_to(folder).parts)
  ]


def find_images(
  paths: Sequence[str | os.PathLike], output_dir: str | os.PathLike
) -> Found:
  """Finds images and names them.

  Args:
    paths: files, taken as they are, and folders, of which all files with an
      extension of an image are taken, also in folders in them, but for hidden
      ones.
    output_dir: where the predictions will go.

  Returns:
    The images.

  Raises:
    FileNotFoundError: if a path does not exist or a folder holds no image.
    ValueError: if two images have the same name, or the predictions would go
      into a folder of images, where they would be images the next time.
  """
  found, others = {}, []
  for given in map(pathlib.Path, paths):
    if given.is_dir():
      if pathlib.Path(output_dir).resolve().is_relative_to(given.resolve()):
        raise ValueError(
          f"The folder for the predictions, {output_dir}, lies in the folder "
          f"of images {given}: they would be taken for images the next time. "
          "Choose one outside."
        )
      files, rest = image_files.split(_below(given), image_decoder.EXTENSIONS)
      if not files:
        raise FileNotFoundError(
          f"The folder {given} holds no image "
          f"({', '.join(image_decoder.EXTENSIONS)})."
        )
      others += rest
      named = [(path.relative_to(given), path) for path in files]
    elif given.exists():
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
  return Found(
    found, image_files.describe_others(others, image_decoder.EXTENSIONS)
  )


class Outcome(NamedTuple):
  """What became of the images.

  Attributes:
    written: how many were predicted.
    skipped: how many had a mask that was to be kept.
    failures: "FILE: reason" for each one that could not be predicted.
    turned: the files that viewers turn or mirror after their EXIF data; masks
      are of the pixels as they are stored.
  """

  written: int
  skipped: int
  failures: list[str]
  turned: list[str]


def _targets(files, output_dir, existing):
  """Returns {name: (mask, overlay)} of the images that are to be predicted."""
  if existing not in EXISTING:
    raise ValueError(
      f"`existing` must be one of {EXISTING}. Received: {existing!r}."
    )
  targets, there = {}, []
  for name in files:
    pair = tuple(
      pathlib.Path(output_dir, kind, f"{name}.png")
      for kind in ("masks", "overlays")
    )
    found = [path for path in pair if path.exists()]
    there += found
    # The mask is written last.
    if existing != "skip" or pair[0] not in found:
      targets[name] = pair
  if there and existing == "refuse":
    raise ValueError(
      f"{len(there)} of the files to be written are there already, such as "
      f"{there[0]}. Choose another folder, or say what becomes of them: "
      "--existing=skip predicts the other images, --existing=overwrite all."
    )
  return targets


def predict_files(
  segment: Callable[[np.ndarray], np.ndarray],
  files: dict[str, pathlib.Path],
  output_dir: str | os.PathLike,
  info: dataset_info.DatasetInfo,
  overlays: bool = True,
  existing: str = "refuse",
) -> Outcome:
  """Writes a mask, and a picture of it, for each image.

  Args:
    segment: maps a uint8 RGB image `[height, width, 3]` to labels `[height,
      width]`; what `exported_model.load` returns.
    files: {name: file}, as `find_images` returns them.
    output_dir: gets `masks/NAME.png`, palette PNGs of class indices, and
      `overlays/NAME.png`, the image with the colours of the classes over it.
    info: the data set, for its colours.
    overlays: whether the latter are drawn.
    existing: what becomes of masks and overlays that are there already: one of
      `EXISTING`, "refuse" to touch any, "skip" images that have a mask, of
      whichever model, or "overwrite" all.

  Returns:
    What became of the images; those that do not fail are predicted.

  Raises:
    ValueError: if files are there already that are not to be replaced, or
      `existing` is none of `EXISTING`.
    OSError: if the output cannot be written.
  """
  targets = _targets(files, output_dir, existing)
  failures, turned = [], []
  for name, (mask_path, overlay_path) in tqdm.tqdm(
    targets.items(), desc="predict", unit="image", disable=None
  ):
    path = names.printable(str(files[name]))
    try:
      decoded = image_decoder.decode(regular_files.read(files[name]))
      image = decoded.pixels
      labels = segment(image)
    except (ValueError, OSError) as error:
      failures.append(f"{path}: {error}")
      continue
    except tf.errors.OpError as error:
      failures.append(f"{path}: {op_errors.reason(error)}")
      continue
    if decoded.turned:
      turned.append(path)
    # An older overlay would not show the new mask.
    overlay_path.unlink(missing_ok=True)
    if overlays:
      overlay = images_lib.overlay(image, labels, info.colormap)
      images_lib.save(overlay_path, overlay)
    atomic_files.write(mask_path, masks.encode_mask(labels, info))
  written = len(targets) - len(failures)
  return Outcome(written, len(files) - len(targets), failures, turned)
