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

"""Tests of the flags of the scores along boundaries."""

from absl import app
from absl import flags
from absl.testing import flagsaver
import pytest

from deeplab_ssl.cli import boundary_flags
from deeplab_ssl.evaluation import boundary


@pytest.fixture(autouse=True)
def parsed_flags():
  flags.FLAGS.mark_as_parsed()
  with flagsaver.flagsaver():
    yield


@pytest.mark.parametrize(
  "values, expected",
  [
    ({}, None),
    ({"boundary": True}, boundary.Settings()),
    (
      {"boundary": True, "boundary_ratio": 0.01, "trimap_widths": ["2", "5"]},
      boundary.Settings(0.01, (2, 5)),
    ),
    (
      {"boundary": True, "trimap_widths": []},
      boundary.Settings(trimap_widths=()),
    ),
  ],
)
def test_settings(values, expected):
  with flagsaver.flagsaver(**values):
    assert boundary_flags.load() == expected


@pytest.mark.parametrize(
  "values, message",
  [
    ({"boundary_ratio": 0.1}, "nothing without --boundary"),
    ({"trimap_widths": ["1"]}, "--trimap_widths=1: They do nothing without"),
    ({"boundary": True, "trimap_widths": ["wide"]}, "widths=wide: invalid"),
    ({"boundary": True, "trimap_widths": ["0"]}, r"trimap_widths=\(0,\)"),
    ({"boundary": True, "boundary_ratio": 2.0}, "--boundary_ratio=2.0"),
  ],
)
def test_wrong_values_are_named(values, message):
  with flagsaver.flagsaver(**values):
    with pytest.raises(app.UsageError, match=message):
      boundary_flags.load()
