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

REGIONS = (1, 3, 5, 7, 9, 11)


class StructuralErrorTest(parameterized.TestCase):
  @parameterized.product(region_size=REGIONS, form=("std", "variance"))
  def test_a_uniform_image_has_no_structural_error(self, region_size, form):
    levels = np.float32([-20, -5, 0.3, 5, 20])  # One per image of the batch.
    labels = np.ones([5, 7, 8], np.int32)
    labels[:, 2, 2:4] = 255
    labels[:, 5:, 5:] = 255
    logits = np.tile(levels[:, None, None, None], [1, 7, 8, 2])
    if region_size == 1:
      expected = reference.structural_similarity(labels, logits, region_size=1)
      expected = expected.error
    else:
      expected = np.zeros(logits.shape)
    error, _ = losses.structural_error(
      labels, logits, region_size=region_size, stability_form=form
    )
    np.testing.assert_allclose(error, expected, rtol=1e-6, atol=0)

  @parameterized.product(
    region_size=(3, 5, 11), form=("std", "variance"), beta=(0.06, 0.1)
  )
  def test_structural_error_map(self, region_size, form, beta):
    labels = inputs.blocks([2, 6, 7], 3)
    logits = inputs.noise(labels, 3)
    expected = reference.structural_similarity(
      labels, logits, region_size=region_size, stability_form=form, beta=beta
    )
    error, hard = losses.structural_error(
      labels, logits, region_size=region_size, stability_form=form, beta=beta
    )
    inputs.assert_close(error, expected.error)
    np.testing.assert_array_equal(hard, expected.hard)

  @parameterized.product(
    region_size=(3, 11), form=("std", "variance"), sigma=(0.8, 1.5)
  )
  def test_maximum_error_is_attained(self, region_size, form, sigma):
    size = 2 * region_size
    labels = np.zeros([1, size, size], np.int32)
    labels[0, region_size, region_size] = 1
    # Everywhere the opposite of the labels.
    logits = 40 - 80 * np.eye(2, dtype=np.float32)[labels]
    error, _ = losses.structural_error(
      labels, logits, region_size=region_size, stability_form=form, sigma=sigma
    )
    e_max = losses.max_structural_error(
      region_size=region_size, stability_form=form, sigma=sigma
    )
    centre = error[0, region_size, region_size]
    np.testing.assert_allclose(centre, [e_max, e_max], rtol=1e-6)
    self.assertLessEqual(np.max(error), e_max * (1 + 1e-6))


if __name__ == "__main__":
  absltest.main()
