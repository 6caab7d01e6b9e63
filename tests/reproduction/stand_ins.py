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

"""What trainings and evaluations leave, without running them."""

import json
import pathlib

from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import tables

CONFIGS = str(pathlib.Path(__file__).parents[2] / "configs")
_CLASSES = ("background", *"0123456789")


def planned(place, table, rows, seeds=(1, 2)):
  """Returns (table, suite, planned rows) of the demo."""
  table = tables.load_table(table, CONFIGS)
  suite = tables.load_suite("demo", CONFIGS)
  rows = plan.select_rows(table, rows)
  return table, suite, plan.plan_rows(rows, suite, place, seeds=seeds)


def score(run, mean_iou):
  """Writes the scores of an evaluation, the same for all classes."""
  content = {
    "mean_iou": mean_iou,
    "pixel_accuracy": 0.9,
    "classes": {n: {"iou": mean_iou, "pixels": 5} for n in _CLASSES},
  }
  path = pathlib.Path(run.scores)
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_text(json.dumps(content))


def checkpoint(run, step, params=""):
  """Writes what a training leaves at a step, but for the weights."""
  folder = pathlib.Path(run.directory)
  folder.mkdir(parents=True, exist_ok=True)
  (folder / "checkpoint").write_text(
    f'model_checkpoint_path: "ckpt-{step}"\n'
    'all_model_checkpoint_paths: "ckpt-1"\n'
  )
  (folder / "params.yaml").write_text(params)


def recorded(run):
  """params.yaml as a training with the run's own overrides writes it."""
  tree = {}
  for key, value in run.trainings[0].overrides.items():
    *parents, leaf = key.split(".")
    node = tree
    for parent in parents:
      node = node.setdefault(parent, {})
    node[leaf] = value
  return json.dumps(tree)
