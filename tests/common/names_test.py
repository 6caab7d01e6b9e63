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

"""Tests of the names of files that are made for records."""

import pytest

from deeplab_ssl.common import names as names_lib


@pytest.mark.parametrize(
  "name", ["2007_000032", "berlin/0001", "a.b", "..a", "é"]
)
def test_safe(name):
  assert names_lib.is_safe_name(name)


@pytest.mark.parametrize(
  "name",
  [
    *("", "..", "../a", "a/..", "a//b", "/a", "./a", "a\\b", "c:a", "a\nb"),
    "a\0",
  ],
)
def test_unsafe(name):
  assert not names_lib.is_safe_name(name)


@pytest.mark.parametrize(
  "name, stem",
  [
    ("a.jpg", "a"),
    ("../../etc/passwd", "etc_passwd"),
    ("dir/b.PNG", "dir_b"),
    ("c:\\x\\d.png", "c:_x_d"),
    ("/root/e", "root_e"),
    ("frame.001", "frame.001"),
  ],
)
def test_names_of_records_stay_inside_the_folder(name, stem):
  assert names_lib.safe_name(name) == stem


@pytest.mark.parametrize("name", ["", "..", "/", "../.."])
def test_a_name_without_a_file_is_refused(name):
  with pytest.raises(ValueError, match="must name a file"):
    names_lib.safe_name(name)


def test_records_with_names_that_become_the_same_are_told_apart():
  used = []
  for name in ("a/b", "a_b", "c", "a_b.png", "a/b"):
    used.append(names_lib.unused_name(name, used))
  assert used == ["a_b", "a_b-2", "c", "a_b-3", "a_b-4"]


def test_an_equal_label_tells_its_place():
  labels = names_lib.distinct(["SSL", "CE", "SSL"], ["runs/a", "c", "runs/b"])
  assert labels == ["SSL", "CE", "SSL (runs/b)"]
  with pytest.raises(ValueError, match="shorter"):
    names_lib.distinct(["SSL"], [])


def test_labels_differ_by_place_and_then_by_number():
  labels = names_lib.distinct(["CE", "SSL", "CE", "CE", "CE"], list("aabbb"))
  assert labels == ["CE", "SSL", "CE (b)", "CE (b) 2", "CE (b) 3"]
