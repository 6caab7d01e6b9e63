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

"""Writes the predictions of a split for a test server."""

from collections.abc import Callable
import hashlib
import json
import pathlib
from typing import Any

import numpy as np
import tensorflow as tf
import tqdm

from deeplab_ssl.common import atomic_files
from deeplab_ssl.evaluation import submission_layout

# Beside the predictions: what made them.
ORIGIN_FILE = "submission.json"


def _names_and_digest(examples):
  """Returns the file names of all records, and a digest of them and the images.

  Records that were converted again may have other images under the same names.
  """
  names, digest = [], hashlib.sha256()
  for example in tqdm.tqdm(
    examples, desc="records", unit="image", disable=None
  ):
    name = example["filename"][0].numpy()
    image = example["image"][0].numpy()
    digest.update(repr((name, image.shape)).encode())
    digest.update(image.astype(np.uint8).tobytes())
    names.append(name)
  return names, digest.hexdigest()


def _read_origin(path):
  try:
    found = json.loads(path.read_text(encoding="utf-8"))
  except ValueError:  # No JSON, or no text at all.
    found = None
  if not isinstance(found, dict):
    raise ValueError(
      f"{path} is damaged, so that nobody can tell what made the predictions "
      "beside it. Choose another folder or remove that one."
    )
  return found


def _claim(layout, origin):
  """Makes sure that the folder holds nothing, or an earlier part of the same.

  Raises:
    ValueError: if the folder holds other predictions.
  """
  path = pathlib.Path(layout.directory, ORIGIN_FILE)
  origin = json.loads(json.dumps(origin))  # As it is read back.
  if path.is_file():
    found = _read_origin(path)
    differing = [key for key in origin if found.get(key) != origin[key]]
    if differing:
      listed = ", ".join(
        f"{key} {found.get(key)!r} (now {origin[key]!r})" for key in differing
      )
      raise ValueError(
        f"{layout.directory} holds predictions of another origin, {path} says: "
        f"{listed}. Choose another folder or remove that one."
      )
  elif next(layout.folder.rglob("*.png"), None):
    raise ValueError(
      f"{layout.folder} holds PNGs of unknown origin. Choose another folder or "
      "remove them."
    )
  atomic_files.write_json(path, origin)


def write_predictions(
  layout: submission_layout.Layout,
  examples: tf.data.Dataset,
  predict: Callable[[tf.Tensor], tf.Tensor],
  origin: dict[str, Any],
) -> int:
  """Writes the prediction of every record; continues what was cut short.

  Args:
    layout: where to.
    examples: {"image": float32 `[1, height, width, 3]` of whole numbers in 0 to
      255, "filename": string `[1]`}; it is read twice, first for the names and
      to know the images again.
    predict: maps images to integer class indices `[1, height, width]`.
    origin: what made the predictions, such as the checkpoint, as JSON has it;
      kept beside them, with a digest of the images. Files of the same origin
      are left as they are.

  Returns:
    The number of files written now.

  Raises:
    submission_layout.SubmissionError: for names that are refused, before
      anything is written.
    ValueError: if the folder holds predictions of another origin.
  """
  filenames, digest = _names_and_digest(examples)
  names = submission_layout.check_names(layout, filenames)
  data = {
    "dataset": layout.info.name,
    "eval_ids": layout.info.eval_ids,
    "images_sha256": digest,
  }
  _claim(layout, origin | data | {"format": layout.format})
  written = 0
  todo = tqdm.tqdm(examples, total=len(names), unit="image", disable=None)
  for example, name in zip(todo, names, strict=True):
    path = layout.path(name)
    if not path.exists():
      labels = np.asarray(predict(example["image"]))[0]
      atomic_files.write(path, layout.encode(labels))
      written += 1
  return written
