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


def _decoder(number=0, **options):
  return decoder.Decoder(
    decoder.DecoderOptions(filters=6, **options), number=number
  )


def _scopes(layer):
  variable = r"/(weights|depthwise_weights|biases|BatchNorm/\w+)$"
  return {
    re.sub(variable, "", name).removeprefix("decoder/")
    for name in layer.slim_variables()
  }


@pytest.mark.parametrize("separable", [True, False])
def test_both_maps_are_joined_at_the_wanted_size(separable):
  layer = _decoder(separable=separable)
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


@pytest.mark.parametrize("is_logits", [True, False])
def test_both_maps_may_be_added(is_logits):
  layer = _decoder(sum_merge=True, is_logits=is_logits)
  features, low_level = _maps()
  found = layer(features, low_level, (9, 8))
  (conv,) = layer.convs
  projected = layer.projection(low_level)
  assert projected.shape[-1] == 6
  expected = conv(resizing.resize_align_corners(features, (9, 8)))
  expected += resizing.resize_align_corners(projected, (9, 8))
  np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
  # Logits are linear in both maps, without batch norm and ReLU.
  assert bool(np.min(found) < 0) == is_logits
  assert conv.conv.kernel_size == ((1, 1) if is_logits else (3, 3))


@pytest.mark.parametrize(
  "options, scopes",
  [
    (
      {"separable": True},
      {
        f"decoder_conv{i}{{}}_{part}wise"
        for i in "01"
        for part in ("depth", "point")
      },
    ),
    ({}, {f"decoder_conv0{{}}/decoder_conv0{{}}_{i}" for i in "12"}),
    (
      {"separable": True, "sum_merge": True},
      {
        f"decoder_split_sep_conv0{{}}_{part}wise" for part in ("depth", "point")
      },
    ),
    ({"sum_merge": True}, {"decoder_conv0{}"}),
    (
      {"is_logits": True},
      {f"decoder_conv0{{}}/decoder_conv0{{}}_{i}" for i in "12"},
    ),
  ],
)
@pytest.mark.parametrize("number, suffix", [(0, ""), (1, "_1"), (2, "_2")])
def test_the_scopes_are_the_originals(options, scopes, number, suffix):
  layer = _decoder(number, **options)
  layer(*_maps(), (9, 7))
  expected = {
    scope.replace("{}", suffix) for scope in ("feature_projection0{}", *scopes)
  }
  assert _scopes(layer) == expected
  has_biases = any(name.endswith("biases") for name in layer.slim_variables())
  assert has_biases == options.get("is_logits", False)


def test_activations_may_be_bounded():
  layer = _decoder(activation=tf.nn.relu6)
  features, low_level = _maps()
  assert np.max(layer(1e4 * features, 1e4 * low_level, (9, 7))) == 6
