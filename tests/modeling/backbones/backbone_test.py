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

import pytest
import tensorflow as tf

from deeplab_ssl.modeling.backbones import backbone


class _Pools(backbone.Backbone):
  """Keeps every fourth and every sixteenth pixel."""

  def call(self, images, training=None):
    del training
    low_level = images[:, ::4, ::4]
    return {
      backbone.LOW_LEVEL: low_level,
      self.feature_level: low_level[:, ::4, ::4, :2],
    }


@pytest.mark.parametrize("stride, level", [(8, "3"), (16, "4"), (32, "5")])
def test_the_level_is_the_binary_logarithm_of_the_stride(stride, level):
  assert _Pools("pools", stride).feature_level == level


@pytest.mark.parametrize("stride", [4, 12, 64, None])
def test_other_output_strides_are_refused(stride):
  with pytest.raises(ValueError, match=f"8, 16 or 32.*output_stride={stride}"):
    _Pools("pools", stride)


def test_output_specs_are_the_shapes_of_the_outputs():
  model = _Pools("pools", 16)
  assert {k: list(v) for k, v in model.output_specs.items()} == {
    "2": [None, None, None, 3],
    "4": [None, None, None, 2],
  }
  shapes = {k: v.shape for k, v in model(tf.zeros([1, 33, 17, 3])).items()}
  assert shapes == {"2": [1, 9, 5, 3], "4": [1, 3, 2, 2]}
