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

"""Tests of what the values in mask files stand for."""

import pytest

from deeplab_ssl.input import label_maps

NAMES = ("background", "cat", "dog")


@pytest.mark.parametrize(
  "label_map, expected",
  [
    ({}, {}),
    ({255: 1}, {255: 1}),
    (
      {9: "dog", 7: "void", 8: 255, 0: "background"},
      {0: 0, 7: 255, 8: 255, 9: 2},
    ),
  ],
)
def test_names_become_numbers(label_map, expected):
  resolved = label_maps.resolve(label_map, NAMES, 255)
  assert list(resolved.items()) == list(expected.items())
  assert label_maps.resolve(resolved, NAMES, 255) == resolved


def test_a_class_called_void_is_meant_by_it():
  assert label_maps.resolve({7: "void"}, ("void", "cat"), 255) == {7: 0}


@pytest.mark.parametrize(
  "label_map, message",
  [
    ([255, 1], "must map values"),
    ({256: 1}, "in 0..255.*256"),
    ({-1: 1}, "in 0..255.*-1"),
    ({"255": 1}, "in 0..255.*'255'"),
    ({True: 1}, "in 0..255.*True"),
    ({255: 3}, "a class .0..2, background, cat, dog. or void .255.*255: 3"),
    ({255: "cow"}, "255: 'cow'"),
    ({255: None}, "255: None"),
    ({255: 1.0}, "255: 1.0"),
    ({255: True}, "255: True"),
  ],
)
def test_what_does_not_exist_is_refused(label_map, message):
  with pytest.raises(ValueError, match=message):
    label_maps.resolve(label_map, NAMES, 255)


@pytest.mark.parametrize(
  "items, expected",
  [
    ([], {}),
    (["255:1"], {255: 1}),
    ([" 255 : 1 ", "128:void", "7:my cat"], {255: 1, 128: "void", 7: "my cat"}),
    (["7:a:b"], {7: "a:b"}),
  ],
)
def test_flags_are_read(items, expected):
  assert label_maps.parse(items) == expected


@pytest.mark.parametrize(
  "item", ["", "255", ":1", "255:", "a:1", "-1:1", "²:1"]
)
def test_flags_of_another_form_are_refused(item):
  with pytest.raises(ValueError, match="VALUE:LABEL.*Received: "):
    label_maps.parse(["3:1", item])


def test_a_value_that_is_named_twice_is_refused():
  with pytest.raises(ValueError, match="the value 3 twice: '3:2'"):
    label_maps.parse(["3:1", "3:2"])
