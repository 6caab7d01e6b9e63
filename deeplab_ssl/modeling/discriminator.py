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


"""Discriminators of adversarial training for segmentation.

They tell true class maps from predicted ones. Source: Luc, Couprie, Chintala
and Verbeek, "Semantic Segmentation using Adversarial Networks", 2016
(https://arxiv.org/abs/1611.08408): the SmallFOV and the LargeFOV
network of the experiments on PASCAL VOC.
"""

import tensorflow as tf
import tf_keras

# (channels, side of the kernel) of the convolutions of each stage; 2x2 maxima
# stand between the stages.
_STAGES = {
  "base": (
    ((96, 3), (128, 1)),
    ((256, 3), (256, 1)),
    ((512, 3), (1, 1)),
  ),
  "large_fov": (
    ((96, 3), (128, 3), (128, 3)),
    ((256, 3), (256, 3)),
    ((512, 3), (1, 3)),
  ),
}
KINDS = tuple(_STAGES)
ENCODINGS = ("basic", "product", "scaling")


class Discriminator(tf_keras.Model):
  """Votes on class maps. Build it by `build_discriminator`.

  Every position of the last feature map votes with a logit; the mean of the
  votes judges the image, so that maps may have any size.
  """

  def __init__(self, kind, encoding):
    super().__init__(name=f"discriminator_{kind}")
    self.encoding = encoding
    self.stages = [
      [
        tf_keras.layers.Conv2D(
          channels, side, padding="same", kernel_initializer="he_normal"
        )
        for channels, side in stage
      ]
      for stage in _STAGES[kind]
    ]

  def call(self, inputs):
    """Returns logits `[batch]`, positive for maps that look true.

    Args:
      inputs: `(images, maps)`, RGB in [0, 255] `[batch, height, width, 3]` and
        probabilities or one-hot labels `[batch, height, width, classes]`.
    """
    return tf.reduce_mean(self.votes(*inputs), [1, 2])

  def votes(self, images: tf.Tensor, maps: tf.Tensor) -> tf.Tensor:
    """Returns the logits whose mean is the judgement, at a quarter of the size.

    Args:
      images: RGB in [0, 255] `[batch, height, width, 3]`.
      maps: class maps `[batch, height, width, classes]`.

    Returns:
      `[batch, ceil(height / 4), ceil(width / 4)]`.
    """
    x = _product(images, maps) if self.encoding == "product" else maps
    for i, stage in enumerate(self.stages):
      if i:
        x = tf.nn.max_pool2d(tf.nn.relu(x), 2, 2, "SAME")
      for j, conv in enumerate(stage):
        x = conv(tf.nn.relu(x) if j else x)
    return x[..., 0]


def _product(images, maps):
  """Every class map times every colour channel, of range [0, 1]."""
  colours = tf.unstack(images[..., tf.newaxis] / 255.0, axis=-2)
  return tf.concat([colour * maps for colour in colours], axis=-1)


def build_discriminator(
  kind: str = "base", num_classes: int = 21, encoding: str = "basic"
) -> Discriminator:
  """Builds a network that tells true class maps from predicted ones.

  Args:
    kind: "base", whose votes see 18x18 positions of the maps (the source's
      SmallFOV), or "large_fov", whose votes see 34x34.
    num_classes: channels of the class maps.
    encoding: "product" multiplies the class maps with the colour channels of
      the image, which gives three times as many; "basic" and "scaling" look at
      the class maps alone, and differ in the true maps that they are shown.

  Returns:
    A built `Discriminator` that maps `(images, maps)` to logits `[batch]`.

  Raises:
    ValueError: if an argument is out of its range.
  """
  if kind not in KINDS:
    raise ValueError(
      f"Argument `kind` must be one of {KINDS}. Received: kind={kind!r}"
    )
  if encoding not in ENCODINGS:
    raise ValueError(
      f"Argument `encoding` must be one of {ENCODINGS}. Received: "
      f"encoding={encoding!r}"
    )
  discriminator = Discriminator(kind, encoding)
  shape = [None, None]
  discriminator(
    (tf_keras.Input([*shape, 3]), tf_keras.Input([*shape, num_classes]))
  )
  return discriminator
