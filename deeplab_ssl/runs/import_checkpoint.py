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

from deeplab_ssl import modeling
from deeplab_ssl.runs import trained_run
from deeplab_ssl.training import run as run_lib


def import_checkpoint(
  run: trained_run.TrainedRun, model_dir: str
) -> modeling.LoadReport:
  """Converts a TF1 checkpoint once, with the configuration of its model.

  The parts of the model that the checkpoint fills (of an ImageNet classifier
  only the backbone) are written in our own format, beside the configuration
  and the data set: evaluate, visualize and export take the directory for a
  run, and `init_checkpoint` accepts it.

  Args:
    run: the checkpoint and the configuration that describes its model, from
      `TrainedRun.describe`.
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
  if not modeling.is_slim_checkpoint(run.checkpoint):
    raise ValueError(
      f"Checkpoint {run.checkpoint} is in our own format already; use it as it "
      "is."
    )
  model = run.untrained_model()
  report = modeling.load_slim_checkpoint(model, run.checkpoint)
  run_lib.write_run(run.params, run.dataset, model_dir)
  modeling.save_parts(model, modeling.loaded_parts(model, report), model_dir)
  return report
