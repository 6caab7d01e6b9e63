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

"""Tests of telling images from other files by their names."""

import pathlib

from deeplab_ssl.common import image_files


def test_images_are_told_from_the_rest_in_order(tmp_path):
  for name in ("b.png", "a.JPG", "c.pNg", "notes.txt", "e"):
    (tmp_path / name).touch()
  for name in ("folder.png", "folder"):
    (tmp_path / name).mkdir()
  (tmp_path / "link.png").symlink_to("nowhere")
  images, others = image_files.split(tmp_path.iterdir(), [".jpg", ".png"])
  assert [path.name for path in images] == [
    *("a.JPG", "b.png", "c.pNg", "folder.png", "link.png")
  ]
  assert [path.name for path in others] == ["e", "notes.txt"]


def test_the_rest_is_counted_but_for_hidden_files(tmp_path):
  names = ("a.txt", "b.tif", "c.tif", "d", ".hidden", ".a.tif")
  others = [tmp_path / name for name in names]
  assert image_files.describe_others(others, [".jpg", ".png"]) == (
    "Files that were not taken for images: 2 with .tif, 1 with .txt, 1 with no "
    "extension. Images have one of .jpg, .png."
  )
  assert image_files.describe_others(others[-2:], [".jpg"]) == ""


def test_an_extension_in_another_encoding_can_be_printed():
  others = [pathlib.Path("a.j\udce9g")]
  told = image_files.describe_others(others, [".jpg"])
  assert r"1 with .j\udce9g" in told
  told.encode("utf-8")
