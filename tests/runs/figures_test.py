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

import functools
import os
import shutil
import tempfile

import matplotlib.image
import pytest
import tensorflow as tf

from deeplab_ssl.runs import figures
from deeplab_ssl.runs import run_directory
from deeplab_ssl.runs import trained_run
from deeplab_ssl.training import run as run_lib
from tests import digits


@functools.cache
def _ssl():
  """Directory of a run that has logged what Fig. 3 plots."""
  folder = tempfile.mkdtemp()
  params = digits.experiment(losses={"log_statistics": True})
  run_lib.run_experiment(params, "train", folder)
  return folder


@functools.cache
def _ce():
  """The weights of `_ssl` as if CE had trained them, which logs less."""
  folder = os.path.join(tempfile.mkdtemp(), "ce")
  shutil.copytree(_ssl(), folder, ignore=shutil.ignore_patterns("train"))
  params = run_directory.load_configuration(folder)
  params.override({"task": {"losses": {"type": "ce", "log_statistics": False}}})
  info = trained_run.TrainedRun.open(folder, "last").dataset
  run_lib.write_run(params, info, folder)
  with tf.summary.create_file_writer(
    os.path.join(folder, "train")
  ).as_default():
    tf.summary.scalar("training_loss", 1.0, step=2)
  return folder


def test_predictions_of_two_runs(tmp_path):
  runs = [
    trained_run.TrainedRun.open(folder, "last") for folder in (_ssl(), _ce())
  ]
  path = os.fspath(tmp_path / "figure1.png")
  figures.draw_comparison(runs, path, max_images=2)
  height, width, _ = matplotlib.image.imread(path).shape
  assert width > 1.5 * height  # Four pictures side by side, two rows.
  with pytest.raises(ValueError, match="at least twice"):
    figures.draw_comparison(runs[:1], path, 2)


def test_statistics_and_hard_fractions(tmp_path):
  ssl, ce = _ssl(), _ce()
  path = os.fspath(tmp_path / "figure.png")
  figures.draw_statistics(ssl, path)
  assert matplotlib.image.imread(path).std() > 0.05
  figures.draw_hard_fractions([ssl], path)
  assert matplotlib.image.imread(path).std() > 0.05
  with pytest.raises(ValueError, match="log_statistics=true"):
    figures.draw_statistics(ce, path)
  with pytest.raises(ValueError, match="has not logged hard_fraction"):
    figures.draw_hard_fractions([ssl, ce], path)
  with pytest.raises(ValueError, match="at least one --model_dir"):
    figures.draw_hard_fractions([], path)


def test_the_worked_example_comes_with_its_numbers(tmp_path):
  path = os.fspath(tmp_path / "figure2.png")
  text = figures.draw_worked_example(path)
  assert matplotlib.image.imread(path).std() > 0.05
  # What the paper says of the centre: 57.36 % of the loss, then 90.74 %.
  for share in ("57.36", "90.74"):
    assert share in text
