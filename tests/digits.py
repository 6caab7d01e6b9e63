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

"""A tiny data set and a tiny experiment for the tests of training."""

import functools
import os
import tempfile
from typing import NamedTuple

from official.core import task_factory
import tensorflow as tf

from deeplab_ssl.experiment import resolution
from deeplab_ssl.preparation import digit_scenes
from deeplab_ssl.training import parsing
from deeplab_ssl.training import run


@functools.cache
def records():
  """Folder of 8 training and 4 validation scenes, shared by all tests."""
  return digit_scenes.make_records(tempfile.mkdtemp(), 8, 4, seed=0)


def experiment(**task):
  """The demo's experiment, shrunk to a few seconds."""
  params = parsing.parse_experiment("deeplab_ssl_demo")
  params.override(
    {
      "task": {
        "model": {
          "atrous_rates": [2],
          "aspp_convs_filters": 8,
          "decoder_filters": 8,
        },
        "train_data": {
          "input_path": records(),
          "crop_size": [33, 33],
          "global_batch_size": 4,
          "seed": 1,
        },
        "validation_data": {"input_path": records()},
      },
      "trainer": {
        "train_steps": 4,
        "steps_per_loop": 2,
        "summary_interval": 2,
        "checkpoint_interval": 2,
        "validation_interval": 4,
      },
      "runtime": {"num_gpus": 0},
    }
  )
  params.override({"task": task})
  return params


class Trained(NamedTuple):
  """The tiny experiment after its training.

  Attributes:
    folder: directory of the run; only read it.
    before: the configuration as a dict, when it was given to the training.
    after: the same when the training was done.
    outcome: what the training has returned.
  """

  folder: str
  before: dict
  after: dict
  outcome: run.Outcome


@functools.cache
def trained():
  """Trains and evaluates the tiny experiment, once for all tests."""
  folder, params = tempfile.mkdtemp(), experiment()
  before = params.as_dict()
  outcome = run.run_experiment(params, "train_and_eval", folder)
  return Trained(folder, before, params.as_dict(), outcome)


def trained_dir():
  """Directory of the tiny experiment, trained and evaluated; only read it."""
  return trained().folder


@functools.cache
def initial_dir():
  """Directory of the tiny experiment with its initial weights; only read it.

  For tests that need any run at all: a training takes them several seconds.
  """
  folder = tempfile.mkdtemp()
  params, dataset, _ = resolution.resolve(experiment())
  run.write_run(params, dataset, folder)
  model = task_factory.get_task(params.task, dataset=dataset).build_model()
  tf.train.Checkpoint(model=model).save(os.path.join(folder, "ckpt"))
  return folder
