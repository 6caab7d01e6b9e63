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


"""Prediction from several views of an image: scales, mirrors and tiles."""

import dataclasses

import tensorflow as tf

from deeplab_ssl.input import preprocess
from deeplab_ssl.prediction import export_folder
from deeplab_ssl.prediction import predictor as predictor_lib
from deeplab_ssl.prediction import tiles

# Smaller leaves nothing of an image, larger fills the memory.
_SCALES = 0.01, 16
# Keeps the logarithm of a probability that is 0 in float32 finite.
_TFLITE = export_folder.Format.TFLITE
_TINY = 1e-37


@dataclasses.dataclass(frozen=True)
class Views:
  """Averages the probabilities of several views of the images.

  One view at scale 1 without tiles is `predictor.predict_logits`.

  Attributes:
    scales: factors of the sides in [0.01, 16]; the paper of DeepLabv3 takes
      0.5, 0.75, 1, 1.25, 1.5, 1.75.
    add_flipped_images: whether each scale is seen mirrored, too.
    tile_size: (height, width) of the part of a view that the model sees at
      once; None shows the whole view.
    tile_overlap: pixels that neighbouring tiles share at least.
    own_size: whether the model sees a view as large as it is, as the original
      shows it; otherwise the image is padded first, so that its logits and its
      pixels align.
    activation: "softmax" for a model trained with softmax cross entropy,
      "sigmoid" for the one-vs-rest losses.

  Raises:
    ValueError: if an attribute is wrong.

  Source: predict_labels_multi_scale of the original's model.py.
  """

  scales: tuple[float, ...] = (1.0,)
  add_flipped_images: bool = False
  tile_size: tuple[int, int] | None = None
  tile_overlap: int = 128
  own_size: bool = False
  activation: str = "softmax"

  def __post_init__(self):
    least, most = _SCALES
    if not self.scales or not all(least <= s <= most for s in self.scales):
      raise ValueError(
        f"`scales` must be positive numbers in [{least}, {most}]. Received: "
        f"{self.scales}."
      )
    if self.activation not in ("softmax", "sigmoid"):
      raise ValueError(
        "`activation` must be 'softmax' or 'sigmoid'. Received: "
        f"{self.activation!r}."
      )
    if self.tile_size is not None:
      tiles.check_tiles(self.tile_size, self.tile_overlap)
      if self.own_size:
        raise ValueError(
          "`own_size` must be false with `tile_size`: tiles have their own."
        )

  def __call__(self, model, images: tf.Tensor) -> tf.Tensor:
    """Computes logits at the size of the images.

    Args:
      model: a `modeling.DeepLab`.
      images: RGB in [0, 255], `[batch, height, width, 3]` of any real dtype.

    Returns:
      float32 `[batch, height, width, classes]`, whose softmax (or sigmoid) is
      the mean of the views' probabilities.
    """
    shape = tf.shape(images)
    padded = tf.cast(images, tf.float32)
    if self.tile_size is None and not self.own_size:
      padded = predictor_lib.pad_for(model, padded)
    views = [
      (scale, flip)
      for scale in self.scales
      for flip in ([False, True] if self.add_flipped_images else [False])
    ]
    if len(views) == 1:
      logits = self._view_logits(model, padded, *views[0])
    else:
      logits = self._mean_logits(model, padded, views)
    return logits[:, : shape[1], : shape[2]]

  def obstacle(self, export_format: export_folder.Format) -> str | None:
    """Returns why it cannot be part of an export, and what to do; None if so.

    Args:
      export_format: what the model is exported as.
    """
    if self.tile_size is None or export_format is not _TFLITE:
      return None
    return (
      "the converter takes no network inside of a loop over tiles; leave "
      "--tile_size out, or export without --tflite"
    )

  def __str__(self):
    """Returns for example "scales 0.5, 1, mirrored, tiles of 513 x 513"."""
    scales = ", ".join(f"{scale:g}" for scale in self.scales)
    text = f"scale{'s' if len(self.scales) > 1 else ''} {scales}"
    if self.add_flipped_images:
      text += ", mirrored"
    if self.tile_size is not None:
      text += ", tiles of {} x {}".format(*self.tile_size)
    if self.own_size:
      text += ", own size"
    return text

  def _mean_logits(self, model, images, views):
    if self.activation == "softmax":
      functions = [tf.nn.softmax]
    else:
      # The complement by itself: 1 - p keeps no digits where p is near 1.
      functions = [tf.sigmoid, lambda logits: tf.sigmoid(-logits)]
    sums = [0.0 for _ in functions]
    for scale, flip in views:
      # One view after the other, so that a graph holds only one in memory.
      with tf.control_dependencies([tf.convert_to_tensor(s) for s in sums]):
        logits = self._view_logits(model, images, scale, flip)
        sums = [
          total + function(logits)
          for total, function in zip(sums, functions, strict=True)
        ]
    logs = [tf.math.log(tf.maximum(s / len(views), _TINY)) for s in sums]
    return logs[0] if len(logs) == 1 else logs[0] - logs[1]

  def _view_logits(self, model, images, scale, flip):
    """Returns the logits of one view, at the size of the padded images."""
    size = tf.shape(images)[1:3]
    view = tf.reverse(images, [2]) if flip else images
    if scale != 1:
      view = preprocess.resize_align_corners(view, _scaled(size, scale))
    if self.tile_size is not None:
      logits = tiles.tiled_logits(
        model, view, self.tile_size, self.tile_overlap
      )
    else:
      # A model that is no DeepLab knows of no scales.
      options = {"scale": scale} if scale != 1 else {}
      logits = model(view, training=False, **options)
      if scale != 1:
        # The original's size of merged scales, before that of the image.
        stride = model.decoder_output_stride or model.output_stride
        logits = preprocess.resize_align_corners(
          logits, _scaled(size, max(1.0, scale) / stride)
        )
    if flip:
      logits = tf.reverse(logits, [2])
    return preprocess.resize_align_corners(logits, size)


def _scaled(size, scale):
  return tf.cast(tf.cast(size - 1, tf.float32) * scale + 1, tf.int32)
