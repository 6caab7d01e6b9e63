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
import tempfile

import matplotlib.image
import pytest

from deeplab_ssl.runs import figures
from deeplab_ssl.runs import trained_run
from deeplab_ssl.training import run
from tests import digits


@functools.cache
def _run(**losses):
  folder = tempfile.mkdtemp()
  run.run_experiment(digits.experiment(losses=losses), "train", folder)
  return folder


def test_predictions_of_two_runs(tmp_path):
  runs = [
    trained_run.TrainedRun.open(folder, "last")
    for folder in (_run(type="ssl", log_statistics=True), _run(type="ce"))
  ]
  path = os.fspath(tmp_path / "figure1.png")
  figures.draw_comparison(runs, path, max_images=2)
  height, width, _ = matplotlib.image.imread(path).shape
  assert width > 1.5 * height  # Four pictures side by side, two rows.
  with pytest.raises(ValueError, match="at least twice"):
    figures.draw_comparison(runs[:1], path, 2)


def test_statistics_and_hard_fractions(tmp_path):
  ssl, ce = _run(type="ssl", log_statistics=True), _run(type="ce")
  path = os.fspath(tmp_path / "figure.png")
  figures.draw_statistics(ssl, path)
  assert matplotlib.image.imread(path).std() > 0.05
  figures.draw_hard_fractions([ssl], path)
  assert matplotlib.image.imread(path).std() > 0.05
  with pytest.raises(ValueError, match="log_statistics=true"):
    figures.draw_statistics(ce, path)
  with pytest.raises(ValueError, match="has not logged hard_fraction"):
    figures.draw_hard_fractions([ssl, ce], path)
