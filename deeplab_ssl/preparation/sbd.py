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

"""Masks of the Semantic Boundaries Dataset, which are MATLAB files."""

import io

import numpy as np
import scipy.io

from deeplab_ssl.input import masks


def decode_mask(data: bytes) -> np.ndarray:
  """Decodes a category mask of SBD, `dataset/cls/ID.mat`.

  Args:
    data: bytes of a MATLAB file with the struct `GTcls`, whose field
      `Segmentation` holds the class of each pixel.

  Returns:
    uint8 `[height, width]`, class indices; SBD has no void.

  Raises:
    masks.MaskError: if the bytes are no such file.
  """
  try:
    content = scipy.io.loadmat(io.BytesIO(data), variable_names=["GTcls"])
  # loadmat lets through whatever a damaged file makes its parser stumble over.
  except Exception as error:
    raise masks.MaskError(
      f"is no MATLAB file that can be read: {error}"
    ) from error
  try:
    label = content["GTcls"]["Segmentation"][0, 0]
  except (KeyError, IndexError, ValueError) as error:
    raise masks.MaskError(
      "holds no GTcls.Segmentation; take the files of SBD's dataset/cls, not "
      "those of dataset/inst"
    ) from error
  if label.ndim != 2 or label.dtype != np.uint8:
    raise masks.MaskError(
      "has a GTcls.Segmentation that is no uint8 [height, width]: "
      f"{label.dtype} {list(label.shape)}"
    )
  return label
