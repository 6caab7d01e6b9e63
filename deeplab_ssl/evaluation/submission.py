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
import json
import pathlib

import numpy as np
import tensorflow as tf
import tqdm

from deeplab_ssl.evaluation import submission_layout
from deeplab_ssl.input import whole_files

# Beside the predictions: what made them.
ORIGIN_FILE = "submission.json"


def _claim(layout, origin):
  """Makes sure that the folder holds nothing, or an earlier part of the same.

  Raises:
    ValueError: if the folder holds other predictions.
  """
  path = pathlib.Path(layout.directory, ORIGIN_FILE)
  if path.is_file():
    found = json.loads(path.read_text(encoding="utf-8"))
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
  text = json.dumps(origin, indent=2) + "\n"
  whole_files.write(path, text.encode("utf-8"))


def write_predictions(
  layout: submission_layout.Layout,
  examples: tf.data.Dataset,
  predict: Callable[[tf.Tensor], tf.Tensor],
  origin: dict[str, str],
) -> int:
  """Writes the prediction of every record; continues what was cut short.

  Args:
    layout: where to.
    examples: {"image": float32 `[1, height, width, 3]`, "filename": string
      `[1]`}; it is read twice, first for the names.
    predict: maps images to integer class indices `[1, height, width]`.
    origin: what made the predictions, such as the checkpoint; kept beside them.
      Files of the same origin are left as they are.

  Returns:
    The number of files written now.

  Raises:
    submission_layout.SubmissionError: for names that are refused, before
      anything is written.
    ValueError: if the folder holds predictions of another origin.
  """
  filenames = examples.map(lambda e: e["filename"][0]).as_numpy_iterator()
  names = submission_layout.check_names(layout, filenames)
  _claim(
    layout, origin | {"format": layout.format, "dataset": layout.info.name}
  )
  written = 0
  todo = tqdm.tqdm(examples, total=len(names), unit="image")
  for example, name in zip(todo, names, strict=True):
    path = layout.path(name)
    if not path.exists():
      labels = np.asarray(predict(example["image"]))[0]
      whole_files.write(path, layout.encode(labels))
      written += 1
  return written
