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


"""Logits of images that are too large for the model to see at once."""

import tensorflow as tf

from deeplab_ssl.input import image_decoder
from deeplab_ssl.input import preprocess
from deeplab_ssl.prediction import predictor as predictor_lib


def tile_offsets(side, tile: int, overlap: int) -> tf.Tensor:
  """Places tiles along one side, the last one flush with its end.

  Args:
    side: length of the side in pixels, an integer or an int32 scalar.
    tile: length of a tile.
    overlap: pixels that neighbours share at least, less than `tile`.

  Returns:
    int32 `[tiles]`, where each tile begins; `[0]` if one tile covers the side.
  """
  rest = tf.maximum(side - tile, 0)
  stride = tile - overlap
  # Rounded up without a negative number, which runtimes divide differently.
  count = (rest + stride - 1) // stride + 1
  return tf.minimum(tf.range(count) * stride, rest)


def check_tiles(tile_size: tuple[int, int], overlap: int) -> None:
  """Raises ValueError unless tiles of the size can overlap so."""
  if len(tile_size) != 2 or not 0 <= overlap < min(tile_size):
    raise ValueError(
      "`tile_size` must be (height, width), and the overlap of tiles at least "
      f"0 and less than both. Received: tile_size={tuple(tile_size)}, "
      f"overlap={overlap}."
    )
  if tile_size[0] * tile_size[1] > image_decoder.MAX_PIXELS:
    raise ValueError(
      f"`tile_size` must be at most {image_decoder.MAX_PIXELS} pixels, as "
      f"images are. Received: {tuple(tile_size)}."
    )


def tiled_logits(
  model, images: tf.Tensor, tile_size: tuple[int, int], overlap: int
) -> tf.Tensor:
  """Computes logits tile by tile; where tiles overlap, their mean.

  The model sees no more than one tile (of each image of the batch) at a time,
  so memory grows with the image only by its logits. Features of the whole image
  (image pooling) become those of a tile.

  Args:
    model: a `modeling.DeepLab`.
    images: RGB in [0, 255], `[batch, height, width, 3]` of any real dtype. A
      side shorter than a tile is padded with the mean pixel.
    tile_size: (height, width) of a tile in pixels; sides of the form
      `k * model.size_step + 1` need no padding.
    overlap: pixels that neighbouring tiles share at least.

  Returns:
    float32 `[batch, height, width, classes]`.

  Raises:
    ValueError: if the tiles cannot overlap so.
  """
  check_tiles(tile_size, overlap)
  images = tf.cast(images, tf.float32)
  shape = tf.shape(images)
  batch, height, width = shape[0], shape[1], shape[2]
  short = [
    tf.maximum(tile - side, 0)
    for tile, side in zip(tile_size, (height, width), strict=True)
  ]
  images = preprocess.pad_images(images, *short, pad_value=model.padding)
  sides = tf.shape(images)[1:3]
  ys, xs = (
    tile_offsets(side, tile, overlap)
    for side, tile in zip((height, width), tile_size, strict=True)
  )
  columns = tf.size(xs)

  def add_tile(i, total, count):
    y, x = ys[i // columns], xs[i % columns]
    tile = images[:, y : y + tile_size[0], x : x + tile_size[1]]
    around = [
      [0, 0],
      [y, sides[0] - tile_size[0] - y],
      [x, sides[1] - tile_size[1] - x],
      [0, 0],
    ]
    logits = predictor_lib.predict_logits(model, tile)
    return (
      i + 1,
      total + tf.pad(logits, around),
      count + tf.pad(tf.ones([1, *tile_size, 1]), around),
    )

  total = tf.zeros([batch, sides[0], sides[1], model.num_classes])
  count = tf.zeros([1, sides[0], sides[1], 1])
  _, total, count = tf.while_loop(
    lambda i, *_: i < tf.size(ys) * columns,
    add_tile,
    [0, total, count],
    shape_invariants=[
      tf.TensorShape([]),
      tf.TensorShape([images.shape[0], None, None, model.num_classes]),
      tf.TensorShape([1, None, None, 1]),
    ],
    parallel_iterations=1,
  )
  return (total / count)[:, :height, :width]
