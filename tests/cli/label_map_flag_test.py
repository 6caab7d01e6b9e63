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

"""Tests of the flag that says what the values in masks stand for."""

from absl import flags
from absl.testing import flagsaver
import pytest

from deeplab_ssl.cli import label_map_flag
from tests import input_testing

PETS = input_testing.PETS


@pytest.fixture(autouse=True)
def parsed():
  if not flags.FLAGS.is_parsed():
    flags.FLAGS(["test"])


def test_without_the_flag_the_data_set_is_as_it_was():
  assert label_map_flag.apply(PETS) is PETS
  assert label_map_flag.flag().name == "label_map"


def test_the_flag_takes_the_place_of_the_map():
  with flagsaver.flagsaver(label_map=["7:dog", "8:void"]):
    info = label_map_flag.apply(PETS)
  assert info.label_map == {7: 2, 8: 255}
  with flagsaver.flagsaver(label_map=["255:1"]):
    assert label_map_flag.apply(info).label_map == {255: 1}


def test_labels_that_are_not_there_are_refused():
  with flagsaver.flagsaver(label_map=["7:3"]):
    with pytest.raises(ValueError, match="'pets': `label_map` must lead to"):
      label_map_flag.apply(PETS)
