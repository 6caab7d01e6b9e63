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

"""Tests of the flags that all programs have, beside our own networks."""

import pytest

from deeplab_ssl.configuration import model_config
from deeplab_ssl.modeling.backbones import factory
from deeplab_ssl.original_flags import common_flags

_FLAGS = {flag.name: flag for flag in common_flags.COMMON}
# An option of some networks that acts on head and decoder, too.
_OF_THE_HEAD = {"use_bounded_activation"}


def test_the_networks_are_ours():
  # The smallest of ours the original does not have.
  assert {*common_flags.NETWORKS, "mobilenet_v2_mini"} == set(factory.NAMES)


@pytest.mark.parametrize("network", common_flags.NETWORKS)
def test_a_network_has_the_flags_that_act_on_it(network):
  defaults = {name: flag.default for name, flag in _FLAGS.items()}
  # At this stride each network has all that it ever has.
  values = defaults | {"model_variant": network, "output_stride": 32}
  options = (set(factory.OPTION_NAMES) & _FLAGS.keys()) - _OF_THE_HEAD
  acting = {
    name
    for name in options
    if all(need.met(values) for need in _FLAGS[name].needs)
  }
  assert acting == set(factory.row_of(network).option_names) & options


@pytest.mark.parametrize(
  "flag, value, expected",
  [
    ("decoder_output_stride", [4], 4),
    ("decoder_output_stride", [8, 4], [8, 4]),
    ("decoder_output_stride", None, None),
    ("decoder_output_stride", [], None),
    ("image_pooling_crop_size", [], None),
    ("dense_prediction_cell_json", "my/cell.json", "my/cell.json"),
    (
      "dense_prediction_cell_json",
      "core/dense_prediction_cell_branch5_top1_cityscapes.json",
      "dense_prediction_cell_branch5_top1_cityscapes",
    ),
  ],
)
def test_values_become_ours(flag, value, expected):
  assert _FLAGS[flag].convert(value) == expected


def test_every_key_is_one_of_the_model():
  names = model_config.DeepLabModel().as_dict().keys()
  keys = [f.key for f in common_flags.COMMON if f.key.startswith("task.model.")]
  assert {key.removeprefix("task.model.") for key in keys} <= names


_DEFAULTS = {name: flag.default for name, flag in _FLAGS.items()}


@pytest.mark.parametrize(
  "flag, values, acts",
  [
    ("merge_method", {"image_pyramid": [2.0]}, False),
    ("merge_method", {"image_pyramid": [0.5, 1.0]}, True),
    ("use_bounded_activation", {}, True),
    ("use_bounded_activation", {"aspp_with_batch_norm": False}, False),
    ("use_bounded_activation", {"dense_prediction_cell_json": "x"}, False),
    (
      "use_bounded_activation",
      {"aspp_with_batch_norm": False, "model_variant": "xception_41"},
      True,
    ),
    (
      "use_bounded_activation",
      {"aspp_with_batch_norm": False, "decoder_output_stride": [4]},
      True,
    ),
    # Without a decoder, the features become the logits.
    ("decoder_output_is_logits", {}, True),
    ("nas_remove_os32_stride", {"model_variant": "nas_pnasnet"}, False),
    ("nas_remove_os32_stride", {"model_variant": "nas_hnasnet"}, True),
  ],
)
def test_what_acts_beside_the_other_flags(flag, values, acts):
  values = _DEFAULTS | {"output_stride": 16} | values
  assert all(need.met(values) for need in _FLAGS[flag].needs) == acts
