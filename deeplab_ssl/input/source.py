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

"""What the pipelines read from: images with labels, wherever they are kept."""

import abc
from typing import Any

import tensorflow as tf

from deeplab_ssl.input import encoded_image


class Source(abc.ABC):
  """Images with labels, any of which can be read and decoded.

  Attributes:
    size: how many there are.
    fingerprint: equal for equal contents in an equal order, wherever they lie.
  """

  size: int
  fingerprint: str

  @abc.abstractmethod
  def read(self, index: tf.Tensor) -> Any:
    """Reads what is stored of one image, not decoded; runs in graphs.

    Args:
      index: scalar int64, in 0..size - 1.

    Raises:
      tf.errors.InvalidArgumentError: if it is damaged.
    """

  @abc.abstractmethod
  def decode(
    self, element: Any, *, with_label: bool = True
  ) -> dict[str, tf.Tensor]:
    """Decodes what `read` returns; runs in graphs.

    Args:
      element: the element.
      with_label: False leaves the label out, for images that have none.

    Returns:
      image: uint8 `[height, width, 3]`, RGB; label: int32 `[height, width, 1]`,
      class indices; filename: scalar string. Others may be there.

    Raises:
      tf.errors.InvalidArgumentError: if it cannot be decoded.
    """

  def image_size(self, element: Any) -> tf.Tensor:
    """Tells how large an image is; runs in graphs.

    Decodes it. A source that knows better should say so, as `decode_box`.

    Args:
      element: what `read` returns.

    Returns:
      int32 `[2]`, (height, width).
    """
    return tf.shape(self.decode(element, with_label=False)["image"])[:2]

  def decode_box(self, element: Any, box: tf.Tensor) -> dict[str, tf.Tensor]:
    """Decodes a part of an image, and its whole label; runs in graphs.

    Args:
      element: what `read` returns.
      box: int32 `[4]`: top, left, height and width of the part, inside the
        image.

    Returns:
      As `decode`, but the image is the part, and the label may be uint8.

    Raises:
      tf.errors.InvalidArgumentError: if it cannot be decoded.
    """
    decoded = self.decode(element)
    return decoded | {"image": encoded_image.cut(decoded["image"], box)}
