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

"""Prediction at the size of the image."""

from collections.abc import Callable
import inspect
from typing import NamedTuple

import tensorflow as tf

from deeplab_ssl.input import preprocess


def pad_to_stride(images: tf.Tensor, output_stride: int) -> tf.Tensor:
  """Pads images at the bottom and right to a multiple of the stride plus one.

  Args:
    images: float32 RGB in [0, 255], `[batch, height, width, 3]`.
    output_stride: stride of the model's features.

  Returns:
    float32 `[batch, height', width', 3]`.
  """
  shape = tf.shape(images)
  extra = [-(shape[i] - 1) % output_stride for i in (1, 2)]
  return tf.pad(
    images,
    [[0, 0], [0, extra[0]], [0, extra[1]], [0, 0]],
    constant_values=preprocess.MEAN_PIXEL,
  )


def most_likely(images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
  """Predicts the class of the largest logit, whatever the image shows.

  Args:
    images: `[batch, height, width, 3]`, for what else may predict from them.
    logits: `[batch, height, width, classes]`.

  Returns:
    int32 labels `[batch, height, width]`.
  """
  del images
  return tf.argmax(logits, -1, output_type=tf.int32)


def predict_logits(model, images: tf.Tensor) -> tf.Tensor:
  """Computes logits at the size of the images, whatever that size is.

  Args:
    model: a `modeling.DeepLab`.
    images: RGB in [0, 255], `[batch, height, width, 3]` of any real dtype.

  Returns:
    float32 `[batch, height, width, classes]`.
  """
  images = tf.cast(images, tf.float32)
  padded = pad_to_stride(images, model.output_stride)
  logits = preprocess.resize_align_corners(
    model(padded, training=False), tf.shape(padded)[1:3]
  )
  shape = tf.shape(images)
  return logits[:, : shape[1], : shape[2]]


class Predictor(NamedTuple):
  """How a model is asked for labels.

  Attributes:
    logits: maps a model and images to logits at the size of the images, for
      example `views.Views`.
    labels: maps images and logits to labels, for example a `crf.Refinement`.
  """

  logits: Callable = predict_logits
  labels: Callable = most_likely

  def __call__(self, model, images: tf.Tensor) -> tf.Tensor:
    """Returns int32 labels `[batch, height, width]` of the images."""
    return self.labels(images, self.logits(model, images))

  def compiled(self, model) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the prediction of one model as a graph for images of any size.

    Args:
      model: a `modeling.DeepLab`.

    Returns:
      A function from float32 RGB in [0, 255], `[batch, height, width, 3]`, to
      int32 labels `[batch, height, width]`.
    """
    return tf.function(
      lambda images: self(model, images),
      input_signature=[tf.TensorSpec([None, None, None, 3], tf.float32)],
    )

  def __str__(self):
    """Returns for example "scales 0.5, 1, mirrored, 5 CRF steps (window)"."""
    named = [str(part) for part in self if not inspect.isfunction(part)]
    return ", ".join(named) or "scale 1"


SINGLE_SCALE = Predictor()
