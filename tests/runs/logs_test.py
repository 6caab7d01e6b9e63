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

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.runs import logs


def _log(folder, points):
  writer = tf.summary.create_file_writer(str(folder / "train"))
  with writer.as_default():
    for name, step, value in points:
      tf.summary.scalar(name, value, step)
  writer.close()


def test_curves_are_read_by_name_and_in_the_order_of_steps(tmp_path):
  _log(tmp_path, [("loss", 2, 0.5), ("loss", 4, 0.25), ("rate", 4, 1e-3)])
  curves = logs.read_scalars(str(tmp_path))
  assert set(curves) == {"loss", "rate"}
  assert curves["loss"] == ([2, 4], [0.5, 0.25])
  np.testing.assert_allclose(curves["rate"][1], [1e-3])


def test_a_resumed_run_counts_for_the_steps_that_it_did_again(tmp_path):
  _log(tmp_path, [("loss", 2, 0.5), ("loss", 4, 9.0)])
  _log(tmp_path, [("loss", 4, 0.25), ("loss", 6, 0.125)])
  assert logs.read_scalars(str(tmp_path))["loss"] == (
    [2, 4, 6],
    [0.5, 0.25, 0.125],
  )


def test_many_points_are_all_read(tmp_path):
  points = [("loss", step, float(step)) for step in range(2000)]
  _log(tmp_path, points)
  steps, values = logs.read_scalars(str(tmp_path))["loss"]
  assert steps == list(range(2000)) == values


def test_a_run_without_logs_is_an_error(tmp_path):
  with pytest.raises(FileNotFoundError, match="has no training log"):
    logs.read_scalars(str(tmp_path))
