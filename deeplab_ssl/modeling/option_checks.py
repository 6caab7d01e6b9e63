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

"""What the options of a model must be together, checked before it is built."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from deeplab_ssl.modeling import dense_prediction_cell
from deeplab_ssl.modeling import image_pyramid
from deeplab_ssl.modeling.backbones import factory
from deeplab_ssl.modeling.backbones import nas

Options = Mapping[str, Any]


def backbone_options(options: Options) -> dict[str, Any]:
  """Returns the options that some backbones have, of those of a model."""
  return {name: options[name] for name in factory.OPTION_NAMES}


def decoder_strides(stride: int | Sequence[int] | None) -> tuple[int, ...]:
  """Returns the strides of the stages of a decoder, none without one.

  Args:
    stride: `decoder_output_stride` of `build_deeplab`.
  """
  if stride is None:
    return ()
  return (stride,) if isinstance(stride, int) else tuple(stride)


def check(options: Options) -> None:
  """Refuses options that no model has, or that one would ignore.

  Args:
    options: all arguments of `build_deeplab`; `num_classes` may be 0, which is
      not known yet.

  Raises:
    ValueError: naming the argument, its value and what it may be.
  """
  _check_backbone(options)
  _check_decoder(options)
  _check_logits(options)
  _check_head(options)
  if options["dense_prediction_cell"]:
    _check_cell(options)
  _check_activation(options)
  _check_training(options)
  pyramid = options["image_pyramid"]
  _require(
    pyramid is None or (pyramid and min(pyramid) > 0),
    "image_pyramid",
    "None or positive scales",
    options,
  )
  _require(
    options["merge_method"] in image_pyramid.MERGE_METHODS,
    "merge_method",
    f"one of {image_pyramid.MERGE_METHODS}",
    options,
  )


def _require(condition, name, expected, options):
  if not condition:
    raise ValueError(
      f"Argument `{name}` must be {expected}. Received: {name}={options[name]}"
    )


def _check_backbone(options):
  backbone = options["backbone"]
  factory.check_options(backbone, **backbone_options(options))
  _require(
    not options["nas_remove_os32_stride"]
    or nas.has_stride_32(backbone, options["output_stride"]),
    "nas_remove_os32_stride",
    f"off with the backbone {backbone!r} unless `output_stride` is 32: it has "
    "no cells of stride 32 otherwise",
    options,
  )


def _check_activation(options):
  own = (
    "use_bounded_activation" in factory.row_of(options["backbone"]).option_names
  )
  head = (
    options["aspp_with_batch_norm"] and not options["dense_prediction_cell"]
  )
  decoder = (
    decoder_strides(options["decoder_output_stride"])
    and not options["decoder_output_is_logits"]
  )
  _require(
    not options["use_bounded_activation"] or own or head or decoder,
    "use_bounded_activation",
    "off with this backbone where neither a head, other than a "
    "dense_prediction_cell, nor a decoder has an activation to be bounded",
    options,
  )


def _check_decoder(options):
  name = "decoder_output_stride"
  backbone = options["backbone"]
  known = factory.row_of(backbone).low_level_strides
  strides = decoder_strides(options[name])
  if not known:
    _require(
      not strides,
      name,
      f"None with the backbone {backbone!r}, which has no map for a decoder",
      options,
    )
  _require(
    set(strides) <= set(known),
    name,
    f"one of {known} with the backbone {backbone!r}, some of them, or None",
    options,
  )
  _require(
    list(strides) == sorted(set(strides), reverse=True),
    name,
    "from the largest to the smallest",
    options,
  )
  if not options["decoder_output_is_logits"]:
    return
  _require(
    strides, "decoder_output_is_logits", "off without a decoder", options
  )
  classes = options["num_classes"]
  _require(
    options["decoder_filters"] == classes or not classes,
    "decoder_filters",
    f"the number of classes ({classes}) with `decoder_output_is_logits`",
    options,
  )
  _require(
    not options["decoder_use_separable_conv"],
    "decoder_use_separable_conv",
    "off with `decoder_output_is_logits`, which has no separable convolution",
    options,
  )


def _check_logits(options):
  plain = (
    options["aspp_with_batch_norm"]
    or not options["atrous_rates"]
    or options["decoder_output_is_logits"]
  )
  _require(
    options["logits_kernel_size"] == 1 or not plain,
    "logits_kernel_size",
    "1 unless there are atrous_rates and aspp_with_batch_norm is off, and the "
    "decoder does not give the logits",
    options,
  )


def _check_head(options):
  pools = options["aspp_with_batch_norm"] and (
    options["add_image_level_feature"] or options["dense_prediction_cell"]
  )
  crop_size = options["image_pooling_crop_size"]
  _require(
    crop_size is None or (pools and _is_pair(crop_size)),
    "image_pooling_crop_size",
    "None, or [height, width] where the head pools the image",
    options,
  )
  strides = options["image_pooling_stride"]
  _require(
    list(strides) == [1, 1] or (crop_size and _is_pair(strides)),
    "image_pooling_stride",
    "(1, 1), or two strides with an image_pooling_crop_size",
    options,
  )
  gated = options["aspp_with_squeeze_and_excitation"]
  _require(
    not options["image_se_uses_qsigmoid"] or gated,
    "image_se_uses_qsigmoid",
    "off without `aspp_with_squeeze_and_excitation`",
    options,
  )
  if not gated:
    return
  _require(
    options["aspp_with_batch_norm"] and options["add_image_level_feature"],
    "aspp_with_squeeze_and_excitation",
    "off without a head and its image-level feature",
    options,
  )
  _require(
    options["aspp_with_concat_projection"] or not options["atrous_rates"],
    "aspp_with_concat_projection",
    "on with `aspp_with_squeeze_and_excitation` and atrous_rates: there would "
    "be several times as many channels as weights",
    options,
  )


def _is_pair(value):
  return len(value) == 2 and all(
    type(number) is int and number > 0 for number in value
  )


def _check_cell(options):
  name = "dense_prediction_cell"
  _require(
    options["aspp_with_batch_norm"],
    name,
    "left out without `aspp_with_batch_norm`, which switches it off",
    options,
  )
  _require(
    not options["aspp_with_squeeze_and_excitation"],
    "aspp_with_squeeze_and_excitation",
    "off with a dense_prediction_cell, which has none",
    options,
  )
  dense_prediction_cell.read(options[name])
  dense_prediction_cell.check_output_stride(options["output_stride"])


def _check_training(options):
  tuned = options["fine_tune_batch_norm"]
  _require(
    not (options["recompute"] and tuned),
    "recompute",
    "off with `fine_tune_batch_norm`: the moving statistics would move twice",
    options,
  )
  _require(
    options["drop_path_keep_prob"] == 1 or tuned,
    "drop_path_keep_prob",
    "1 without `fine_tune_batch_norm`, since no path is dropped then",
    options,
  )
