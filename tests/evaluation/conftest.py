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

"""Records that the tests of submissions and of their scores read."""

import pytest

from deeplab_ssl.preparation import cityscapes
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import layouts
from tests import input_testing
from tests.evaluation import submission_testing as testing


@pytest.fixture(name="voc_records")
def fixture_voc_records(tmp_path):
  """Three labelled images of val and two of test without labels."""
  devkit = tmp_path / "devkit"
  input_testing.write_devkit(devkit, {"val": "abc", "test": "de"}, testing.VOC)
  for split, masks in (("val", True), ("test", False)):
    pairs = layouts.devkit_pairs(devkit, split, with_masks=masks)
    conversion.convert_split(
      pairs, tmp_path / "records", split, testing.VOC, num_shards=1
    )
  return tmp_path / "records"


@pytest.fixture(name="city_records")
def fixture_city_records(tmp_path):
  """Two labelled images of val."""
  devkit = tmp_path / "cityscapes"
  input_testing.write_cityscapes(devkit, {"val": testing.CITY_NAMES})
  conversion.convert_split(
    cityscapes.split_pairs(devkit, "val"),
    tmp_path / "records",
    "val",
    testing.CITYSCAPES,
    num_shards=1,
    label_map=cityscapes.label_map(),
  )
  return tmp_path / "records"
