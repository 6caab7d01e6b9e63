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

"""Images that are made on the spot: a bright square on a dark ground."""

import numpy as np

CLASSES = 2
VOID = 255


def batch(images: int = 8, size: int = 64, seed: int = 0):
  """Draws images and labels.

  Args:
    images: how many.
    size: height and width in pixels.
    seed: of what is drawn.

  Returns:
    `(images, labels)`: float32 `[images, size, size, 3]` in [0, 1] and int32
    `[images, size, size]`, 1 in the square, 255 along its edge, else 0.
  """
  rng = np.random.default_rng(seed)
  labels = np.zeros([images, size, size], np.int32)
  for label in labels:
    side = rng.integers(size // 4, size // 2)
    top, left = rng.integers(1, size - side - 1, 2)
    label[top - 1 : top + side + 1, left - 1 : left + side + 1] = VOID
    label[top : top + side, left : left + side] = 1
  bright = np.where(labels == 1, 0.8, 0.2)[..., None]
  noise = rng.normal(0, 0.1, [images, size, size, 3])
  return np.clip(bright + noise, 0, 1).astype(np.float32), labels
