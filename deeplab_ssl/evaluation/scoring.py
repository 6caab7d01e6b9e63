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

"""Scores of a folder of predictions against the labels of records."""

import os

import tensorflow as tf
import tqdm

from deeplab_ssl.common import regular_files
from deeplab_ssl.evaluation import boundary as boundary_lib
from deeplab_ssl.evaluation import evaluator
from deeplab_ssl.evaluation import metrics
from deeplab_ssl.evaluation import submission_layout
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import record_source


def _find_files(layout):
  """Returns {key of a record: paths of predictions for it}."""
  folder = layout.folder
  if not folder.is_dir():
    raise FileNotFoundError(
      f"The folder of predictions {folder} does not exist. The format "
      f"{layout.format!r} puts it there; --format=labels reads ID.png right "
      "from the folder that is given."
    )
  found = {}
  for path in sorted(folder.rglob("*.png")):
    name = path.relative_to(folder).as_posix().removesuffix(".png")
    found.setdefault(layout.key(name), []).append(path)
  return found


def _read(layout, paths, size):
  """Returns the prediction for a label of a size; ValueError says why not."""
  if not paths:
    raise ValueError("has no prediction")
  if len(paths) > 1:
    raise ValueError(f"has several predictions: {', '.join(map(str, paths))}")
  try:
    labels = layout.decode(regular_files.read(paths[0]))
  except (OSError, ValueError) as error:
    raise ValueError(f"{paths[0]} {error}") from error
  if labels.shape != size:
    (height, width), (found_height, found_width) = size, labels.shape
    raise ValueError(
      f"{paths[0]} is {found_width}x{found_height}, the image {width}x{height} "
      "(width x height); predictions must have the size of the image"
    )
  return labels


def score(
  layout: submission_layout.Layout,
  data_dir: str | os.PathLike,
  boundary: boundary_lib.Settings | None = None,
) -> metrics.Scores:
  """Scores predictions as `evaluate` scores those of a model.

  Args:
    layout: where the predictions lie, of this package or of another.
    data_dir: the folder of the records of the split.
    boundary: also scores along boundaries, if given.

  Returns:
    The scores.

  Raises:
    FileNotFoundError: if there is no folder or no record.
    submission_layout.SubmissionError: listing every prediction that is missing,
      there twice or for no record, has another size than its image, is no 8-bit
      mask or holds values that are no class.
  """
  files = _find_files(layout)
  examples = pipeline.eval_dataset(
    record_source.open_split(data_dir, layout.split),
    num_classes=layout.info.num_classes,
    ignore_label=layout.info.ignore_label,
  )
  filenames = examples.map(lambda e: e["filename"][0]).as_numpy_iterator()
  names = submission_layout.check_names(layout, filenames)
  counts = evaluator.Evaluator(layout.info, boundary)
  problems = []
  bar = tqdm.tqdm(examples, total=len(names), unit="image", disable=None)
  for example, name in zip(bar, names, strict=True):
    label = example["label"][..., 0]
    paths = files.pop(layout.key(name), [])
    try:
      prediction = _read(layout, paths, tuple(label.shape[1:]))
    except ValueError as error:
      problems.append(f"{name}: {error}")
      continue
    if not problems:
      counts.update_state(label, tf.constant(prediction[None], tf.int32))
  problems += [
    f"{path}: belongs to no record of {layout.split!r}"
    for paths in files.values()
    for path in paths
  ]
  if problems:
    raise submission_layout.SubmissionError(
      f"{layout.folder} does not fit the records; problems", problems
    )
  return counts.scores()
