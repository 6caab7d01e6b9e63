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

"""Mean field of a fully connected CRF, its long range gathered from samples.

The model is that of Krähenbühl and Koltun, "Efficient inference in fully
connected CRFs with gaussian edge potentials" (NIPS 2011): unary potentials
`-log p` and Potts pairwise potentials with two gaussian kernels, one of the
position and one of position and colour. A step of the mean field is

  Q_i(l) ~ p_i(l) exp(sum_m w_m sum_j k_m(i, j) Q_j(l)),

each kernel divided by the square roots of both its sums, over i and over j
(the default of the authors' second version of their code, and of its Python
wrapper pydensecrf). Where the authors filter with a permutohedral lattice, the
bilateral sum over all pixels j runs over a regular grid of sample pixels around
i: the constant by which a sample stands for its cell cancels in the
normalisation. A pixel on the grid is its own neighbour, as every pixel is in
the full sum.

Tiles of the image share a window of samples, so that the kernel of a tile is
one matrix product, its exponential, and another product with the samples' Q.
"""

import dataclasses
import math
import numbers

import numpy as np
import tensorflow as tf

# Sides of a tile in cells of the grid: larger ones share more of a window, and
# look further beyond it than they need to.
_TILE = 4
# The smoothness kernel ends where it is below 4e-6.
_SMOOTHNESS_REACH = 5.0
# Middle of the colours: smaller features lose less of a distance in float32.
_MIDDLE_COLOR = 127.5
# Stands for a kernel sum that underflows: a colour far from all samples.
_TINY = 1e-30


@dataclasses.dataclass(frozen=True)
class Settings:
  """Constants of the CRF: those of the example in the authors' first code.

  Source: `examples/dense_inference.cpp` of the code that the paper's footnote 3
  links to, www.philkr.net/2011/12/01/nips.

  Attributes:
    steps: steps of the mean field; 0 gives the softmax of the unary potential.
    smoothness_xy: standard deviation of the position kernel, in pixels.
    smoothness_weight: its weight, not negative.
    bilateral_xy: standard deviation of the bilateral kernel, in pixels.
    bilateral_rgb: its standard deviation in colour levels of 0 to 255.
    bilateral_weight: its weight, not negative.
    spacing: distance of the sample pixels; ours, as `reach`: see docs/crf.md.
    reach: samples that a pixel sees in each direction, at least. The default
      ends the window at two standard deviations.

  Raises:
    ValueError: naming the first constant that is out of its range.
  """

  steps: int = 5
  smoothness_xy: float = 3.0
  smoothness_weight: float = 3.0
  bilateral_xy: float = 60.0
  bilateral_rgb: float = 20.0
  bilateral_weight: float = 10.0
  spacing: int = 10
  reach: int = 12

  def __post_init__(self):
    for name, least in (("steps", 0), ("spacing", 1), ("reach", 0)):
      value = getattr(self, name)
      if not isinstance(value, numbers.Integral) or value < least:
        raise ValueError(
          f"Argument `{name}` must be an integer of at least {least}. "
          f"Received: {name}={value!r}"
        )
    for name in ("smoothness_xy", "bilateral_xy", "bilateral_rgb"):
      if not 0 < getattr(self, name) < math.inf:
        raise ValueError(
          f"Argument `{name}` must be positive and finite. Received: "
          f"{name}={getattr(self, name)!r}"
        )
    for name in ("smoothness_weight", "bilateral_weight"):
      if not 0 <= getattr(self, name) < math.inf:
        raise ValueError(
          f"Argument `{name}` must be finite and not negative. Received: "
          f"{name}={getattr(self, name)!r}"
        )


# What functions and classes take their defaults from.
DEFAULTS = Settings()


def check_inputs(images: tf.Tensor, log_probabilities: tf.Tensor) -> None:
  """Raises ValueError unless the shapes are those of a CRF's inputs.

  Args:
    images: RGB `[batch, height, width, 3]`.
    log_probabilities: `[batch, height, width, classes]`.
  """
  if images.shape.rank != 4 or images.shape[-1] != 3:
    raise ValueError(
      "Argument `images` must be RGB, [batch, height, width, 3]. Received: "
      f"images.shape={images.shape}"
    )
  if log_probabilities.shape.rank != 4 or not images.shape[
    :3
  ].is_compatible_with(log_probabilities.shape[:3]):
    raise ValueError(
      "Argument `log_probabilities` must be [batch, height, width, classes] "
      f"for images of {images.shape}. Received: log_probabilities.shape="
      f"{log_probabilities.shape}"
    )


@tf.function(reduce_retracing=True)
def window(
  images: tf.Tensor,
  log_probabilities: tf.Tensor,
  *,
  settings: Settings = DEFAULTS,
) -> tf.Tensor:
  """Refines class probabilities with the sampled mean field.

  Args:
    images: RGB in [0, 255], `[batch, height, width, 3]` of any real dtype and
      any size; the images of a batch do not see each other.
    log_probabilities: floating `[batch, height, width, classes]`; a constant
      per pixel, added to all its classes, changes nothing.
    settings: constants of the CRF.

  Returns:
    float32 probabilities Q after the last step, with the shape of
    `log_probabilities`.

  Raises:
    ValueError: if a shape is wrong.
  """
  images = tf.cast(images, tf.float32)
  log_probabilities = tf.cast(log_probabilities, tf.float32)
  check_inputs(images, log_probabilities)
  ones = tf.ones_like(images[..., :1])
  grid = _Grid(tf.shape(images), settings.spacing, settings.reach)
  kernel = grid.kernel(_features(images, settings))
  bilateral_norm = _norm(grid.filter(kernel, ones))
  smoothness_norm = _norm(_blur(ones, settings.smoothness_xy))

  beliefs = tf.nn.softmax(log_probabilities)
  for _ in tf.range(settings.steps):
    smooth = _blur(smoothness_norm * beliefs, settings.smoothness_xy)
    bilateral = grid.filter(kernel, bilateral_norm * beliefs)
    beliefs = tf.nn.softmax(
      log_probabilities
      + settings.smoothness_weight * smoothness_norm * smooth
      + settings.bilateral_weight * bilateral_norm * bilateral
    )
    beliefs = tf.ensure_shape(beliefs, log_probabilities.shape)
  return beliefs


def _norm(sums):
  return tf.math.rsqrt(tf.maximum(sums, _TINY))


def _blur(fields, sigma):
  """Sums over the position kernel; outside the image there is nothing."""
  reach = math.ceil(_SMOOTHNESS_REACH * sigma)
  profile = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
  profile = tf.constant(profile, tf.float32)
  channels = tf.shape(fields)[-1]
  for column in (profile[:, None, None, None], profile[None, :, None, None]):
    fields = tf.nn.depthwise_conv2d(
      fields,
      tf.tile(column, [1, 1, channels, 1]),
      strides=[1, 1, 1, 1],
      padding="SAME",
    )
  return fields


def _features(images, settings):
  """Position and colour in standard deviations, `[b, h, w, 5]`."""
  height, width = tf.shape(images)[1], tf.shape(images)[2]
  y, x = tf.meshgrid(tf.range(height), tf.range(width), indexing="ij")
  position = tf.cast(tf.stack([y, x], -1), tf.float32) / settings.bilateral_xy
  color = (images - _MIDDLE_COLOR) / settings.bilateral_rgb
  return tf.concat([position * tf.ones_like(color[..., :2]), color], -1)


class _Grid:
  """Tiles of an image, and the window of samples around each.

  The image is cut into square cells whose middle pixels are the samples, the
  grid centred on the image, so that the smallest image has a sample.
  """

  def __init__(self, shape, spacing, reach):
    self._spacing = spacing
    self._reach = reach
    self._side = _TILE * spacing
    self._shape = shape
    size = shape[1:3]
    samples = (size + spacing - 1) // spacing
    first = (size - 1 - (samples - 1) * spacing) // 2
    before = spacing // 2 - first
    # No remainder of a negative number, which runtimes take differently.
    after = (self._side - (before + size) % self._side) % self._side
    self._before = before
    self._paddings = tf.pad(tf.stack([before, after], 1), [[1, 1], [0, 0]])
    self._tiles = (before + size + after) // self._side

  def kernel(self, features):
    """Returns the factors whose product is a tile's log kernel.

    With `g = -|f|^2 / 2`, `-|f - s|^2 / 2 = (f, g(f), 1) . (s, 1, g(s))`.
    """
    half = -0.5 * tf.reduce_sum(features**2, -1, keepdims=True)
    one = tf.ones_like(half)
    return (
      self._tiled(tf.concat([features, half, one], -1)),
      self._windows(tf.concat([features, one, half], -1)),
    )

  def filter(self, kernel, fields):
    """Sums fields `[b, h, w, c]` over the samples, weighted by the kernel."""

    def of_tile(inputs):
      pixels, samples, values = inputs
      weights = tf.exp(tf.matmul(pixels, samples, transpose_b=True))
      return tf.matmul(weights, values)

    sums = tf.map_fn(
      of_tile,
      (*kernel, self._windows(fields)),
      fn_output_signature=tf.TensorSpec([None, None], tf.float32),
    )
    return self._untiled(sums)

  def _tiled(self, fields):
    """Reshapes `[b, h, w, c]` to `[tiles, pixels of a tile, c]`."""
    fields = tf.pad(fields, self._paddings)
    rows, columns = self._tiles[0], self._tiles[1]
    fields = tf.reshape(
      fields, [-1, rows, self._side, columns, self._side, tf.shape(fields)[-1]]
    )
    return tf.reshape(
      tf.transpose(fields, [0, 1, 3, 2, 4, 5]),
      [-1, self._side**2, tf.shape(fields)[-1]],
    )

  def _untiled(self, fields):
    """Undoes `_tiled`."""
    rows, columns = self._tiles[0], self._tiles[1]
    channels = tf.shape(fields)[-1]
    fields = tf.reshape(
      fields, [-1, rows, columns, self._side, self._side, channels]
    )
    fields = tf.reshape(
      tf.transpose(fields, [0, 1, 3, 2, 4, 5]),
      [-1, rows * self._side, columns * self._side, channels],
    )
    top, left = self._before[0], self._before[1]
    return fields[:, top : top + self._shape[1], left : left + self._shape[2]]

  def _windows(self, fields):
    """Gathers the samples around each tile, `[tiles, samples, c]`.

    Samples outside the image are zero.
    """
    middle = self._spacing // 2
    samples = tf.pad(fields, self._paddings)[
      :, middle :: self._spacing, middle :: self._spacing
    ]
    margin = [self._reach, self._reach]
    samples = tf.pad(samples, [[0, 0], margin, margin, [0, 0]])
    side = _TILE + 2 * self._reach
    patches = tf.image.extract_patches(
      samples,
      sizes=[1, side, side, 1],
      strides=[1, _TILE, _TILE, 1],
      rates=[1, 1, 1, 1],
      padding="VALID",
    )
    return tf.reshape(patches, [-1, side**2, tf.shape(fields)[-1]])
