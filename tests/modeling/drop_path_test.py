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

import json
from unittest import mock

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.modeling import drop_path
from tests import original

_CASES = json.loads((original.TESTDATA / "drop_path.json").read_text())


def _layer(keep_prob=0.5, cell=3, cells=4, step=10, total_steps=10):
  layer = drop_path.DropPath(keep_prob, cell, cells, 0)
  layer.follow(tf.Variable(step, dtype=tf.int64), 1)
  layer.last_until(total_steps)
  return layer


@pytest.mark.parametrize("case", _CASES)
@pytest.mark.parametrize("uniform", [0.9999, 0.3])
def test_the_factor_is_that_of_the_original(case, uniform):
  layer = _layer(
    case["drop_path_keep_prob"],
    case["cell_num"],
    case["total_num_cells"],
    case["global_step"],
    case["total_training_steps"],
  )
  expected = case[f"factor_if_uniform_is_{uniform}".replace(".", "_")]
  noise = tf.fill([2, 1, 1, 1], uniform)
  with mock.patch.object(layer, "uniform", lambda shape: noise):
    outputs = layer(tf.ones([2, 3, 4, 5]), training=True)
  np.testing.assert_allclose(outputs, np.full([2, 3, 4, 5], expected), 1e-6)


def test_images_lose_all_or_nothing():
  outputs = _layer()(tf.ones([200, 2, 3, 4]), training=True).numpy()
  assert set(np.unique(outputs)) == {0.0, 2.0}
  for image in outputs:
    assert len(np.unique(image)) == 1
  assert outputs.mean() == pytest.approx(1, abs=0.2)


def test_nothing_is_dropped_outside_of_training_or_without_a_probability():
  images = tf.random.uniform([9, 2, 2, 1], seed=1)
  np.testing.assert_array_equal(_layer()(images), images)
  layer = _layer(keep_prob=1.0)
  np.testing.assert_array_equal(layer(images, training=True), images)


def test_without_a_training_it_is_at_its_end():
  layer = drop_path.DropPath(0.6, 1, 4, 0)
  assert float(layer.keep_prob()) == pytest.approx(0.8)


@pytest.mark.parametrize("keep_prob", [0, -1, 1.5])
def test_another_probability_is_refused(keep_prob):
  with pytest.raises(ValueError, match=f"drop_path_keep_prob={keep_prob}"):
    drop_path.DropPath(keep_prob, 0, 4, 0)
