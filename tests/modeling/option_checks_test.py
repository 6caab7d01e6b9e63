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

import inspect

import pytest

from deeplab_ssl import modeling
from deeplab_ssl.modeling import option_checks

_DEFAULTS = {
  name: parameter.default
  for name, parameter in inspect.signature(
    modeling.build_deeplab
  ).parameters.items()
}
_CELL = [{"op": "conv", "kernel": 1, "input": -1}]
_DECODER = {"decoder_output_stride": 4}
_GATED = {"aspp_with_squeeze_and_excitation": True}
_BOUNDED = {"use_bounded_activation": True}
_NO_STRIDE_32 = {"nas_remove_os32_stride": True}
_NO_HEAD = {"aspp_with_batch_norm": False}


def _check(**options):
  assert options.keys() <= _DEFAULTS.keys()
  option_checks.check(_DEFAULTS | options)


@pytest.mark.parametrize(
  "options",
  [
    {},
    {"num_classes": 0},
    {"decoder_output_stride": [16, 8, 4]},
    {"backbone": "resnet_v1_18", "multi_grid": [1, 2]},
    {"divisible_by": 16},
    _BOUNDED,
    _BOUNDED | _NO_HEAD | _DECODER,
    _BOUNDED | _NO_HEAD | {"backbone": "xception_41"},
    {"backbone": "nas_pnasnet", "output_stride": 32} | _NO_STRIDE_32,
    {"backbone": "nas_hnasnet", "output_stride": 8} | _NO_STRIDE_32,
    _GATED | {"atrous_rates": None, "aspp_with_concat_projection": False},
    _GATED | {"image_se_uses_qsigmoid": True},
    {"image_pooling_crop_size": [769, 769], "image_pooling_stride": [4, 5]},
    {"dense_prediction_cell": _CELL, "image_pooling_crop_size": [65, 65]},
    _NO_HEAD | {"logits_kernel_size": 3},
    _DECODER | {"decoder_output_is_logits": True, "decoder_filters": 21},
    {"image_pyramid": [0.5, 1.0], "merge_method": "avg"},
    {"fine_tune_batch_norm": False, "recompute": True},
    {"backbone": "nas_pnasnet", "drop_path_keep_prob": 0.8},
  ],
)
def test_is_a_model(options):
  _check(**options)


@pytest.mark.parametrize(
  "options, message",
  [
    ({"backbone": "mobilenetv2"}, "Did you mean 'mobilenet_v2'"),
    ({"multi_grid": [1, 2, 4]}, "has no multi_grid"),
    ({"backbone": "xception_65", "multi_grid": [1, 2]}, "None or 3 factors"),
    ({"backbone": "xception_65", "depth_multiplier": 0.5}, "depth_multipl"),
    (
      {"backbone": "mobilenet_v3_large_seg", "divisible_by": 4},
      "has no divisible_by. Received: divisible_by=4; leave it out",
    ),
    ({"decoder_output_stride": 2}, "decoder_output_stride=2"),
    ({"decoder_output_stride": [4, 8]}, "largest to the smallest"),
    ({"decoder_output_stride": [4, 4]}, "largest to the smallest"),
    (
      _DECODER | {"backbone": "mobilenet_edgetpu"},
      "no map for a decoder. Received: decoder_output_stride=4",
    ),
    (
      {"decoder_output_stride": 16, "backbone": "mobilenet_v2_mini"},
      r"one of \(4, 8\) with the backbone 'mobilenet_v2_mini'",
    ),
    ({"decoder_output_is_logits": True}, "off without a decoder"),
    (
      _DECODER | {"decoder_output_is_logits": True},
      r"the number of classes \(21\) .*decoder_filters=256",
    ),
    (
      _DECODER
      | {"decoder_output_is_logits": True, "decoder_filters": 21}
      | {"decoder_use_separable_conv": True},
      "no separable convolution",
    ),
    ({"logits_kernel_size": 3}, "logits_kernel_size=3"),
    (_NO_HEAD | {"logits_kernel_size": 3, "atrous_rates": None}, "kernel_size"),
    (
      {"image_pooling_crop_size": [65, 65], "add_image_level_feature": False},
      "where the head pools the image",
    ),
    (
      _NO_HEAD | {"image_pooling_crop_size": [65, 65]},
      "where the head pools the image",
    ),
    ({"image_pooling_crop_size": [65]}, r"crop_size=\[65\]"),
    ({"image_pooling_stride": [2, 2]}, "with an image_pooling_crop_size"),
    ({"image_se_uses_qsigmoid": True}, "off without `aspp_with_squeeze"),
    (_GATED | _NO_HEAD, "off without a head and its image-level feature"),
    (
      _GATED | {"add_image_level_feature": False},
      "off without a head and its image-level feature",
    ),
    (
      _GATED | {"aspp_with_concat_projection": False},
      "aspp_with_concat_projection=False",
    ),
    (_NO_HEAD | {"dense_prediction_cell": _CELL}, "which switches it off"),
    (_GATED | {"dense_prediction_cell": _CELL}, "which has none"),
    (
      {"dense_prediction_cell": _CELL, "output_stride": 32},
      "output_stride=32",
    ),
    (_BOUNDED | _NO_HEAD, "off with this backbone where neither a head"),
    (_BOUNDED | {"dense_prediction_cell": _CELL}, "use_bounded_activation=T"),
    (
      _BOUNDED
      | _NO_HEAD
      | _DECODER
      | {"decoder_output_is_logits": True, "decoder_filters": 21},
      "use_bounded_activation=True",
    ),
    (
      {"backbone": "nas_pnasnet"} | _NO_STRIDE_32,
      "unless `output_stride` is 32: .*nas_remove_os32_stride=True",
    ),
    ({"dense_prediction_cell": "nowhere"}, "JSON file that is there"),
    ({"recompute": True}, "move twice. Received: recompute=True"),
    (
      {"backbone": "nas_pnasnet", "drop_path_keep_prob": 0.5}
      | {"fine_tune_batch_norm": False},
      "no path is dropped then",
    ),
    ({"image_pyramid": []}, "None or positive scales"),
    ({"image_pyramid": [1.0, 0.0]}, "None or positive scales"),
    ({"merge_method": "mean"}, "one of .'max', 'avg'."),
  ],
)
def test_is_none(options, message):
  with pytest.raises(ValueError, match=message):
    _check(**options)


@pytest.mark.parametrize(
  "stride, strides", [(None, ()), (4, (4,)), ([8, 4], (8, 4)), ([], ())]
)
def test_a_stride_is_that_of_one_stage(stride, strides):
  assert option_checks.decoder_strides(stride) == strides


def test_a_backbone_gets_what_is_its_own():
  options = option_checks.backbone_options(_DEFAULTS)
  assert options["multi_grid"] is None
  assert "atrous_rates" not in options
