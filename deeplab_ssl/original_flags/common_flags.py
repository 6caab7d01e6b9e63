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

"""The flags of the original's common.py, which all of its programs have."""

import pathlib

from deeplab_ssl.original_flags import declaration
from deeplab_ssl.original_flags import kinds

NETWORKS = (
  "mobilenet_v2",
  "mobilenet_v3_large_seg",
  "mobilenet_v3_small_seg",
  "mobilenet_edgetpu",
  "resnet_v1_18",
  "resnet_v1_18_beta",
  "resnet_v1_50",
  "resnet_v1_50_beta",
  "resnet_v1_101",
  "resnet_v1_101_beta",
  "xception_41",
  "xception_65",
  "xception_71",
  "nas_pnasnet",
  "nas_hnasnet",
)
# The cell that comes with the original, and with us under the same name.
_KNOWN_CELL = "dense_prediction_cell_branch5_top1_cityscapes"
_PREDICTING = (declaration.EVAL, declaration.VIS, declaration.EXPORT)
_DECODER = (declaration.given("decoder_output_stride"),)
_HEAD = (declaration.given("aspp_with_batch_norm"),)
_NAS = (declaration.network("nas_"),)
_IMAGE_LEVEL = declaration.Need(
  "without --add_image_level_feature or --dense_prediction_cell_json",
  lambda values: (
    values["add_image_level_feature"] or values["dense_prediction_cell_json"]
  ),
)
_ACTIVATION = declaration.Need(
  "with this network and neither a decoder nor a head with activations",
  lambda values: (
    values["model_variant"].startswith("xception_")
    or (
      values["aspp_with_batch_norm"]
      and not values["dense_prediction_cell_json"]
    )
    or (
      values["decoder_output_stride"] and not values["decoder_output_is_logits"]
    )
  ),
)
_RESIZED = (declaration.given("min_resize_value"),)


def _model(name, kind, default, **options):
  options.setdefault("key", f"task.model.{name}")
  return declaration.Flag(name, kind, default, **options)


def _data(name, kind, default, **options):
  key = f"{declaration.DATA}.{name}"
  return declaration.Flag(name, kind, default, key=key, **options)


def _stride(strides):
  """The strides of the decoder: null, a number, or a list of several."""
  return (strides if len(strides) > 1 else strides[0]) if strides else None


def _cell(path):
  """A dense prediction cell: its name if we have it, else the file."""
  known = pathlib.PurePosixPath(path).stem == _KNOWN_CELL
  return _KNOWN_CELL if known else path


COMMON = (
  _model(
    "model_variant",
    kinds.choice(*NETWORKS),
    "mobilenet_v2",
    key="task.model.backbone",
  ),
  _data("min_resize_value", kinds.INTEGER, None),
  _data("max_resize_value", kinds.INTEGER, None),
  _data("resize_factor", kinds.INTEGER, None, needs=_RESIZED),
  declaration.Flag(
    "keep_aspect_ratio",
    kinds.FLAG,
    True,
    reason="the original reads it nowhere, and images keep their ratio; "
    "`keep_aspect_ratio` of the data acts here",
  ),
  _model("logits_kernel_size", kinds.INTEGER, 1),
  _model("image_pyramid", kinds.NUMBERS, None),
  _model(
    "merge_method",
    kinds.choice("max", "avg"),
    "max",
    needs=(
      declaration.Need(
        "with fewer than two --image_pyramid",
        lambda values: len(values["image_pyramid"] or ()) > 1,
      ),
    ),
  ),
  _model("add_image_level_feature", kinds.FLAG, True),
  _model(
    "image_pooling_crop_size",
    kinds.COMMA_LIST,
    None,
    convert=lambda size: size or None,
    needs=(*_HEAD, _IMAGE_LEVEL),
  ),
  _model(
    "image_pooling_stride",
    kinds.COMMA_LIST,
    [1, 1],
    needs=(*_HEAD, declaration.given("image_pooling_crop_size")),
  ),
  _model("aspp_with_batch_norm", kinds.FLAG, True),
  _model("aspp_with_separable_conv", kinds.FLAG, True),
  _model("aspp_with_concat_projection", kinds.FLAG, True),
  _model(
    "aspp_with_squeeze_and_excitation",
    kinds.FLAG,
    False,
    needs=(
      *_HEAD,
      declaration.given("add_image_level_feature"),
      declaration.off("dense_prediction_cell_json"),
    ),
  ),
  _model(
    "image_se_uses_qsigmoid",
    kinds.FLAG,
    False,
    needs=(declaration.given("aspp_with_squeeze_and_excitation"),),
  ),
  _model("aspp_convs_filters", kinds.INTEGER, 256),
  _model(
    "multi_grid",
    kinds.INTEGERS,
    None,
    needs=(declaration.network("resnet_", "xception_"),),
  ),
  _model(
    "depth_multiplier",
    kinds.NUMBER,
    1.0,
    needs=(declaration.network("mobilenet_"),),
  ),
  _model(
    "divisible_by",
    kinds.INTEGER,
    None,
    needs=(declaration.network("mobilenet_v2"),),
  ),
  _model("decoder_output_stride", kinds.COMMA_LIST, None, convert=_stride),
  _model(
    "decoder_use_separable_conv",
    kinds.FLAG,
    True,
    needs=(*_DECODER, declaration.off("decoder_output_is_logits")),
  ),
  _model("decoder_use_sum_merge", kinds.FLAG, False, needs=_DECODER),
  _model("decoder_filters", kinds.INTEGER, 256, needs=_DECODER),
  # Without a decoder, the original takes the head's features for logits, which
  # our models refuse.
  _model("decoder_output_is_logits", kinds.FLAG, False),
  _model("use_bounded_activation", kinds.FLAG, False, needs=(_ACTIVATION,)),
  _model("nas_stem_output_num_conv_filters", kinds.INTEGER, 20, needs=_NAS),
  _model("nas_use_classification_head", kinds.FLAG, False, needs=_NAS),
  _model(
    "nas_remove_os32_stride",
    kinds.FLAG,
    False,
    needs=(
      *_NAS,
      declaration.Need(
        "in nas_pnasnet with another --output_stride than 32",
        lambda values: (
          values["model_variant"] != "nas_pnasnet"
          or values["output_stride"] == 32
        ),
      ),
    ),
  ),
  _model(
    "dense_prediction_cell_json",
    kinds.TEXT,
    "",
    key="task.model.dense_prediction_cell",
    convert=_cell,
    needs=_HEAD,
  ),
  declaration.Flag(
    "prediction_with_upsampled_logits",
    kinds.FLAG,
    True,
    option="upsample_logits",
    read_by=_PREDICTING,
  ),
  declaration.Flag(
    "label_weights",
    kinds.NUMBERS,
    None,
    key="task.losses.label_weights",
    read_by=(declaration.TRAIN,),
  ),
  declaration.Flag(
    "batch_norm_decay",
    kinds.NUMBER,
    0.9997,
    reason="the original reads it nowhere; `model.batch_norm_decay` acts here",
  ),
)
