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

"""What training draws: a scale, a crop, whether to mirror, as research/deeplab.

What is random takes a seed, an integer tensor of shape `[2]`, and gives the
same result for the same seed wherever it runs.
"""

import tensorflow as tf

from deeplab_ssl.input import cropping


def get_random_scale(
  min_scale_factor: float,
  max_scale_factor: float,
  step_size: float,
  seed: tf.Tensor,
) -> tf.Tensor:
  """Draws a scale.

  Args:
    min_scale_factor: the smallest scale, above 0.
    max_scale_factor: the largest scale.
    step_size: 0 draws uniformly. Otherwise one of `int((max - min) / step +
      1)` values evenly spaced from min to max is drawn, so a step that does
      not divide the range is stretched (0.5 to 1.6 by 0.25 gives 0.5, 0.775,
      1.05, 1.325, 1.6), as in the original.
    seed: integers `[2]`.

  Returns:
    Scalar float32.

  Raises:
    ValueError: unless 0 < min <= max and step >= 0.
  """
  if not 0 < min_scale_factor <= max_scale_factor or step_size < 0:
    raise ValueError(
      "Scales need 0 < min_scale_factor <= max_scale_factor and a step of at "
      f"least 0. Received: {min_scale_factor}, {max_scale_factor}, "
      f"{step_size}."
    )
  if min_scale_factor == max_scale_factor:
    return tf.constant(min_scale_factor, tf.float32)
  if step_size == 0:
    return tf.random.stateless_uniform(
      [], seed, min_scale_factor, max_scale_factor
    )
  num_steps = int((max_scale_factor - min_scale_factor) / step_size + 1)
  scales = tf.linspace(
    tf.cast(min_scale_factor, tf.float32),
    tf.cast(max_scale_factor, tf.float32),
    num_steps,
  )
  drawn = tf.random.stateless_uniform([], seed, 0, num_steps, tf.int32)
  return scales[drawn]


def scale_size(image_size: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
  """Returns the size of a scaled image: sides of `int(float32(side) * scale)`.

  Args:
    image_size: int32 `[2]`, (height, width).
    scale: scalar float32.

  Returns:
    int32 `[2]`, (height, width), both 1 or more.
  """
  size = tf.cast(tf.cast(image_size, tf.float32) * scale, tf.int32)
  # A side of one pixel would be rounded to none.
  return tf.maximum(size, 1)


def _draw_offset(scaled_size, crop_size, seed):
  """Draws a place, uniform over all where the crop fits once padded."""
  room = tf.maximum(scaled_size - tf.constant(crop_size), 0)
  seeds = tf.random.experimental.stateless_split(seed, 2)
  return tf.stack(
    [
      tf.random.stateless_uniform([], seeds[i], 0, room[i] + 1, tf.int32)
      for i in range(2)
    ]
  )


def draw(
  image_size: tf.Tensor,
  seed: tf.Tensor,
  *,
  crop_size: tuple[int, int],
  min_scale_factor: float = 0.5,
  max_scale_factor: float = 2.0,
  scale_factor_step_size: float = 0.25,
  flip: bool = True,
) -> cropping.Crop:
  """Draws what a training example shows of an image.

  Args:
    image_size: int32 `[2]`, (height, width) of the image.
    seed: integers `[2]`; the only source of randomness.
    crop_size: (height, width) of the example.
    min_scale_factor: the smallest scale.
    max_scale_factor: the largest scale.
    scale_factor_step_size: distance of the scales; 0 draws uniformly.
    flip: whether to mirror half of the images (those with a draw of at most
      0.5, as in the original).

  Returns:
    The crop.

  Raises:
    ValueError: as `get_random_scale`.
  """
  scale_seed, crop_seed, flip_seed = tf.unstack(
    tf.random.experimental.stateless_split(seed, 3)
  )
  scale = get_random_scale(
    min_scale_factor, max_scale_factor, scale_factor_step_size, scale_seed
  )
  scaled_size = scale_size(image_size, scale)
  mirrored = tf.constant(False)
  if flip:
    mirrored = tf.random.stateless_uniform([], flip_seed) <= 0.5
  return cropping.place(
    image_size,
    scaled_size,
    _draw_offset(scaled_size, crop_size, crop_seed),
    tuple(crop_size),
    mirrored=mirrored,
  )
