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

"""Turns a checkpoint of the original into a run directory of ours."""

import os

from official.core import task_factory

from deeplab_ssl import modeling
from deeplab_ssl.training import run


def import_checkpoint(
  params, checkpoint: str, model_dir: str
) -> modeling.LoadReport:
  """Converts a TF1 checkpoint once, with the configuration of its model.

  The parts of the model that the checkpoint fills (of an ImageNet classifier
  only the backbone) are written in our own format, beside the configuration
  and the data set: evaluate, visualize and export take the directory for a
  run, and `init_checkpoint` accepts it.

  Args:
    params: the `ExperimentConfig` that describes the model and its data set.
    checkpoint: prefix or directory of the TF1 checkpoint.
    model_dir: directory to write, new or empty.

  Returns:
    What was loaded.

  Raises:
    ValueError: if the checkpoint is not the original's or does not fit.
    FileExistsError: if the directory holds something.
  """
  if os.path.isdir(model_dir) and os.listdir(model_dir):
    raise FileExistsError(
      f"{model_dir} is not empty: it holds {sorted(os.listdir(model_dir))}. "
      "Give a new directory."
    )
  if not modeling.is_slim_checkpoint(checkpoint):
    raise ValueError(
      f"Checkpoint {checkpoint} is in our own format already; use it as it is."
    )
  model = task_factory.get_task(params.task).build_model()
  report = modeling.load_slim_checkpoint(model, checkpoint)
  run.record_run(params, model_dir)
  modeling.save_parts(model, modeling.loaded_parts(model, report), model_dir)
  return report
