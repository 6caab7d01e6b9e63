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

"""The keys of `task.model`: the arguments of `modeling.build_deeplab`."""

import dataclasses
from typing import Any

from official.modeling import hyperparams

from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import rules
from deeplab_ssl.modeling import (
  dense_prediction_cell as dense_prediction_cell_lib,
)
from deeplab_ssl.modeling import image_pyramid as image_pyramid_lib
from deeplab_ssl.modeling.backbones import factory

OUTPUT_STRIDES = (8, 16, 32)
_COMMON = "`{}` of common.py"
_POSITIVE = rules.integer(1)
_TRAIN = "`{}` of train.py"
_DECODER_STRIDE = rules.exactly(4, 8, 16)


def _declared(default, rule, meaning, name=None, where=_COMMON):
  source = where.format(name) if name else ""
  return fields.declared(default, rule, meaning, source=source)


def _flag(default, meaning, name=None, where=_COMMON):
  return _declared(default, rules.flag(), meaning, name, where)


@dataclasses.dataclass
class DeepLabModel(hyperparams.Config):
  """Arguments of `modeling.build_deeplab`, under the original's flag names."""

  backbone: str = _declared(
    "mobilenet_v2",
    rules.choice(*factory.NAMES),
    "the feature extractor",
    "model_variant",
  )
  num_classes: int = fields.declared(
    0,
    rules.integer(0),
    "not chosen: it comes from the data set, which 0 stands for",
  )
  output_stride: int = _declared(
    16,
    rules.exactly(*OUTPUT_STRIDES),
    "stride of the features; mobilenet_v2_mini has 8 alone",
    "output_stride",
    _TRAIN,
  )
  atrous_rates: list[int] | None = _declared(
    [6, 12, 18],
    rules.optional(rules.list_of(_POSITIVE)),
    "rates of the branches of the ASPP, at output stride 8 twice as large; "
    "null for none",
    "atrous_rates",
    _TRAIN,
  )
  decoder_output_stride: Any = _declared(
    None,
    rules.optional(
      rules.either(_DECODER_STRIDE, rules.list_of(_DECODER_STRIDE))
    ),
    "stride of the decoder of DeepLabv3+, which takes 4, or those of several "
    "stages, from the largest to the smallest; null for DeepLabv3",
    "decoder_output_stride",
  )
  multi_grid: list[int] | None = _declared(
    None,
    rules.optional(rules.list_of(_POSITIVE)),
    "factors on the last atrous rates of a ResNet or an Xception: three, or "
    "two of a ResNet-18; null is 1 for each",
    "multi_grid",
  )
  depth_multiplier: float = _declared(
    1.0,
    rules.real(above=0),
    "factor on the channels of a MobileNet",
    "depth_multiplier",
  )
  divisible_by: int | None = _declared(
    None,
    rules.optional(_POSITIVE),
    "what the channels of MobileNetV2 are multiples of; null is 8 at "
    "depth_multiplier 1, and 1 elsewhere",
    "divisible_by",
  )
  nas_stem_output_num_conv_filters: int = _declared(
    20,
    _POSITIVE,
    "channels of the states of a NAS cell at stride 4; twice as many at each "
    "further level",
    "nas_stem_output_num_conv_filters",
  )
  nas_remove_os32_stride: bool = _flag(
    False,
    "whether the NAS cells of stride 32 keep stride 16",
    "nas_remove_os32_stride",
  )
  nas_use_classification_head: bool = _flag(
    False,
    "whether a NAS backbone ends as its classifier does, in 2048 channels",
    "nas_use_classification_head",
  )
  drop_path_keep_prob: float = _declared(
    1.0,
    rules.real(above=0, high=1),
    "probability to keep a branch of the last NAS cell at the end of the "
    "training; only with fine_tune_batch_norm",
    "drop_path_keep_prob",
    _TRAIN,
  )
  add_image_level_feature: bool = _flag(
    True,
    "whether the head has a branch with the mean of the image",
    "add_image_level_feature",
  )
  aspp_with_batch_norm: bool = _flag(
    True,
    "whether there is a head; without one the logits are a sum of atrous "
    "convolutions (DeepLabv2)",
    "aspp_with_batch_norm",
  )
  aspp_with_concat_projection: bool = _flag(
    True,
    "whether a 1x1 convolution and dropout follow the branches",
    "aspp_with_concat_projection",
  )
  aspp_convs_filters: int = _declared(
    256, _POSITIVE, "channels of the head", "aspp_convs_filters"
  )
  aspp_with_separable_conv: bool = _flag(
    False,
    "whether the atrous branches are separable",
    "aspp_with_separable_conv",
  )
  aspp_with_squeeze_and_excitation: bool = _flag(
    False,
    "whether the mean of the image is multiplied with the output of the head, "
    "as MobileNetV3 has it",
    "aspp_with_squeeze_and_excitation",
  )
  image_se_uses_qsigmoid: bool = _flag(
    False,
    "whether it is relu6(x + 3) / 6 then, instead of a sigmoid",
    "image_se_uses_qsigmoid",
  )
  image_pooling_crop_size: list[int] | None = _declared(
    None,
    rules.optional(rules.list_of(_POSITIVE, 2)),
    "[height, width] in pixels of the part of an image whose mean it is; null "
    "is all of it. Images must not be smaller",
    "image_pooling_crop_size",
  )
  image_pooling_stride: list[int] = _declared(
    [1, 1],
    rules.list_of(_POSITIVE, 2),
    "distances of these parts, in rows and columns of the features",
    "image_pooling_stride",
  )
  dense_prediction_cell: str = _declared(
    "",
    rules.text(),
    "a cell that takes the place of the ASPP: "
    + ", ".join(dense_prediction_cell_lib.CELLS)
    + ", or a file of JSON that describes one, or its text",
    "dense_prediction_cell_json",
  )
  decoder_filters: int = _declared(
    256, _POSITIVE, "channels of the decoder", "decoder_filters"
  )
  decoder_use_separable_conv: bool = _flag(
    False, "whether the decoder is separable", "decoder_use_separable_conv"
  )
  decoder_use_sum_merge: bool = _flag(
    False,
    "whether the decoder adds the low-level map instead of concatenating it",
    "decoder_use_sum_merge",
  )
  decoder_output_is_logits: bool = _flag(
    False,
    "whether the decoder gives the logits; decoder_filters is the number of "
    "classes then",
    "decoder_output_is_logits",
  )
  use_bounded_activation: bool = _flag(
    False,
    "whether head, decoder and Xception have ReLU6 for ReLU, for arithmetic of "
    "fixed point",
    "use_bounded_activation",
  )
  image_pyramid: list[float] | None = _declared(
    None,
    rules.optional(rules.list_of(rules.real(above=0))),
    "scales at which the model sees an image; null is the image as it is",
    "image_pyramid",
  )
  merge_method: str = _declared(
    "max",
    rules.choice(*image_pyramid_lib.MERGE_METHODS),
    "how the logits of these scales become one map",
    "merge_method",
  )
  logits_kernel_size: int = _declared(
    1,
    _POSITIVE,
    "side of the logits' kernel in pixels; above 1 only with atrous_rates and "
    "without aspp_with_batch_norm",
    "logits_kernel_size",
  )
  fine_tune_batch_norm: bool = _flag(
    True,
    "whether batch norm is trained; it wants 12 or more images per device",
    "fine_tune_batch_norm",
    _TRAIN,
  )
  recompute: bool = fields.declared(
    False,
    rules.flag(),
    "whether training keeps no activations within the blocks of the backbone, "
    "and computes them once more: less memory, more time; not with "
    "fine_tune_batch_norm",
  )
  batch_norm_decay: float | None = fields.declared(
    None,
    rules.optional(rules.real(0, below=1)),
    "decay of the moving statistics; null takes the original's constants",
  )
  logits_init_stddev: float = fields.declared(
    0.01,
    rules.real(0),
    "standard deviation of the initial logits' kernel; from random weights "
    "0.15 trains",
    source="model.py",
  )
