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

"""Builds a DeepLab from the flags of the original."""

from collections.abc import Sequence

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import aspp
from deeplab_ssl.modeling import decoder
from deeplab_ssl.modeling import deeplab
from deeplab_ssl.modeling import dense_prediction_cell as cell_lib
from deeplab_ssl.modeling import image_pooling
from deeplab_ssl.modeling import image_pyramid as pyramid_lib
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import option_checks
from deeplab_ssl.modeling.backbones import factory


def build_deeplab(
  *,
  backbone: str = "mobilenet_v2",
  num_classes: int = 21,
  output_stride: int = 16,
  atrous_rates: Sequence[int] | None = (6, 12, 18),
  decoder_output_stride: int | Sequence[int] | None = None,
  multi_grid: Sequence[int] | None = None,
  depth_multiplier: float = 1.0,
  divisible_by: int | None = None,
  nas_stem_output_num_conv_filters: int = 20,
  nas_remove_os32_stride: bool = False,
  nas_use_classification_head: bool = False,
  drop_path_keep_prob: float = 1.0,
  add_image_level_feature: bool = True,
  aspp_with_batch_norm: bool = True,
  aspp_with_concat_projection: bool = True,
  aspp_convs_filters: int = 256,
  aspp_with_separable_conv: bool = False,
  aspp_with_squeeze_and_excitation: bool = False,
  image_se_uses_qsigmoid: bool = False,
  image_pooling_crop_size: Sequence[int] | None = None,
  image_pooling_stride: Sequence[int] = (1, 1),
  dense_prediction_cell: str | Sequence[cell_lib.Branch] = "",
  decoder_filters: int = 256,
  decoder_use_separable_conv: bool = False,
  decoder_use_sum_merge: bool = False,
  decoder_output_is_logits: bool = False,
  use_bounded_activation: bool = False,
  image_pyramid: Sequence[float] | None = None,
  merge_method: str = "max",
  logits_kernel_size: int = 1,
  fine_tune_batch_norm: bool = True,
  batch_norm_decay: float | None = None,
  logits_init_stddev: float = 0.01,
  weight_decay: float = 0.0,
  recompute: bool = False,
) -> deeplab.DeepLab:
  """Builds DeepLabv3, or DeepLabv3+ if a decoder stride is given.

  The arguments are research/deeplab's flags of the same name.

  Args:
    backbone: one of `backbones.factory.NAMES`, the original's model variants
      and "mobilenet_v2_mini", the first third of MobileNetV2, which has output
      stride 8 only.
    num_classes: number of classes, the ignore label not counted.
    output_stride: stride of the backbone's features: 8, 16 or 32.
    atrous_rates: rates of the ASPP branches, e.g. (6, 12, 18) at output stride
      16 and (12, 24, 36) at 8; None for no atrous branch.
    decoder_output_stride: stride of the DeepLabv3+ decoder, None for DeepLabv3.
      DeepLabv3+ has 4; the backbones have maps at 8 and 16 as well. Several,
      from the largest to the smallest, are those of as many stages.
    multi_grid: factors on the atrous rates of the units of the last block of a
      ResNet, three or, of ResNet-18, two, or of the last three convolutions of
      an Xception; None is 1 for each. The released ResNets (beta) want
      (1, 2, 4).
    depth_multiplier: factor on the channels of a MobileNet.
    divisible_by: what the channels of MobileNetV2 are multiples of; None is 8
      at depth multiplier 1, and 1 elsewhere.
    nas_stem_output_num_conv_filters: channels of the states of a NAS cell at
      stride 4; twice as many at each further level.
    nas_remove_os32_stride: whether the NAS cells of stride 32 keep stride 16.
    nas_use_classification_head: whether a NAS backbone ends as its classifier
      does, in 2048 channels.
    drop_path_keep_prob: probability to keep a branch of the last NAS cell at
      the end of a training; it falls to it from 1, and acts with
      `fine_tune_batch_norm` alone.
    add_image_level_feature: whether the head has an image pooling branch.
    aspp_with_batch_norm: whether there is a head; without one the logits are
      the sum of one atrous convolution of the features per rate (DeepLabv2).
    aspp_with_concat_projection: whether a 1x1 convolution and, in training,
      dropout follow the concatenated branches of the head.
    aspp_convs_filters: channels of the head.
    aspp_with_separable_conv: whether the atrous branches are separable.
    aspp_with_squeeze_and_excitation: whether the image-level feature is
      multiplied with the output of the head, as MobileNetV3 has it, instead of
      standing beside the other branches.
    image_se_uses_qsigmoid: whether it is relu6(x + 3) / 6 of the convolved
      means then, instead of their sigmoid.
    image_pooling_crop_size: (height, width) in pixels of the part of an image
      that a window of the image-level feature covers; None is all of it. Images
      must not be smaller.
    image_pooling_stride: distances of these windows, rows and columns of the
      features.
    dense_prediction_cell: a cell that takes the place of the ASPP, see
      `dense_prediction_cell.read`.
    decoder_filters: channels of the decoder.
    decoder_use_separable_conv: whether the decoder is separable.
    decoder_use_sum_merge: whether the decoder adds the low-level map instead of
      concatenating it.
    decoder_output_is_logits: whether the decoder gives the logits: it is linear
      then, and `decoder_filters` is the number of classes.
    use_bounded_activation: whether head, decoder and Xception have ReLU6 for
      ReLU, and Xception clips what it adds: for arithmetic of fixed point.
    image_pyramid: scales at which the model sees an image, each of which has
      its logits; None is the image as it is.
    merge_method: "max" or "avg", how these logits become one map.
    logits_kernel_size: side of the logits' kernel in pixels; above 1 only with
      atrous rates and without a head.
    fine_tune_batch_norm: whether training uses and updates batch statistics.
      Only sensible with about 12 or more images per replica.
    batch_norm_decay: momentum of all moving statistics; None takes the
      original's constants, whose averages need many thousand steps.
    logits_init_stddev: standard deviation of the initial logits kernel. The
      original's value suits a pretrained backbone; from random weights it lets
      all features collapse onto one, and about 0.15 trains.
    weight_decay: factor of sum(w^2) / 2 over the kernels that the original
      decays: all but depthwise ones; no bias, gamma or beta.
    recompute: whether training keeps no activations within the blocks of the
      backbone, and computes each block once more in the backward pass: less
      memory, more time. Not with `fine_tune_batch_norm`, whose moving
      statistics would move twice.

  Returns:
    A built `DeepLab` that maps RGB images `[batch, height, width, 3]` in
    [0, 255] to float32 logits `[batch, h, w, num_classes]`.

  Raises:
    ValueError: if an argument is out of its range.
  """
  options = dict(locals())  # All arguments; there is nothing else yet.
  if num_classes < 1:
    raise ValueError(
      "Argument `num_classes` must be positive. Received: "
      f"num_classes={num_classes}"
    )
  option_checks.check(options)
  # Keras' L2 has no factor 1/2; the original's has.
  l2 = tf_keras.regularizers.L2(weight_decay / 2) if weight_decay else None
  convs = layers.ConvOptions(l2, batch_norm_decay)
  row = factory.row_of(backbone)
  strides = option_checks.decoder_strides(decoder_output_stride)
  model = deeplab.DeepLab(
    backbone=factory.build_backbone(
      backbone,
      output_stride=output_stride,
      conv_options=convs,
      **option_checks.backbone_options(options),
    ),
    heads=_heads(options, convs),
    decoders=[
      decoder.Decoder(_decoder_options(options), convs, number)
      for number in range(len(strides))
    ],
    logits=[] if decoder_output_is_logits else _logits_layers(options, l2),
    num_classes=num_classes,
    output_stride=output_stride,
    decoder_strides=strides,
    padding=row.padding,
    size_step=factory.size_step(
      backbone, output_stride, nas_remove_os32_stride
    ),
    least_size=image_pooling_crop_size or (1, 1),
    pyramid=pyramid_lib.ImagePyramid(image_pyramid or None, merge_method),
    fine_tune_batch_norm=fine_tune_batch_norm,
    recompute=recompute,
  )
  model(tf_keras.Input([None, None, 3]))
  return model


def _heads(options, convs):
  """Returns no head, one, or one for each scale of an image pyramid."""
  if not options["aspp_with_batch_norm"]:
    return []
  pooling = image_pooling.Pooling(
    options["image_pooling_crop_size"],
    tuple(options["image_pooling_stride"]),
    options["output_stride"],
    _gate(options),
  )
  branches = cell_lib.read(options["dense_prediction_cell"])
  if branches:
    # The original makes a cell of its own for each scale.
    return [
      cell_lib.DensePredictionCell(branches, pooling, convs, number)
      for number in range(len(options["image_pyramid"] or [1.0]))
    ]
  return [
    aspp.Aspp(
      options["atrous_rates"],
      options["aspp_convs_filters"],
      options["add_image_level_feature"],
      options["aspp_with_separable_conv"],
      options["aspp_with_concat_projection"],
      convs,
      pooling=pooling,
      activation=_activation(options),
    )
  ]


def _gate(options):
  if not options["aspp_with_squeeze_and_excitation"]:
    return ""
  quantized = options["image_se_uses_qsigmoid"]
  return "quantized_sigmoid" if quantized else "sigmoid"


def _activation(options):
  return tf.nn.relu6 if options["use_bounded_activation"] else tf.nn.relu


def _decoder_options(options):
  return decoder.DecoderOptions(
    filters=options["decoder_filters"],
    separable=options["decoder_use_separable_conv"],
    sum_merge=options["decoder_use_sum_merge"],
    is_logits=options["decoder_output_is_logits"],
    activation=_activation(options),
  )


def _logits_layers(options, kernel_regularizer):
  """Returns the convolutions whose sum the logits are, one for each rate."""
  rates = [1]
  if options["atrous_rates"] and not options["aspp_with_batch_norm"]:
    rates = options["atrous_rates"]
  return [
    tf_keras.layers.Conv2D(
      options["num_classes"],
      options["logits_kernel_size"],
      padding="same",
      dilation_rate=rate,
      name="logits_semantic" + (f"_{i}" if i else ""),
      dtype="float32",
      kernel_initializer=tf_keras.initializers.TruncatedNormal(
        stddev=options["logits_init_stddev"]
      ),
      kernel_regularizer=kernel_regularizer,
    )
    for i, rate in enumerate(rates)
  ]
