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

"""What all backbones have in common."""

import functools
import math
from typing import NamedTuple

import tensorflow as tf
import tf_keras

from deeplab_ssl.modeling import drop_path


class Pixels(NamedTuple):
  """What a network sees of a pixel: `value * factor - offset`.

  Attributes:
    factor: of all channels.
    offset: of all channels, or of each.
  """

  factor: float
  offset: float | tuple[float, float, float]


# From 0..255 to [-1, 1].
SCALED = Pixels(2.0 / 255.0, 1.0)
# The mean colour of ImageNet becomes 0; source: core/feature_extractor.py.
MEAN_RGB = (123.15, 115.90, 103.06)
CENTERED = Pixels(1.0, MEAN_RGB)


class Maps(NamedTuple):
  """What a backbone makes of images.

  Attributes:
    features: `[batch, h, w, channels]` at the output stride.
    low_level: {stride: map at this stride, of the network as it is without
      atrous rates}, what a decoder may take.
  """

  features: tf.Tensor
  low_level: dict[int, tf.Tensor]


class Backbone(tf_keras.Model):
  """Maps normalised images to `Maps`.

  A subclass lists its variables by their names in a checkpoint of the original
  in `slim_variables`. Its `call` takes float images
  `[batch, height, width, 3]`, `training` and `recompute`, whether the blocks
  keep no activations for the backward pass.

  Args:
    name: name of the model.
    output_stride: stride of the features: 8, 16 or 32.
    pixels: how the network wants the pixels of an image.

  Attributes:
    output_stride: stride of the features.

  Raises:
    ValueError: if the output stride is none of the three.
  """

  def __init__(self, name, output_stride, pixels=SCALED):
    if output_stride not in (8, 16, 32):
      raise ValueError(
        "Argument `output_stride` must be 8, 16 or 32. Received: "
        f"output_stride={output_stride}"
      )
    super().__init__(name=name)
    self.output_stride = output_stride
    self._pixels = pixels

  @property
  def feature_level(self) -> str:
    """Model Garden's name of the features: log2 of their stride."""
    return str(int(math.log2(self.output_stride)))

  def normalize(self, images: tf.Tensor) -> tf.Tensor:
    """Returns what the network sees of images, as float32.

    Args:
      images: RGB in [0, 255], `[batch, height, width, 3]` of any real dtype.
    """
    factor, offset = self._pixels
    return tf.cast(images, tf.float32) * factor - offset

  @staticmethod
  def apply_block(block, inputs, training, recompute):
    """Calls a block, which keeps none of its activations if `recompute` is set.

    The backward pass then computes the block once more. A tuple of inputs is
    passed one by one.
    """
    call = functools.partial(block, training=training)
    if recompute:
      call = tf.recompute_grad(call)
    return call(*inputs) if isinstance(inputs, tuple) else call(inputs)

  @property
  def drop_paths(self) -> list[drop_path.DropPath]:
    """Its drop paths; few networks have any."""
    return []
