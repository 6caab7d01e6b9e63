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
"""The image-level feature: what a large window, or the whole map, shows.

Source: `extract_features` of research/deeplab/model.py.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from deeplab_ssl.modeling import activations
from deeplab_ssl.modeling import layers
from deeplab_ssl.modeling import resizing

# What makes weights of the pooled features, by name.
_GATES = {
  "sigmoid": tf.sigmoid,
  "quantized_sigmoid": activations.quantized_sigmoid,
}


class Pooling(NamedTuple):
  """How the image-level feature is made.

  Attributes:
    crop_size: (height, width) in pixels of the part of an image that a window
      covers; None is the whole image.
    strides: distances of the windows, rows and columns of the map.
    output_stride: stride of the map.
    gate: "sigmoid" or "quantized_sigmoid" if it weighs other features, "" if it
      stands beside them.
  """

  crop_size: Sequence[int] | None = None
  strides: Sequence[int] = (1, 1)
  output_stride: int = 16
  gate: str = ""


def make_conv(filters: int, pooling: Pooling, options: layers.ConvOptions):
  """Returns the convolution of the pooled features.

  Args:
    filters: output channels.
    pooling: how they are made.
    options: what all convolutions of the head share.
  """
  if pooling.gate:
    return layers.ConvBias(
      "image_pooling",
      filters,
      activation=_GATES[pooling.gate],
      options=options,
    )
  return layers.ConvBatchNorm("image_pooling", filters, options=options)


def pool(
  features: tf.Tensor, pooling: Pooling, scale: float = 1.0
) -> tf.Tensor:
  """Averages windows of a map.

  Args:
    features: `[batch, h, w, channels]`.
    pooling: which windows.
    scale: of the image in an image pyramid; the windows cover as much of it.

  Returns:
    `[batch, rows, columns, channels]`; one row and one column where a window is
    the whole map.

  Raises:
    ValueError: if a window is larger than a map of known size.
  """
  # A mean of 16 bits would lose what the last of a thousand pixels add.
  x = tf.cast(features, tf.float32)
  if pooling.crop_size is None:
    means = tf.reduce_mean(x, [1, 2], keepdims=True)
  else:
    window = [
      resizing.scaled_size(
        resizing.scale_side(side, scale), pooling.output_stride
      )
      for side in pooling.crop_size
    ]
    _check_window(window, x.shape, pooling.crop_size)
    means = tf.nn.avg_pool2d(x, window, pooling.strides, "VALID")
  return tf.cast(means, features.dtype)


def _check_window(window, shape, crop_size):
  if any(
    side is not None and side < least
    for side, least in zip(shape[1:3], window, strict=True)
  ):
    raise ValueError(
      "Images must be at least as large as `image_pooling_crop_size`. "
      f"Received: image_pooling_crop_size={list(crop_size)}, of which the "
      f"window is {window[0]} x {window[1]}, and a map of {shape[1]} x "
      f"{shape[2]}"
    )
