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

"""The DeepLabv3+ decoder: refines the ASPP output with low-level features.

Source: `refine_by_decoder` of research/deeplab/model.py.
"""

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import resizing

_PROJECTED_CHANNELS = 48


class Decoder(tf_keras.layers.Layer):
  """Projects the low-level map, concatenates and applies two 3x3 convolutions.

  Args:
    filters: channels of the two convolutions.
    separable: whether they are separable.
    options: what all convolutions share.
  """

  def __init__(self, filters=256, separable=True, options=layers.ConvOptions()):
    super().__init__(name="decoder")
    self.projection = layers.ConvBatchNorm(
      "decoder/feature_projection0",
      _PROJECTED_CHANNELS,
      options=options,
    )
    if separable:
      self.convs = [
        layers.SeparableConvBatchNorm(
          f"decoder/decoder_conv{i}",
          filters,
          options=options,
        )
        for i in range(2)
      ]
    else:
      # slim.repeat numbers from 1 and nests the scopes.
      self.convs = [
        layers.ConvBatchNorm(
          f"decoder/decoder_conv0/decoder_conv0_{i}",
          filters,
          3,
          options=options,
        )
        for i in (1, 2)
      ]

  def call(self, features, low_level, size, training=None):
    """Returns `[batch, *size, filters]`.

    Args:
      features: ASPP output `[batch, h, w, channels]`.
      low_level: backbone map at the decoder's stride.
      size: `(height, width)` of the result.
      training: whether batch norm uses the statistics of the batch.
    """
    low_level = self.projection(low_level, training=training)
    x = tf.concat(
      [resizing.resize_align_corners(m, size) for m in (features, low_level)],
      -1,
    )
    for conv in self.convs:
      x = conv(x, training=training)
    return x

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    return layers.slim_variables_of([self.projection, *self.convs])
