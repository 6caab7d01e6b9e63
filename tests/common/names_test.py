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
    *("a\0", "a\x7f", "\udce9"),
  ],
)
def test_unsafe(name):
  assert not names_lib.is_safe_name(name)


@pytest.mark.parametrize(
  "name, why",
  [
    ("../a", "would leave its folder"),
    ("a\rb", "control character"),
    ("\udce9", "UTF-8"),
    ("/\udce9\n", "UTF-8"),
    ("a b", ""),
  ],
)
def test_faults_are_told(name, why):
  assert why in names_lib.fault(name)
  assert bool(names_lib.fault(name)) == bool(why)


def test_accents_are_composed():
  assert names_lib.composed("cafe\u0301") == "caf\u00e9"
  assert names_lib.composed("a b") == "a b"


def test_what_is_no_utf8_can_be_printed():
  assert names_lib.printable("caf\udce9 \u00e9") == "caf\\udce9 \u00e9"


@pytest.mark.parametrize("name", ["a", "../a", "caf\u00e9", "a b"])
def test_names_of_records(name):
  assert names_lib.of_record(name.encode()) == name


def test_a_name_from_here_is_the_same_one():
  assert names_lib.from_here("./ADE20K/a.jpg") == "ADE20K/a.jpg"
  assert names_lib.from_here("../a") == "../a"
  assert names_lib.from_here("a/./b") == "a/./b"


@pytest.mark.parametrize(
  "name, why",
  [(b"caf\xe9", "UTF-8"), (b"a\0", "control"), (b"a\nb", "control")],
)
def test_names_of_records_that_cannot_be_shown(name, why):
  with pytest.raises(ValueError, match=why):
    names_lib.of_record(name)


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
