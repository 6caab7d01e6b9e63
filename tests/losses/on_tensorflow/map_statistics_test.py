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

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from deeplab_ssl import losses
from tests.losses import inputs
from tests.losses import reference


class NormalizedStatisticsTest(parameterized.TestCase):
  @parameterized.parameters("std", "variance")
  def test_equals_the_reference(self, form):
    labels = inputs.blocks([2, 17, 12], 3)
    labels[:, :2] = inputs.VOID  # The first image row takes part in the median.
    logits = inputs.noise(labels, 3)
    settings = losses.Settings(region_size=5, stability_form=form)
    found = losses.normalized_statistics(labels, logits, settings=settings)
    weights = reference.window(5, 1.5)
    valid = labels != inputs.VOID
    p = np.exp(-np.logaddexp(0, -np.float64(logits)))
    y = np.eye(3)[np.where(valid, labels, 0)]
    maps = np.full([2, *logits.shape], np.nan)
    for at in zip(*np.nonzero(valid), strict=True):
      for i, image in enumerate((y, p)):
        moments = reference.statistics(
          image[at[0]], valid[at[0]], *at[1:], weights
        )
        maps[i][at] = reference.normalize(image[at], *moments, 0.01, form)
    error = np.abs(maps[0] - maps[1])
    np.testing.assert_allclose(found.truth_max, np.nanmax(maps[0]), rtol=1e-5)
    np.testing.assert_allclose(found.truth_min, np.nanmin(maps[0]), rtol=1e-5)
    np.testing.assert_allclose(
      found.prediction_max, np.nanmax(maps[1]), rtol=1e-5
    )
    np.testing.assert_allclose(
      found.prediction_min, np.nanmin(maps[1]), rtol=1e-5
    )
    sampled = np.sort(error[:, ::8, ::8].ravel())
    sampled = sampled[np.isfinite(sampled)]
    median = sampled[(len(sampled) - 1) // 2]
    np.testing.assert_allclose(found.error_median, median, rtol=1e-4)

  def test_nothing_valid(self):
    labels = np.full([2, 9, 9], inputs.VOID)
    found = losses.normalized_statistics(labels, inputs.noise(labels, 3))
    self.assertEqual([float(x) for x in found], [0.0] * 5)

  def test_region_size_1_is_refused(self):
    labels = inputs.blocks([1, 9, 9], 3)
    with self.assertRaisesRegex(ValueError, "region_size=1"):
      losses.normalized_statistics(
        labels,
        inputs.noise(labels, 3),
        settings=losses.Settings(region_size=1),
      )


if __name__ == "__main__":
  absltest.main()
