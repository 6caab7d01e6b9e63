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

"""Predictions of a trained run for a test server."""

import hashlib
import os
import pathlib

from deeplab_ssl.evaluation import submission
from deeplab_ssl.evaluation import submission_layout
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.runs import trained_run


def submit(
  run: trained_run.TrainedRun,
  output_dir: str | os.PathLike,
  *,
  file_format: str | None = None,
  competition: str | None = None,
  predictor: predictor_lib.Predictor = predictor_lib.SINGLE_SCALE,
) -> tuple[submission_layout.Layout, int]:
  """Writes the predictions for the split of a run, labelled or not.

  Args:
    run: the run.
    output_dir: the folder of the submission.
    file_format: one of `submission_layout.FORMATS`; by default that of the data
      set.
    competition: one of `submission_layout.COMPETITIONS`, for VOC.
    predictor: how the model is asked. A folder that was cut short is only
      continued by the same.

  Returns:
    (where the predictions lie, how many were written now).

  Raises:
    ValueError: if the folder holds predictions of another origin.
  """
  predictor = run.on_own_size(predictor)
  layout = submission_layout.Layout(
    output_dir, run.split, run.dataset, file_format, competition
  )
  origin = {
    "checkpoint": os.path.basename(run.checkpoint),
    "checkpoint_sha256": _digest(run.checkpoint),
    "split": layout.split,
    "method": str(predictor),
    "activation": run.activation,
    **_model(run.params.task.model),
  }
  written = submission.write_predictions(
    layout,
    run.examples(with_label=False, predictor=predictor),
    predictor.compiled(run.model()),
    origin,
  )
  return layout, written


def _model(config):
  """Returns what the predictions depend on besides the weights."""
  # The classes are those of the data set.
  return {
    f"model.{key}": value
    for key, value in config.as_dict().items()
    if key != "num_classes"
  }


def _digest(checkpoint):
  """Returns a digest that a training that was run again does not have."""
  # The index holds a checksum of each variable; the old format has none.
  index = pathlib.Path(f"{checkpoint}.index")
  data = index if index.exists() else pathlib.Path(checkpoint)
  return hashlib.sha256(data.read_bytes()).hexdigest()
