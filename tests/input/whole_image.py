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

"""The training augmentation as one would write it, of the whole image."""

import numpy as np
import tensorflow as tf

from deeplab_ssl.input import preprocess


def example(
  image, label, scaled_size, offset, size, mirrored, pad_value, ignore_label=255
):
  """Scales, pads, crops and mirrors with TensorFlow's kernels.

  Args:
    image: `[height, width, 3]`, any dtype.
    label: integers `[height, width, 1]`.
    scaled_size: (height, width) of the scaled image.
    offset: (top, left) of the crop in the scaled and padded image.
    size: (height, width) of the crop.
    mirrored: whether left and right change places.
    pad_value: a number, or one per channel.
    ignore_label: what labels are padded with.

  Returns:
    (float32 `[*size, 3]`, int32 `[*size, 1]`), arrays.
  """
  scaled = (
    preprocess.resize_align_corners(
      tf.cast(image, tf.float32), scaled_size
    ).numpy(),
    preprocess.resize_align_corners(
      tf.cast(label, tf.int32), scaled_size, method="nearest"
    ).numpy(),
  )
  shape = np.maximum(scaled_size, size)
  cut = []
  for part, value in zip(scaled, (pad_value, ignore_label), strict=True):
    padded = np.empty((*shape, part.shape[-1]), part.dtype)
    padded[:] = value
    padded[: part.shape[0], : part.shape[1]] = part
    window = padded[offset[0] :, offset[1] :][: size[0], : size[1]]
    cut.append(window[:, ::-1] if mirrored else window)
  return tuple(cut)


def interpolated(image, scaled_size):
  """Resizes `[height, width, channels]` with aligned corners, in float64."""
  image = np.asarray(image, np.float64)
  for scaled in scaled_size:
    side = len(image)
    positions = np.arange(scaled) * ((side - 1) / max(scaled - 1, 1))
    before = np.minimum(positions.astype(int), side - 1)
    after = np.minimum(before + 1, side - 1)
    weights = np.expand_dims(positions - before, (1, 2))
    lower, upper = np.take(image, before, 0), np.take(image, after, 0)
    image = lower + (upper - lower) * weights
    image = np.swapaxes(image, 0, 1)
  return image
