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

import matplotlib.image
import numpy as np
import pytest

from deeplab_ssl.visualization import worked_example


def test_numbers_are_those_of_the_figure():
  example = worked_example.worked_example()
  assert example.cross_entropy.sum() == pytest.approx(2.8057, abs=5e-5)
  assert example.reweighted.sum() == pytest.approx(3.0596, abs=5e-5)
  shares = [
    100 * worked_example.centre_share(values)
    for values in (example.cross_entropy, example.reweighted)
  ]
  np.testing.assert_allclose(shares, [57.36, 90.74], atol=5e-3)
  values = np.unique(example.truth_normalized.round(2))
  np.testing.assert_allclose(values, [-1.12, 0.89])
  values = np.unique(example.prediction_normalized.round(2))
  np.testing.assert_allclose(values, [-1.41, 0.61, 0.89])


def test_text_and_picture(tmp_path):
  text = worked_example.describe(worked_example.worked_example())
  assert "total 2.8057, centre pixel 57.36 %" in text
  assert "total 3.0596, centre pixel 90.74 %" in text
  path = tmp_path / "figure2.png"
  worked_example.save_worked_example(path)
  assert matplotlib.image.imread(path).std() > 0.05
