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

"""The preprocessing of research/deeplab as pure functions on tensors.

An image is float32 `[height, width, 3]`, a label int32 `[height, width, 1]`.
Images are resized bilinearly and labels by the nearest neighbour, both with
aligned corners. What is random takes a seed, an integer tensor of shape `[2]`,
and gives the same result for the same seed wherever it runs.
"""

import tensorflow as tf

# The grey that the normalisation of the backbones (x * 2 / 255 - 1) maps to 0.
MEAN_PIXEL = 127.5


def resize_align_corners(
  image: tf.Tensor, size, *, method: str = "bilinear"
) -> tf.Tensor:
  """Resizes so that the centres of the corner pixels stay corners.

  `tf.image.resize` cannot do this any more, and half a pixel of shift costs
  converted checkpoints several points of mean IoU.

  Args:
    image: `[height, width, channels]` or `[batch, height, width, channels]`.
    size: the new (height, width), integers or an int32 tensor `[2]`.
    method: "bilinear", which gives float32, or "nearest", which keeps the
      dtype.

  Returns:
    The resized image, of the same rank.

  Raises:
    ValueError: for another method or rank.
  """
  # The ops behind tf.compat.v1.image.resize_*, which warn on every use.
  resizers = {
    "bilinear": tf.raw_ops.ResizeBilinear,
    "nearest": tf.raw_ops.ResizeNearestNeighbor,
  }
  if method not in resizers:
    raise ValueError(
      f"`method` must be 'bilinear' or 'nearest'. Received: {method!r}."
    )
  if image.shape.rank not in (3, 4):
    raise ValueError(
      "`image` must be [height, width, channels], with or without a batch in "
      f"front. Received: shape {image.shape}."
    )
  batched = image if image.shape.rank == 4 else image[None]
  resized = resizers[method](images=batched, size=size, align_corners=True)
  return resized if image.shape.rank == 4 else resized[0]


def _resize_pair(image, label, size):
  # A side of one pixel would be rounded to none.
  size = tf.maximum(size, 1)
  image = resize_align_corners(image, size)
  if label is not None:
    label = resize_align_corners(label, size, method="nearest")
  return image, label


def _range_size(height, width, min_size, max_size, factor):
  """The size for `resize_to_range`; float32 throughout, as the original."""
  dims = tf.cast(tf.stack([height, width]), tf.float32)
  large = tf.floor(dims * (tf.cast(min_size, tf.float32) / tf.reduce_min(dims)))
  size = large
  if max_size is not None:
    if factor is not None:
      max_size -= (max_size - 1) % factor
    small = tf.floor(
      dims * (tf.cast(max_size, tf.float32) / tf.reduce_max(dims))
    )
    size = tf.where(tf.reduce_max(large) > max_size, small, large)
  size = tf.cast(size, tf.int32)
  if factor is not None:
    size += (factor - (size - 1) % factor) % factor
  return size


def resize_to_range(
  image: tf.Tensor,
  label: tf.Tensor | None = None,
  *,
  min_size: int,
  max_size: int | None = None,
  factor: int | None = None,
  keep_aspect_ratio: bool = True,
) -> tuple[tf.Tensor, tf.Tensor | None]:
  """Resizes so that the short side is `min_size`.

  Args:
    image: float32 `[height, width, 3]`.
    label: int32 `[height, width, 1]` or None.
    min_size: wanted length of the short side, in pixels.
    max_size: limit of the long side, which goes before `min_size`.
    factor: if given, both sides become multiples of it plus one (rounded up),
      as the output stride wants them; `max_size` is lowered to such a number
      first.
    keep_aspect_ratio: if not, both sides get the length of the longer one.

  Returns:
    Image and label in the new size.
  """
  shape = tf.shape(image)
  size = _range_size(shape[0], shape[1], min_size, max_size, factor)
  if not keep_aspect_ratio:
    size = tf.fill([2], tf.reduce_max(size))
  return _resize_pair(image, label, size)


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


def scale_by(
  image: tf.Tensor, label: tf.Tensor, scale: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
  """Scales by a factor; a side becomes `int(float32(side) * scale)`, 1 or more.

  Args:
    image: float32 `[height, width, 3]`.
    label: int32 `[height, width, 1]`.
    scale: scalar float32.

  Returns:
    Image and label in the new size.
  """
  size = tf.cast(tf.shape(image)[:2], tf.float32) * scale
  return _resize_pair(image, label, tf.cast(size, tf.int32))


def randomly_scale(
  image: tf.Tensor,
  label: tf.Tensor,
  seed: tf.Tensor,
  *,
  min_scale_factor: float = 0.5,
  max_scale_factor: float = 2.0,
  scale_factor_step_size: float = 0.25,
) -> tuple[tf.Tensor, tf.Tensor]:
  """Scales by a random factor: `get_random_scale`, then `scale_by`.

  Args:
    image: float32 `[height, width, 3]`.
    label: int32 `[height, width, 1]`.
    seed: integers `[2]`.
    min_scale_factor: the smallest scale.
    max_scale_factor: the largest scale.
    scale_factor_step_size: distance of the scales; 0 draws uniformly.

  Returns:
    Image and label in the new size.
  """
  scale = get_random_scale(
    min_scale_factor, max_scale_factor, scale_factor_step_size, seed
  )
  return scale_by(image, label, scale)


def pad_to_size(
  image: tf.Tensor, height, width, *, pad_value=MEAN_PIXEL
) -> tf.Tensor:
  """Pads at the bottom and on the right up to a size.

  Args:
    image: `[height, width, channels]`, any dtype; an image or a label.
    height: least height of the result; a greater one stays.
    width: least width of the result; a greater one stays.
    pad_value: a number, or one per channel: the mean pixel for images, the
      ignore label for labels.

  Returns:
    `[max(height, .), max(width, .), channels]`, of the same dtype.
  """
  shape = tf.shape(image)
  more = tf.maximum(tf.stack([height, width]) - shape[:2], 0)
  paddings = [[0, more[0]], [0, more[1]], [0, 0]]
  # Padding with 0 and adding the value afterwards is inexact; selecting is not.
  inside = tf.pad(tf.ones(shape[:2], tf.bool), paddings[:2])
  return tf.where(
    inside[..., None],
    tf.pad(image, paddings),
    tf.cast(pad_value, image.dtype),
  )


def crop(
  image: tf.Tensor, label: tf.Tensor, offset, size: tuple[int, int]
) -> tuple[tf.Tensor, tf.Tensor]:
  """Cuts out a window.

  Args:
    image: `[height, width, 3]`.
    label: `[height, width, 1]`.
    offset: (top, left) of the window, in pixels.
    size: (height, width) of the window, integers.

  Returns:
    Image and label of that size.

  Raises:
    tf.errors.InvalidArgumentError: if the window leaves the image.
  """
  begin = tf.stack([offset[0], offset[1], 0])
  return (
    tf.ensure_shape(tf.slice(image, begin, [*size, 3]), [*size, 3]),
    tf.ensure_shape(tf.slice(label, begin, [*size, 1]), [*size, 1]),
  )


def random_crop(
  image: tf.Tensor, label: tf.Tensor, size: tuple[int, int], seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
  """Cuts out a window whose place is uniform over all that fit.

  Args:
    image: `[height, width, 3]`, at least as large as the window.
    label: `[height, width, 1]`.
    size: (height, width) of the window, integers.
    seed: integers `[2]`.

  Returns:
    Image and label of that size.

  Raises:
    tf.errors.InvalidArgumentError: if the image is smaller than the window.
  """
  room = tf.shape(image)[:2] - tf.constant(size)
  tf.debugging.assert_non_negative(
    room, message=f"The image is smaller than the crop {tuple(size)}; pad it."
  )
  seeds = tf.random.experimental.stateless_split(seed, 2)
  offset = [
    tf.random.stateless_uniform([], seeds[i], 0, room[i] + 1, tf.int32)
    for i in range(2)
  ]
  return crop(image, label, offset, size)


def flip_left_right(
  image: tf.Tensor, label: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
  """Mirrors image `[H, W, 3]` and label `[H, W, 1]` left to right."""
  return tf.reverse(image, [1]), tf.reverse(label, [1])


def random_flip(
  image: tf.Tensor, label: tf.Tensor, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
  """Mirrors left to right with probability 0.5 (a draw of at most 0.5).

  Args:
    image: `[height, width, 3]`.
    label: `[height, width, 1]`.
    seed: integers `[2]`.

  Returns:
    Image and label, mirrored or not.
  """
  flip = tf.random.stateless_uniform([], seed) <= 0.5
  return tf.cond(
    flip, lambda: flip_left_right(image, label), lambda: (image, label)
  )


def augment(
  image: tf.Tensor,
  label: tf.Tensor,
  seed: tf.Tensor,
  *,
  crop_size: tuple[int, int],
  min_scale_factor: float = 0.5,
  max_scale_factor: float = 2.0,
  scale_factor_step_size: float = 0.25,
  flip: bool = True,
  pad_value=MEAN_PIXEL,
  ignore_label: int = 255,
) -> tuple[tf.Tensor, tf.Tensor]:
  """The training augmentation: scale, pad, crop, flip, in this order.

  Args:
    image: float32 `[height, width, 3]`, 0..255.
    label: int32 `[height, width, 1]`.
    seed: integers `[2]`; the only source of randomness.
    crop_size: (height, width) of the result.
    min_scale_factor: the smallest scale.
    max_scale_factor: the largest scale.
    scale_factor_step_size: distance of the scales; 0 draws uniformly.
    flip: whether to mirror half of the images.
    pad_value: what images are padded with, a number or one per channel.
    ignore_label: what labels are padded with.

  Returns:
    image float32 `[*crop_size, 3]` and label int32 `[*crop_size, 1]`.
  """
  scale_seed, crop_seed, flip_seed = tf.unstack(
    tf.random.experimental.stateless_split(seed, 3)
  )
  image, label = randomly_scale(
    image,
    label,
    scale_seed,
    min_scale_factor=min_scale_factor,
    max_scale_factor=max_scale_factor,
    scale_factor_step_size=scale_factor_step_size,
  )
  image = pad_to_size(image, *crop_size, pad_value=pad_value)
  label = pad_to_size(label, *crop_size, pad_value=ignore_label)
  image, label = random_crop(image, label, crop_size, crop_seed)
  if flip:
    image, label = random_flip(image, label, flip_seed)
  return image, label
