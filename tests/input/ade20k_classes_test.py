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

"""Tests of the table of ADE20K's classes."""

import pytest

from deeplab_ssl.input import ade20k_classes

_NAMES = list(ade20k_classes.CLASSES)


def test_there_are_150_classes_and_two_of_them_are_of_one_grey():
  assert len(_NAMES) == 150
  colors = list(ade20k_classes.CLASSES.values())
  assert len(set(colors)) == 149
  assert colors.count(ade20k_classes.CLASSES["road"]) == 2
  assert ade20k_classes.CLASSES["skyscraper"] == (140, 140, 140)
  assert all(len(c) == 3 and 0 <= min(c) <= max(c) <= 255 for c in colors)


@pytest.mark.parametrize(
  "label, name, color",
  [
    (1, "wall", (120, 120, 120)),
    (3, "sky", (6, 230, 230)),
    (13, "person", (150, 5, 61)),
    (21, "car", (0, 102, 200)),
    (100, "buffet", (255, 112, 0)),
    (150, "flag", (92, 0, 255)),
  ],
)
def test_names_and_colours_are_those_of_the_official_lists(label, name, color):
  assert _NAMES[label - 1] == name
  assert ade20k_classes.CLASSES[name] == color
