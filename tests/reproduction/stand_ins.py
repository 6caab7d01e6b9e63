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

import tensorflow as tf

from deeplab_ssl.reproduction import plan
from deeplab_ssl.reproduction import suites
from deeplab_ssl.reproduction import tables

CONFIGS = str(pathlib.Path(__file__).parents[2] / "configs")
_CLASSES = ("background", *"0123456789")


def planned(place, table, rows, seeds=(1, 2)):
  """Returns (table, suite, planned rows) of the demo."""
  table = tables.load_table(table, CONFIGS)
  suite = suites.load_suite("demo", CONFIGS)
  rows = tables.select_rows(table.rows, rows, "Table")
  return table, suite, plan.plan_rows(rows, suite, place, seeds=seeds)


def scores(mean_iou):
  """The scores of an evaluation, the same for all classes."""
  return {
    "mean_iou": mean_iou,
    "pixel_accuracy": 0.9,
    "classes": {
      name: {"iou": mean_iou, "accuracy": mean_iou, "pixels": 5}
      for name in _CLASSES
    },
  }


def score(run, mean_iou, curve=()):
  """Writes the scores of an evaluation, and those of (step, mean IoU)."""
  content = scores(mean_iou)
  if curve:
    content["curve"] = [{"step": s} | scores(value) for s, value in curve]
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


def log(run, **curves):
  """Writes a training log, NAME=[(step, value), ...]."""
  writer = tf.summary.create_file_writer(f"{run.directory}/train")
  with writer.as_default():
    for name, points in curves.items():
      for step, value in points:
        tf.summary.scalar(name, value, step)
  writer.close()


_TUNED = """
title: What is it worth?
model: small
seeds: [1, 2]
curve: 2
data: {digits: {scenes: {num_train: 4, num_val: 4, seed: 1}}}
settings:
  tuning:
    data: digits
    stages:
    - shared: start
      experiment: deeplab_ssl_demo
      overrides: {trainer.train_steps: 40, task.losses.type: bce}
    - experiment: deeplab_ssl_demo
      overrides: {trainer.train_steps: 20}
rows:
- {run: ce, method: CE, overrides: {task.losses.type: ce}}
- {run: ssl, method: SSL, overrides: {task.losses.type: ssl}}
"""


def tuned_suite(folder):
  """Writes a suite "tuned" with rows of its own into a configs_dir."""
  (folder / "suites").mkdir(parents=True)
  (folder / "suites" / "tuned.yaml").write_text(_TUNED)
  return plan.Places(str(folder / "runs"), str(folder))
