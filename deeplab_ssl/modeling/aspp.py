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

"""Atrous spatial pyramid pooling with an image-level feature (DeepLabv3).

Source: `extract_features` of research/deeplab/model.py; the scopes of the
branches and the order in which they are concatenated are the original's.
"""

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import dropout as dropout_lib
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import resizing

_DROPOUT_RATE = 0.1


class Aspp(tf_keras.layers.Layer):
  """Parallel branches, concatenated, projected and, in training, dropped out.

  Args:
    atrous_rates: rates of the 3x3 branches; None or empty leaves only the image
      pooling and the 1x1 branch, as the original does for MobileNetV2.
    filters: channels of every branch and of the projection.
    add_image_level_feature: whether there is an image pooling branch.
    separable: whether the 3x3 branches are separable.
    concat_projection: whether a 1x1 convolution and dropout follow.
    options: what all convolutions share.
  """

  def __init__(
    self,
    atrous_rates=(6, 12, 18),
    filters=256,
    add_image_level_feature=True,
    separable=False,
    concat_projection=True,
    options=layers.ConvOptions(),
  ):
    super().__init__(name="aspp")
    self.image_pooling = None
    if add_image_level_feature:
      self.image_pooling = layers.ConvBatchNorm(
        "image_pooling", filters, options=options
      )
    self.branches = [layers.ConvBatchNorm("aspp0", filters, options=options)]
    for i, rate in enumerate(atrous_rates or (), start=1):
      if separable:
        branch = layers.SeparableConvBatchNorm(
          f"aspp{i}", filters, rate=rate, options=options
        )
      else:
        branch = layers.ConvBatchNorm(
          f"aspp{i}", filters, 3, rate=rate, options=options
        )
      self.branches.append(branch)
    self.projection = None
    if concat_projection:
      self.projection = layers.ConvBatchNorm(
        "concat_projection", filters, options=options
      )
    self.dropout = dropout_lib.Dropout(_DROPOUT_RATE)

  def call(self, features, training=None, dropout=None):
    """Returns `[batch, h, w, channels]`; `dropout` is apart from batch norm."""
    outputs = []
    if self.image_pooling is not None:
      # A mean of 16 bits would lose what the last of a thousand pixels add.
      pooled = tf.reduce_mean(
        tf.cast(features, tf.float32), [1, 2], keepdims=True
      )
      pooled = self.image_pooling(
        tf.cast(pooled, features.dtype), training=training
      )
      outputs.append(
        resizing.resize_align_corners(pooled, tf.shape(features)[1:3])
      )
    outputs += [branch(features, training=training) for branch in self.branches]
    x = tf.concat(outputs, -1)
    if self.projection is None:
      return x
    return self.dropout(self.projection(x, training=training), training=dropout)

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    parts = [*self.branches, self.projection, self.image_pooling]
    return layers.slim_variables_of(part for part in parts if part is not None)
