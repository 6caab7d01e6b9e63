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

"""Images of another size than their own, for a model: padded, or resized.

Both are what the original's input_preprocess.py does with an image that is
evaluated, and its vis.py and export_model.py with what is predicted.
"""

import dataclasses

import tensorflow as tf

from deeplab_ssl.input import preprocess
from deeplab_ssl.prediction import export_folder
from deeplab_ssl.prediction import predictor as predictor_lib


@dataclasses.dataclass(frozen=True)
class Padded:
  """Pads each image at the bottom and right to one size, and asks then.

  Image pooling sees what is padded, too, which is the model's padding colour.

  Attributes:
    size: (height, width) in pixels; no image may be larger.
    rule: how logits come from the padded image; it should take it as large as
      it is.

  Raises:
    ValueError: unless the size is two positive integers.

  Source: `eval_crop_size` of the original.
  """

  size: tuple[int, int]
  rule: predictor_lib.LogitsRule

  def __post_init__(self):
    if len(self.size) != 2 or min(self.size) < 1:
      raise ValueError(
        "`size` must be (height, width), both positive. Received: "
        f"{tuple(self.size)}."
      )

  @property
  def largest_size(self) -> tuple[int, int]:
    """The size to which images are padded."""
    return tuple(self.size)

  def __call__(self, model, images: tf.Tensor) -> tf.Tensor:
    images = tf.cast(images, tf.float32)
    shape = tf.shape(images)
    fits = tf.reduce_all(shape[1:3] <= self.size)
    height, width = self.size
    check = tf.debugging.Assert(
      fits,
      [
        f"An image is larger than {height} x {width}, to which images are "
        "padded here; height and width:",
        shape[1:3],
      ],
    )
    # Outside of a graph it has failed already.
    with tf.control_dependencies([check] if check is not None else []):
      below, right = height - shape[1], width - shape[2]
    padded = preprocess.pad_images(
      images, below, right, pad_value=model.padding
    )
    padded = tf.ensure_shape(padded, [None, height, width, 3])
    return self.rule(model, padded)[:, : shape[1], : shape[2]]

  def obstacle(self, export_format: export_folder.Format) -> str | None:
    """Returns why it cannot be part of an export; None if it can.

    Args:
      export_format: what the model is exported as.
    """
    if export_format is export_folder.Format.ONNX:
      return (
        "it could not refuse a larger image, and would cut it; leave "
        "--eval_crop_size out, or export without --onnx"
      )
    return self.rule.obstacle(export_format)

  def __str__(self):
    """Returns for example "padded to 513 x 513, scale 1"."""
    return "padded to {} x {}, {}".format(*self.size, self.rule)


@dataclasses.dataclass(frozen=True)
class Resized:
  """Resizes images, asks, and gives each of their pixels the nearest logits.

  So its labels are those of the resized image, taken back to the size of the
  image by the nearest neighbour.

  Attributes:
    size_range: to which size.
    rule: how logits come from the resized images.

  Source: vis.py and export_model.py of the original, with `min_resize_value`.
  """

  size_range: preprocess.SizeRange
  rule: predictor_lib.LogitsRule

  @property
  def largest_size(self) -> tuple[int, int] | None:
    """The size that no image may exceed once it is resized."""
    return getattr(self.rule, "largest_size", None)

  def __call__(self, model, images: tf.Tensor) -> tf.Tensor:
    images = tf.cast(images, tf.float32)
    size = tf.shape(images)[1:3]
    resized = preprocess.resize_align_corners(
      images, self.size_range.size_of(size)
    )
    logits = self.rule(model, resized)
    return preprocess.resize_align_corners(logits, size, method="nearest")

  def obstacle(self, export_format: export_folder.Format) -> str | None:
    """Returns why it cannot be part of an export; None if it can.

    Args:
      export_format: what the model is exported as.
    """
    return self.rule.obstacle(export_format)

  def __str__(self):
    """Returns for example "resized to 513 to 769, scale 1"."""
    return f"resized to {self.size_range}, {self.rule}"
