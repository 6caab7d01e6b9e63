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
from typing import Any
from typing import NamedTuple
from typing import Protocol

import tensorflow as tf

from deeplab_ssl.input import preprocess
from deeplab_ssl.prediction import export_folder


def pad_for(model: Any, images: tf.Tensor) -> tf.Tensor:
  """Pads images at the bottom and right to a size that fills a model's grid.

  Args:
    model: a `modeling.DeepLab`; its `size_step`, `least_size` and `padding`
      say what is padded, and with what.
    images: float32 RGB in [0, 255], `[batch, height, width, 3]`.

  Returns:
    float32 `[batch, height', width', 3]`.
  """
  shape = tf.shape(images)
  # Of numbers that are not negative, of which all runtimes take the same
  # remainder.
  step, extra = model.size_step, []
  for side, least in zip((shape[1], shape[2]), model.least_size, strict=True):
    large = side if least == 1 else tf.maximum(side, least)
    extra.append(large - side + (step - (large - 1) % step) % step)
  return preprocess.pad_images(images, *extra, pad_value=model.padding)


def predict_logits(model, images: tf.Tensor) -> tf.Tensor:
  """Computes logits at the size of the images, whatever that size is.

  Args:
    model: a `modeling.DeepLab`.
    images: RGB in [0, 255], `[batch, height, width, 3]` of any real dtype.

  Returns:
    float32 `[batch, height, width, classes]`.
  """
  images = tf.cast(images, tf.float32)
  padded = pad_for(model, images)
  logits = preprocess.resize_align_corners(
    model(padded, training=False), tf.shape(padded)[1:3]
  )
  shape = tf.shape(images)
  return logits[:, : shape[1], : shape[2]]


class LogitsRule(Protocol):
  """How logits come from a model: a `Whole` image, or `views.Views` of it.

  A rule that not all images fit has a `largest_size`, (height, width) that none
  may exceed once it is resized, if the rule does that.
  """

  def obstacle(self, export_format: export_folder.Format) -> str | None:
    """Returns why it cannot be part of an export, and what to do; None if so.

    Args:
      export_format: what the model is exported as.
    """

  def __call__(self, model: Any, images: tf.Tensor) -> tf.Tensor:
    """Returns float32 logits `[batch, height, width, classes]` of the images.

    Args:
      model: a `modeling.DeepLab`.
      images: RGB in [0, 255], `[batch, height, width, 3]` of any real dtype.
    """


class LabelRule(Protocol):
  """How labels come from logits: the `MostLikely` ones, or a `crf.Refinement`.

  Attributes:
    refines: whether the labels may differ from the most likely classes.
  """

  @property
  def refines(self) -> bool: ...

  def obstacle(self, export_format: export_folder.Format) -> str | None:
    """Returns why it cannot be part of an export, and what to do; None if so.

    Args:
      export_format: what the model is exported as.
    """

  def __call__(self, images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Returns int32 labels `[batch, height, width]`.

    Args:
      images: RGB in [0, 255], `[batch, height, width, 3]`.
      logits: floating `[batch, height, width, classes]`.
    """


class Whole:
  """Asks the model once, for the whole image at its own size."""

  def __call__(self, model: Any, images: tf.Tensor) -> tf.Tensor:
    return predict_logits(model, images)

  def obstacle(self, export_format: export_folder.Format) -> None:
    """Returns None: it can be part of all exports."""

  def __str__(self):
    return "scale 1"


class Nearest:
  """Gives each pixel the logits of the nearest pixel of the model's own grid.

  No logits are interpolated, and the image is seen at its own size. Source:
  `prediction_with_upsampled_logits` of the original, when it is off.
  """

  def __call__(self, model: Any, images: tf.Tensor) -> tf.Tensor:
    images = tf.cast(images, tf.float32)
    return tf.raw_ops.ResizeNearestNeighbor(
      images=model(images, training=False),
      size=tf.shape(images)[1:3],
      align_corners=True,
    )

  def obstacle(self, export_format: export_folder.Format) -> None:
    """Returns None: it can be part of all exports."""

  def __str__(self):
    return "nearest logits"


class MostLikely:
  """Takes the class of the largest logit, whatever the image shows."""

  refines = False

  def __call__(self, images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    del images
    return tf.argmax(logits, -1, output_type=tf.int32)

  def obstacle(self, export_format: export_folder.Format) -> None:
    """Returns None: it can be part of all exports."""

  def __str__(self):
    return ""  # The default rule needs no mention.


MOST_LIKELY = MostLikely()


class Predictor(NamedTuple):
  """How a model is asked for labels.

  Attributes:
    logits: how logits come from the model.
    labels: how labels come from the logits.
  """

  logits: LogitsRule = Whole()
  labels: LabelRule = MOST_LIKELY

  def __call__(self, model, images: tf.Tensor) -> tf.Tensor:
    """Returns int32 labels `[batch, height, width]` of the images."""
    return self.labels(images, self.logits(model, images))

  @property
  def refines(self) -> bool:
    """Whether the labels may differ from the most likely classes."""
    return self.labels.refines

  @property
  def largest_size(self) -> tuple[int, int] | None:
    """(height, width) that no image may exceed; None for images of any size."""
    return getattr(self.logits, "largest_size", None)

  def check_exportable(self, export_format: export_folder.Format) -> None:
    """Fails if part of it cannot be part of an exported model.

    Args:
      export_format: what the model is exported as.

    Raises:
      ValueError: naming the part, the reason and what to do.
    """
    for rule in self:
      obstacle = rule.obstacle(export_format)
      if obstacle:
        raise ValueError(
          f"{rule} cannot be part of {export_format.label}: {obstacle}."
        )

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
    return ", ".join(filter(None, map(str, self)))


SINGLE_SCALE = Predictor()
