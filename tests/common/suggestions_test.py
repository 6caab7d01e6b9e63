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

"""Tests of the suggestion of the nearest name."""

import pytest

from deeplab_ssl.common import suggestions


@pytest.mark.parametrize(
  "name, expected",
  [
    ("evalute", " Did you mean 'evaluate'?"),
    ("trian", " Did you mean 'train'?"),
    ("voc", " Did you mean 'voc2012'?"),
    ("xyz", ""),
    ("", ""),
  ],
)
def test_only_a_near_name_is_offered(name, expected):
  known = {"evaluate": 1, "train": 2, "voc2012": 3}
  assert suggestions.did_you_mean(name, known) == expected
  assert suggestions.did_you_mean(name, iter(known)) == expected


def test_nothing_is_near_where_nothing_is_known():
  assert suggestions.did_you_mean("train", ()) == ""
