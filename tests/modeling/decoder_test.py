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

import re

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.modeling import decoder
from deeplab_ssl.modeling import resizing


def _maps():
  rng = np.random.default_rng(0)
  return [
    tf.constant(rng.normal(size=size), tf.float32)
    for size in ([2, 3, 2, 5], [2, 9, 7, 4])
  ]


@pytest.mark.parametrize("separable", [True, False])
def test_both_maps_are_joined_at_the_wanted_size(separable):
  layer = decoder.Decoder(6, separable)
  features, low_level = _maps()
  found = layer(features, low_level, (9, 8))
  x = tf.concat(
    [
      resizing.resize_align_corners(features, (9, 8)),
      resizing.resize_align_corners(layer.projection(low_level), (9, 8)),
    ],
    -1,
  )
  assert x.shape == [2, 9, 8, 5 + 48]
  for conv in layer.convs:
    x = conv(x)
  np.testing.assert_allclose(found, x, rtol=1e-6)
  assert found.shape == [2, 9, 8, 6]


@pytest.mark.parametrize(
  "separable, scopes",
  [
    (
      True,
      {
        f"decoder_conv{i}_{part}wise"
        for i in "01"
        for part in ("depth", "point")
      },
    ),
    (False, {f"decoder_conv0/decoder_conv0_{i}" for i in "12"}),
  ],
)
def test_the_scopes_are_the_originals(separable, scopes):
  layer = decoder.Decoder(6, separable)
  layer(*_maps(), (9, 7))
  variable = r"/(weights|depthwise_weights|BatchNorm/\w+)$"
  found = {re.sub(variable, "", name) for name in layer.slim_variables()}
  assert found == {
    "decoder/feature_projection0",
    *(f"decoder/{scope}" for scope in scopes),
  }
