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

from deeplab_ssl.modeling.backbones import backbone


class _Pools(backbone.Backbone):
  """Keeps every fourth and every eighth pixel."""

  def call(self, images, training=None):
    del training
    low_level = images[:, ::4, ::4]
    return backbone.Maps(low_level[:, ::2, ::2, :2], {4: low_level})


@pytest.mark.parametrize("stride, level", [(8, "3"), (16, "4"), (32, "5")])
def test_the_level_is_the_binary_logarithm_of_the_stride(stride, level):
  assert _Pools("pools", stride).feature_level == level


@pytest.mark.parametrize("stride", [4, 12, 64, None])
def test_other_output_strides_are_refused(stride):
  with pytest.raises(ValueError, match=f"8, 16 or 32.*output_stride={stride}"):
    _Pools("pools", stride)


def test_strides_of_low_level_maps_stay_numbers():
  maps = _Pools("pools", 8)(tf.zeros([1, 33, 17, 3]))
  assert maps.features.shape == [1, 5, 3, 2]
  assert {k: v.shape for k, v in maps.low_level.items()} == {4: [1, 9, 5, 3]}


def test_pixels_are_scaled_or_centered():
  images = np.uint8([0, 255, 100]).reshape([1, 1, 1, 3])
  scaled = _Pools("pools", 8).normalize(images)
  np.testing.assert_allclose(scaled[0, 0, 0], [-1, 1, 200 / 255 - 1], rtol=1e-6)
  centered = _Pools("pools", 8, backbone.CENTERED).normalize(images)
  np.testing.assert_allclose(
    centered[0, 0, 0], [-123.15, 139.1, -3.06], rtol=1e-6
  )
