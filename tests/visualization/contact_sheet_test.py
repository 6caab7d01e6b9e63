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

"""Tests of the contact sheet."""

import numpy as np
from PIL import Image

from deeplab_ssl.visualization import contact_sheet

NAMES = ("back", "$cat")
COLORS = ((0, 0, 0), (200, 0, 0))


def _pictures(number, label=1):
  image = np.full((30, 40, 3), 100, np.uint8)
  mask = None if label is None else np.full((30, 40), label)
  return [
    contact_sheet.Picture(f"train: {i}_$x", image, mask) for i in range(number)
  ]


def test_sheet_shows_the_colour_of_the_mask(tmp_path):
  for label, rgb in ((1, (155, 45, 45)), (None, None)):
    path = tmp_path / f"{label}.png"
    contact_sheet.save_contact_sheet(path, _pictures(1, label), NAMES, COLORS)
    pixels = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
    if rgb:
      assert (pixels == rgb).all(axis=1).sum() > 1000
    assert (pixels == (100, 100, 100)).all(axis=1).sum() > 1000


def test_sheet_grows_by_rows(tmp_path):
  sizes = []
  for number in (3, 4):
    path = tmp_path / f"{number}.png"
    contact_sheet.save_contact_sheet(path, _pictures(number), NAMES, COLORS)
    sizes.append(Image.open(path).size)
  assert sizes[0][0] == sizes[1][0]
  assert sizes[0][1] < sizes[1][1]
