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
"""The decoder of DeepLabv3+, in one stage or several.

Source: `refine_by_decoder` of research/deeplab/model.py.
"""

from typing import NamedTuple

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import resizing

_PROJECTED_CHANNELS = 48


class DecoderOptions(NamedTuple):
  """What the stages of a decoder share.

  Attributes:
    filters: channels of its convolutions.
    separable: whether its 3x3 convolutions are separable.
    sum_merge: whether the projected low-level map is added to the convolved
      features, instead of being concatenated with them and convolved twice.
    is_logits: whether its output is the logits: its convolutions are linear
      then, have biases in the place of batch norm and are never separable.
    activation: of its convolutions.
  """

  filters: int = 256
  separable: bool = False
  sum_merge: bool = False
  is_logits: bool = False
  activation: layers.Activation = tf.nn.relu


class Decoder(tf_keras.layers.Layer):
  """A stage of a decoder: merges a low-level map of the backbone with features.

  Args:
    decoder: what all stages share.
    options: what all convolutions share.
    number: of the stage, from 0.
  """

  def __init__(
    self, decoder=DecoderOptions(), options=layers.ConvOptions(), number=0
  ):
    super().__init__(name="decoder" + (f"_{number}" if number else ""))
    self.is_logits = decoder.is_logits
    self.sum_merge = decoder.sum_merge
    suffix = f"_{number}" if number else ""
    projected = decoder.filters if decoder.sum_merge else _PROJECTED_CHANNELS
    self.projection = _conv(
      f"decoder/feature_projection0{suffix}", projected, 1, decoder, options
    )
    separable = decoder.separable and not decoder.is_logits
    if decoder.sum_merge:
      name = "decoder_split_sep_conv0" if separable else "decoder_conv0"
      scopes = [f"decoder/{name}{suffix}"]
    elif separable:
      scopes = [f"decoder/decoder_conv{i}{suffix}" for i in range(2)]
    else:
      # slim.repeat numbers from 1 and nests the scopes.
      scope = f"decoder_conv0{suffix}"
      scopes = [f"decoder/{scope}/{scope}_{i}" for i in (1, 2)]
    size = 1 if decoder.sum_merge and decoder.is_logits else 3
    self.convs = [
      layers.SeparableConvBatchNorm(
        scope, decoder.filters, activation=decoder.activation, options=options
      )
      if separable
      else _conv(scope, decoder.filters, size, decoder, options)
      for scope in scopes
    ]

  def call(self, features, low_level, size, training=None):
    """Returns `[batch, *size, filters]`.

    Args:
      features: of the head, or of the stage before, `[batch, h, w, channels]`.
      low_level: map of the backbone at the stride of the stage.
      size: `(height, width)` of the result.
      training: whether batch norm uses the statistics of the batch.
    """

    def apply(conv, x):
      return conv(x) if self.is_logits else conv(x, training=training)

    low_level = apply(self.projection, low_level)
    x, low_level = (
      resizing.resize_align_corners(m, size) for m in (features, low_level)
    )
    if not self.sum_merge:
      x = tf.concat([x, low_level], -1)
    for conv in self.convs:
      x = apply(conv, x)
    return x + low_level if self.sum_merge else x

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return layers.slim_variables_of([self.projection, *self.convs])


def _conv(scope, filters, kernel_size, decoder, options):
  if decoder.is_logits:
    return layers.ConvBias(scope, filters, kernel_size, options=options)
  return layers.ConvBatchNorm(
    scope,
    filters,
    kernel_size,
    activation=decoder.activation,
    options=options,
  )
