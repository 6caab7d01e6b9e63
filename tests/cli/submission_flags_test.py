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

"""Tests of the flags of the files of a test server."""

from absl import flags
from absl.testing import flagsaver
import pytest

from deeplab_ssl.cli import submission_flags
from deeplab_ssl.evaluation import submission_layout


@pytest.fixture(autouse=True)
def parsed_flags():
  flags.FLAGS.mark_as_parsed()
  with flagsaver.flagsaver():
    yield


@pytest.mark.parametrize(
  "flag, known",
  [
    (submission_flags.FORMAT, submission_layout.FORMATS),
    (submission_flags.COMPETITION, submission_layout.COMPETITIONS),
  ],
)
def test_the_values_are_those_of_the_layouts(flag, known):
  assert flag.value is None
  parser = flags.FLAGS[flag.name]
  for value in known:
    parser.parse(value)
    assert flag.value == value
  with pytest.raises(flags.IllegalFlagValueError, match=f"<{'|'.join(known)}>"):
    parser.parse("other")
