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

"""What the directory of a training holds: a configuration and checkpoints."""

import os

import tensorflow as tf

from deeplab_ssl import modeling
from deeplab_ssl.checkpoints import best_checkpoint
from deeplab_ssl.checkpoints import run_checkpoints
from deeplab_ssl.configuration import overrides
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import settings
from deeplab_ssl.training import run

# What `checkpoint` may be instead of a prefix.
BEST, LAST = "best", "last"


def load_configuration(model_dir: str) -> configs.ExperimentConfig:
  """Reads the configuration of a finished or running training.

  Args:
    model_dir: its directory.

  Returns:
    The `ExperimentConfig`, whose data set is the one recorded in the run.

  Raises:
    FileNotFoundError: if there is none, listing what the directory holds.
    ValueError: if it is damaged, or of another kind of model, naming the file.
  """
  path = os.path.join(model_dir, run.PARAMS_FILE)
  if not tf.io.gfile.exists(path):
    found = tf.io.gfile.isdir(model_dir) and tf.io.gfile.listdir(model_dir)
    raise FileNotFoundError(
      f"{model_dir} is not the directory of a training run: it has no "
      f"{run.PARAMS_FILE}. It holds {sorted(found) if found else 'nothing'}."
    )
  params = configs.ExperimentConfig()
  try:
    values = overrides.read_file(path)
    missing = [key for key in settings.members_of(params) if key not in values]
    if missing:
      raise ValueError(f"It has no {' and no '.join(missing)}.")
    settings.apply(params, values, run.PARAMS_FILE)
  except ValueError as error:
    raise ValueError(
      f"{path} is not of a DeepLab experiment of this package, or is damaged: "
      f"{error} Restore the file, or train anew. Runs of Model Garden's own "
      "models are evaluated while they train."
    ) from error
  params.task.dataset = os.path.join(model_dir, run.DATASET_FILE)
  return params


def find_checkpoint(
  model_dir: str, which: str = BEST, best_folder: str = BEST
) -> str:
  """Finds a checkpoint of a run.

  Args:
    model_dir: directory of the run.
    which: "best" (falling back to the last), "last", or a prefix.
    best_folder: where in it the best one is.

  Returns:
    The prefix.

  Raises:
    FileNotFoundError: if there is none, listing what the directory holds.
    ValueError: if the one that is asked for is damaged, or all are.
  """
  if which not in (BEST, LAST):
    prefix = modeling.find_prefix(which)
    run_checkpoints.check_whole(prefix)
    return prefix
  found = None
  if which == BEST:
    found = best_checkpoint.find(os.path.join(model_dir, best_folder))
  if found:
    run_checkpoints.check_whole(found)
  else:
    found = run_checkpoints.newest_whole(model_dir)
  if not found:
    content = sorted(tf.io.gfile.listdir(model_dir))
    raise FileNotFoundError(
      f"No checkpoint in {model_dir}, which holds {content}. Train first, or "
      "wait for the first checkpoint."
    )
  return found
