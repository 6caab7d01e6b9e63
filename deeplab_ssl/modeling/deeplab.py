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

"""DeepLabv3 and DeepLabv3+ as research/deeplab builds them."""

from collections.abc import Sequence
import contextlib

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import aspp
from deeplab_ssl.modeling import decoder
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import resizing
from deeplab_ssl.modeling.backbones import factory


class DeepLab(tf_keras.Model):
  """Backbone, ASPP, optional decoder and logits. Build it by `build_deeplab`.

  Attributes:
    backbone: the feature extractor.
    num_classes: channels of the logits.
    output_stride: stride of the backbone's features.
    fine_tune_batch_norm: whether training uses and updates batch statistics.
    padding: what is beyond an image, in [0, 255], a number or one per channel.
    size_step: sides of `k * size_step + 1` pixels need no padding.
    recompute: whether training keeps no activations within the blocks of the
      backbone.
  """

  def __init__(
    self,
    backbone,
    head,
    decoder_layer,
    logits,
    num_classes,
    output_stride,
    decoder_output_stride,
    padding,
    size_step,
    fine_tune_batch_norm,
    recompute,
  ):
    # Images keep their type until they are normalised: bfloat16 has 8 bits.
    super().__init__(name="deeplab", autocast=False)
    self.backbone = backbone
    self.head = head
    self.decoder = decoder_layer
    self.logits, *self.logits_atrous = logits
    self.num_classes = num_classes
    self.output_stride = output_stride
    self.decoder_output_stride = decoder_output_stride
    self.padding = padding
    self.size_step = size_step
    self.fine_tune_batch_norm = fine_tune_batch_norm
    self.recompute = recompute

  def call(self, images, training=None):
    """Returns float32 logits at the model's own stride.

    Args:
      images: RGB in [0, 255], `[batch, height, width, 3]` of any real dtype.
      training: whether dropout acts and, with `fine_tune_batch_norm`, whether
        batch norm uses the statistics of the batch. Frozen statistics leave
        gamma and beta trainable, as in the original.

    Returns:
      `[batch, h, w, num_classes]`.
    """
    norm_training = bool(training) and self.fine_tune_batch_norm
    x = self.backbone.normalize(images)
    maps = self.backbone(
      tf.cast(x, self.compute_dtype),
      training=norm_training,
      recompute=bool(training) and self.recompute,
    )
    x = maps.features
    if self.head is not None:
      x = self.head(x, training=norm_training, dropout=bool(training))
    if self.decoder is not None:
      stride = self.decoder_output_stride
      size = [resizing.scaled_size(d, stride) for d in _sides(images)]
      x = self.decoder(x, maps.low_level[stride], size, training=norm_training)
    return tf.add_n([self.logits(x), *(conv(x) for conv in self.logits_atrous)])

  def follow_steps(
    self, step: tf.Variable, seed: int, total_steps: int
  ) -> None:
    """Lets all that is drawn in training depend on the step and a seed alone.

    Args:
      step: scalar, the steps that are done.
      seed: of the training.
      total_steps: how many steps the training has.
    """
    for layer in self._noisy_layers():
      layer.follow(step, seed)
    for drop in self.backbone.drop_paths:
      drop.last_until(total_steps)

  def _noisy_layers(self):
    dropout = [] if self.head is None else [self.head.dropout]
    return [*dropout, *self.backbone.drop_paths]

  @contextlib.contextmanager
  def part_of_batch(self, index: int | tf.Tensor, count: int):
    """While it is open, the model is called with a part of a replica's batch.

    What is drawn for an image is then what the whole batch would have drawn.

    Args:
      index: number of the part, from 0.
      count: into how many equal parts the batch is divided.
    """
    with contextlib.ExitStack() as stack:
      for layer in self._noisy_layers():
        stack.enter_context(layer.part_of_batch(index, count))
      yield

  @property
  def checkpoint_items(self) -> dict[str, tf_keras.layers.Layer]:
    """Parts by the names that Model Garden's trainer checkpoints them under."""
    items = {
      "backbone": self.backbone,
      "head": self.head,
      "decoder": self.decoder,
    }
    return {name: part for name, part in items.items() if part is not None}

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {name in a TF1 checkpoint of the original: variable}."""
    variables = layers.slim_variables_of(self.checkpoint_items.values())
    for i, conv in enumerate([self.logits, *self.logits_atrous]):
      scope = "logits/semantic" + (f"_{i}" if i else "")
      variables |= {
        f"{scope}/weights": conv.kernel,
        f"{scope}/biases": conv.bias,
      }
    return variables


def _sides(images):
  """Height and width, numbers where they are known."""
  shape = tf.shape(images)
  return [images.shape[i] or shape[i] for i in (1, 2)]


def _logits_layers(
  num_classes, kernel_size, rates, init_stddev, kernel_regularizer
):
  """Returns the convolutions whose sum the logits are, one for each rate."""
  return [
    tf_keras.layers.Conv2D(
      num_classes,
      kernel_size,
      padding="same",
      dilation_rate=rate,
      name="logits_semantic" + (f"_{i}" if i else ""),
      dtype="float32",
      kernel_initializer=tf_keras.initializers.TruncatedNormal(
        stddev=init_stddev
      ),
      kernel_regularizer=kernel_regularizer,
    )
    for i, rate in enumerate(rates)
  ]


def build_deeplab(
  *,
  backbone: str = "mobilenet_v2",
  num_classes: int = 21,
  output_stride: int = 16,
  atrous_rates: Sequence[int] | None = (6, 12, 18),
  decoder_output_stride: int | None = None,
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
  decoder_filters: int = 256,
  decoder_use_separable_conv: bool = False,
  logits_kernel_size: int = 1,
  fine_tune_batch_norm: bool = True,
  batch_norm_decay: float | None = None,
  logits_init_stddev: float = 0.01,
  weight_decay: float = 0.0,
  recompute: bool = False,
) -> DeepLab:
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
      DeepLabv3+ has 4; the backbones have maps at 8 and 16 as well.
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
    decoder_filters: channels of the decoder.
    decoder_use_separable_conv: whether the decoder is separable.
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
  if num_classes < 1:
    raise ValueError(
      "Argument `num_classes` must be positive. Received: "
      f"num_classes={num_classes}"
    )
  row = factory.row_of(backbone)
  check_decoder(backbone, decoder_output_stride)
  check_logits_kernel(logits_kernel_size, atrous_rates, aspp_with_batch_norm)
  check_recompute(recompute, fine_tune_batch_norm)
  check_drop_path(drop_path_keep_prob, fine_tune_batch_norm)
  atrous_logits = bool(atrous_rates) and not aspp_with_batch_norm
  # Keras' L2 has no factor 1/2; the original's has.
  l2 = tf_keras.regularizers.L2(weight_decay / 2) if weight_decay else None
  options = layers.ConvOptions(l2, batch_norm_decay)
  model = DeepLab(
    backbone=factory.build_backbone(
      backbone,
      output_stride=output_stride,
      multi_grid=multi_grid,
      depth_multiplier=depth_multiplier,
      divisible_by=divisible_by,
      nas_stem_output_num_conv_filters=nas_stem_output_num_conv_filters,
      nas_remove_os32_stride=nas_remove_os32_stride,
      nas_use_classification_head=nas_use_classification_head,
      drop_path_keep_prob=drop_path_keep_prob,
      conv_options=options,
    ),
    head=(
      aspp.Aspp(
        atrous_rates,
        aspp_convs_filters,
        add_image_level_feature,
        aspp_with_separable_conv,
        aspp_with_concat_projection,
        options,
      )
      if aspp_with_batch_norm
      else None
    ),
    decoder_layer=(
      decoder.Decoder(decoder_filters, decoder_use_separable_conv, options)
      if decoder_output_stride
      else None
    ),
    logits=_logits_layers(
      num_classes,
      logits_kernel_size,
      atrous_rates if atrous_logits else [1],
      logits_init_stddev,
      l2,
    ),
    num_classes=num_classes,
    output_stride=output_stride,
    decoder_output_stride=decoder_output_stride,
    padding=row.padding,
    size_step=factory.size_step(
      backbone, output_stride, nas_remove_os32_stride
    ),
    fine_tune_batch_norm=fine_tune_batch_norm,
    recompute=recompute,
  )
  model(tf_keras.Input([None, None, 3]))
  return model


def check_decoder(backbone: str, decoder_output_stride: int | None) -> None:
  """Refuses a decoder where the backbone has no map for it.

  Args:
    backbone: see `build_deeplab`, as the other.
    decoder_output_stride: stride of the decoder, if there is one.

  Raises:
    ValueError: if the backbone has no map at this stride.
  """
  strides = factory.row_of(backbone).low_level_strides
  if decoder_output_stride is not None and decoder_output_stride not in strides:
    raise ValueError(
      f"Argument `decoder_output_stride` must be one of {strides} with the "
      f"backbone {backbone!r}, or None. Received: "
      f"decoder_output_stride={decoder_output_stride}"
      if strides
      else f"Backbone {backbone!r} has no map for a decoder. Received: "
      f"decoder_output_stride={decoder_output_stride}; leave it out."
    )


def check_logits_kernel(
  logits_kernel_size: int,
  atrous_rates: Sequence[int] | None,
  aspp_with_batch_norm: bool,
) -> None:
  """Refuses a large kernel where the logits are one plain convolution.

  Args:
    logits_kernel_size: see `build_deeplab`, as the others.
    atrous_rates: rates of the branches.
    aspp_with_batch_norm: whether there is a head.

  Raises:
    ValueError: if the kernel must be 1.
  """
  if logits_kernel_size != 1 and (aspp_with_batch_norm or not atrous_rates):
    raise ValueError(
      "Argument `logits_kernel_size` must be 1 unless there are atrous_rates "
      "and aspp_with_batch_norm is off. Received: "
      f"logits_kernel_size={logits_kernel_size}"
    )


def check_recompute(recompute: bool, fine_tune_batch_norm: bool) -> None:
  """Refuses to compute blocks twice whose batch norm is trained.

  Args:
    recompute: see `build_deeplab`, as the other.
    fine_tune_batch_norm: whether batch norm is trained.

  Raises:
    ValueError: if both are set.
  """
  if recompute and fine_tune_batch_norm:
    raise ValueError(
      "Argument `recompute` must be off with `fine_tune_batch_norm`: the "
      "moving statistics would move twice. Received: recompute=True"
    )


def check_drop_path(
  drop_path_keep_prob: float, fine_tune_batch_norm: bool
) -> None:
  """Refuses a drop path that would not act.

  Args:
    drop_path_keep_prob: see `build_deeplab`, as the other.
    fine_tune_batch_norm: whether batch norm is trained.

  Raises:
    ValueError: if paths are to be dropped, and batch norm is frozen.
  """
  if drop_path_keep_prob != 1 and not fine_tune_batch_norm:
    raise ValueError(
      "Argument `drop_path_keep_prob` must be 1 without "
      "`fine_tune_batch_norm`, since no path is dropped then. Received: "
      f"drop_path_keep_prob={drop_path_keep_prob}"
    )


def upsample_logits(logits: tf.Tensor, size) -> tf.Tensor:
  """Upsamples logits to the size of labels or image, corners aligned.

  Args:
    logits: `[batch, h, w, classes]`.
    size: `(height, width)`.

  Returns:
    `[batch, *size, classes]`.
  """
  return resizing.resize_align_corners(logits, size)
