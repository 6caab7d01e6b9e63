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
import tensorflow as tf

from deeplab_ssl.losses import window_profile
from deeplab_ssl.losses.on_tensorflow import gaussian
from tests.losses import reference


class GaussianTest(parameterized.TestCase):
  @parameterized.product(
    of=((3, 7, 6), (5, 2, 9), (11, 4, 3)),
    form=(None, "depthwise", "shifted"),
  )
  def test_window_sum_treats_the_outside_as_zero(self, of, form):
    size, height, width = of
    fields = np.random.default_rng(0).normal(size=[2, height, width, 4])
    weights = reference.window(size, 1.5)
    expected = np.zeros_like(fields)
    for b, r, c in np.ndindex(2, height, width):
      for (i, j), weight in weights.items():
        if 0 <= r + i < height and 0 <= c + j < width:
          expected[b, r, c] += weight * fields[b, r + i, c + j]
    actual = gaussian.window_sum(
      tf.constant(fields), window_profile.gaussian_profile(size, 1.5), form
    )
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-14)

  @parameterized.product(channels=(1, 3), compiled=(False, True))
  def test_xla_and_single_maps_are_spared_the_convolution(
    self, channels, compiled
  ):
    profile = window_profile.gaussian_profile(3, 1.5)
    spec = tf.TensorSpec([1, None, 5, channels], tf.float32)

    @tf.function(jit_compile=compiled, input_signature=[spec])
    def summed(fields):
      return gaussian.window_sum(fields, profile)

    types = {
      op.type for op in summed.get_concrete_function().graph.get_operations()
    }
    convolves = "DepthwiseConv2dNative" in types
    self.assertEqual(convolves, channels > 1 and not compiled)


if __name__ == "__main__":
  absltest.main()
