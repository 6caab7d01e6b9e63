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

import contextlib
from typing import Any

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import aspp
from deeplab_ssl.modeling import image_pyramid
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import resizing


class DeepLab(tf_keras.Model):
  """Backbone, head, decoder and logits. Build it by `build_deeplab`.

  Attributes:
    backbone: the feature extractor.
    head: ASPP or dense prediction cell, None for none; `heads_of_scales` are
      those of the further scales of an image pyramid that have their own.
    decoder: its first stage, None for none; `decoder_stages` are the others.
    logits: the convolution that gives the logits, None where the decoder does;
      `logits_atrous` are the others whose outputs are added.
    num_classes: channels of the logits.
    output_stride: stride of the backbone's features.
    decoder_output_stride: stride of the decoder's last stage, or None.
    fine_tune_batch_norm: whether training uses and updates batch statistics.
    padding: what is beyond an image, in [0, 255], a number or one per channel.
    size_step: sides of `k * size_step + 1` pixels need no padding.
    least_size: (height, width) of the smallest images that it takes.
    recompute: whether training keeps no activations within the blocks of the
      backbone.
  """

  def __init__(
    self,
    *,
    backbone,
    heads,
    decoders,
    logits,
    num_classes,
    output_stride,
    decoder_strides=(),
    padding=127.5,
    size_step=1,
    least_size=(1, 1),
    pyramid=image_pyramid.ImagePyramid(),
    fine_tune_batch_norm=True,
    recompute=False,
  ):
    # Images keep their type until they are normalised: bfloat16 has 8 bits.
    super().__init__(name="deeplab", autocast=False)
    self.backbone = backbone
    # Each first part has a name of its own, under which it was always saved.
    self.head, *self.heads_of_scales = heads or [None]
    self.decoder, *self.decoder_stages = decoders or [None]
    self.logits, *self.logits_atrous = logits or [None]
    self.num_classes = num_classes
    self.output_stride = output_stride
    self._decoder_strides = tuple(decoder_strides)
    self.padding = padding
    self.size_step = size_step
    self.least_size = tuple(least_size)
    self.pyramid = pyramid
    self.fine_tune_batch_norm = fine_tune_batch_norm
    self.recompute = recompute

  @property
  def decoder_output_stride(self) -> int | None:
    """Stride of the decoder's last stage, None without a decoder."""
    return self._decoder_strides[-1] if self._decoder_strides else None

  def call(self, images, training=None, scale=1.0):
    """Returns float32 logits at the model's own stride.

    Args:
      images: RGB in [0, 255], `[batch, height, width, 3]` of any real dtype.
      training: whether dropout acts and, with `fine_tune_batch_norm`, whether
        batch norm uses the statistics of the batch. Frozen statistics leave
        gamma and beta trainable, as in the original.
      scale: of the images, where they are others that were resized: a window of
        image pooling covers as much of them.

    Returns:
      `[batch, h, w, num_classes]`, merged over the scales of an image pyramid.
    """
    return self.pyramid.merge(self.logits_of_scales(images, training, scale))

  # No Python here branches on a tensor; converting it for that takes seconds at
  # the start of each command. Keras needs the signature of `call`, undecorated.
  @tf.autograph.experimental.do_not_convert
  def logits_of_scales(
    self, images, training=None, scale=1.0
  ) -> list[tf.Tensor]:
    """Returns the logits of each scale of the image pyramid, of one size.

    Args:
      images: see `call`, as the others.
      training: whether dropout and batch norm train.
      scale: of the images.
    """
    heads = [self.head, *self.heads_of_scales]
    logits = []
    for i, (factor, view) in enumerate(self.pyramid.views(images)):
      head = heads[i] if len(heads) > 1 else heads[0]
      logits.append(self._logits_of(view, head, scale * factor, training))
    stride = self.decoder_output_stride or self.output_stride
    return self.pyramid.aligned(logits, images, stride)

  def _logits_of(self, images, head, scale, training):
    norm_training = bool(training) and self.fine_tune_batch_norm
    x = self.backbone.normalize(images)
    maps = self.backbone(
      tf.cast(x, self.compute_dtype),
      training=norm_training,
      recompute=bool(training) and self.recompute,
    )
    x = maps.features
    size = resizing.sides(images)
    if head is not None:
      options = (
        {"scale": scale}
        if isinstance(head, aspp.Aspp)
        else {"image_size": size}
      )
      x = head(x, training=norm_training, dropout=bool(training), **options)
    stages = (
      [] if self.decoder is None else [self.decoder, *self.decoder_stages]
    )
    for stage, stride in zip(stages, self._decoder_strides, strict=True):
      x = stage(
        x,
        maps.low_level[stride],
        [resizing.scaled_size(side, stride) for side in size],
        training=norm_training,
      )
    if self.logits is None:
      return tf.cast(x, tf.float32)
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
    heads = [] if self.head is None else [self.head, *self.heads_of_scales]
    return [*(head.dropout for head in heads), *self.backbone.drop_paths]

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
  def checkpoint_items(self) -> dict[str, Any]:
    """Parts by the names that Model Garden's trainer checkpoints them under.

    A part is a layer or a list of layers, with `slim_variables`.
    """
    items = {
      "backbone": self.backbone,
      "head": self.head,
      "heads_of_scales": self.heads_of_scales,
      "decoder": self.decoder,
      "decoder_stages": self.decoder_stages,
    }
    return {
      name: part for name, part in items.items() if part not in (None, [])
    }

  @property
  def logits_scope(self) -> str:
    """Slim scope of what has as many channels as there are classes."""
    return "decoder" if self.logits is None else "logits"

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {name in a TF1 checkpoint of the original: variable}."""
    parts = tf.nest.flatten(list(self.checkpoint_items.values()))
    variables = layers.slim_variables_of(parts)
    logits = [] if self.logits is None else [self.logits, *self.logits_atrous]
    for i, conv in enumerate(logits):
      scope = "logits/semantic" + (f"_{i}" if i else "")
      variables |= {
        f"{scope}/weights": conv.kernel,
        f"{scope}/biases": conv.bias,
      }
    return variables


def upsample_logits(logits: tf.Tensor, size) -> tf.Tensor:
  """Upsamples logits to the size of labels or image, corners aligned.

  Args:
    logits: `[batch, h, w, classes]`.
    size: `(height, width)`.

  Returns:
    `[batch, *size, classes]`.
  """
  return resizing.resize_align_corners(logits, size)
