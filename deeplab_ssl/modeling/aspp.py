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
from deeplab_ssl.modeling import image_pooling
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
    pooling: how the image-level feature is made; with a gate it is multiplied
      with what the other branches give, at the end.
    activation: of all branches but the image pooling, which has ReLU.
  """

  def __init__(
    self,
    atrous_rates=(6, 12, 18),
    filters=256,
    add_image_level_feature=True,
    separable=False,
    concat_projection=True,
    options=layers.ConvOptions(),
    *,
    pooling=image_pooling.Pooling(),
    activation: layers.Activation = tf.nn.relu,
  ):
    super().__init__(name="aspp")
    self.image_pooling = None
    self._pooling = pooling
    if add_image_level_feature:
      self.image_pooling = image_pooling.make_conv(filters, pooling, options)
    common = {"activation": activation, "options": options}
    self.branches = [layers.ConvBatchNorm("aspp0", filters, **common)]
    for i, rate in enumerate(atrous_rates or (), start=1):
      if separable:
        branch = layers.SeparableConvBatchNorm(
          f"aspp{i}", filters, rate=rate, **common
        )
      else:
        branch = layers.ConvBatchNorm(
          f"aspp{i}", filters, 3, rate=rate, **common
        )
      self.branches.append(branch)
    self.projection = None
    if concat_projection:
      self.projection = layers.ConvBatchNorm(
        "concat_projection", filters, **common
      )
    self.dropout = dropout_lib.Dropout(_DROPOUT_RATE)

  def call(self, features, training=None, dropout=None, scale=1.0):
    """Returns `[batch, h, w, channels]`.

    Args:
      features: `[batch, h, w, channels]`.
      training: whether batch norm uses the statistics of the batch.
      dropout: whether features are dropped out.
      scale: of the image in an image pyramid.
    """
    outputs = [branch(features, training=training) for branch in self.branches]
    pooled = None
    if self.image_pooling is not None:
      pooled = self._image_level_feature(features, training, scale)
      if not self._pooling.gate:
        outputs.insert(0, pooled)
    x = tf.concat(outputs, -1)
    if self.projection is not None:
      x = self.projection(x, training=training)
      x = self.dropout(x, training=dropout)
    return x * pooled if self._pooling.gate else x

  def _image_level_feature(self, features, training, scale):
    x = image_pooling.pool(features, self._pooling, scale)
    if self._pooling.gate:
      x = self.image_pooling(x)
    else:
      x = self.image_pooling(x, training=training)
    return resizing.resize_align_corners(x, tf.shape(features)[1:3])

  def slim_variables(self) -> dict[str, tf.Variable]:
    """Returns {checkpoint name: variable}."""
    parts = [*self.branches, self.projection, self.image_pooling]
    return layers.slim_variables_of(part for part in parts if part is not None)
