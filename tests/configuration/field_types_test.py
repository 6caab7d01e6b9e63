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

"""Tests of the kinds of the values of a configuration."""

import pytest

from deeplab_ssl.configuration import field_types
from deeplab_ssl.training import parsing

_DEFAULTS = {
  "rate": 0.1,
  "steps": 10,
  "flip": True,
  "path": "",
  "free": None,
  "size": [513, 513],
  "map": [],
  "model": {"stride": 16},
}


@pytest.mark.parametrize(
  "values",
  [
    {"rate": 1, "steps": 1e3, "flip": 0, "path": "a", "free": [1], "map": [1]},
    {"rate": None, "size": (33, 33.0), "model": {"stride": 8}, "new": "x"},
    {"path": ["backbone", "decoder"]},
  ],
)
def test_fits(values):
  field_types.check(_DEFAULTS, values)


@pytest.mark.parametrize(
  "values, message",
  [
    ({"rate": "fast"}, "rate must be a number, such as 0.1. Received: 'fast'"),
    ({"steps": [3]}, "steps must be a number"),
    ({"path": 2012}, "path must be text, such as ''. Received: 2012"),
    ({"size": 33}, "size must be a list, such as"),
    ({"size": [33, "a"]}, "size must be a list, each element a number"),
    ({"model": 3}, "model must be a group of keys"),
    ({"model": {"stride": "a"}}, "model.stride must be a number"),
  ],
)
def test_is_refused(values, message):
  with pytest.raises(ValueError, match=message):
    field_types.check(_DEFAULTS, values)


@pytest.mark.parametrize(
  "override, message",
  [
    ("task.train_data.global_batch_size=abc", "batch_size must be a number"),
    ("task.train_data.output_size=513", "output_size must be a list"),
    ("task.model.head.level=x", "task.model.head.level must be a number"),
  ],
)
def test_overrides_of_model_garden_are_checked(override, message):
  with pytest.raises(ValueError, match=message):
    parsing.parse_experiment("seg_deeplabv3_pascal", (), override)
