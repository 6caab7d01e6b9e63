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

"""Tests of the error that tells all that is wrong."""

import pytest

from deeplab_ssl.common import problems as problems_lib


def test_long_lists_are_cut_but_kept():
  error = problems_lib.ProblemsError("Bad", [f"p{i}" for i in range(150)])
  assert len(error.problems) == 150
  lines = str(error).splitlines()
  assert lines[0] == "Bad (150):"
  assert lines[1] == "  p0"
  assert lines[100] == "  p99"
  assert lines[101:] == ["  and 50 more"]


def test_a_list_that_fits_is_shown_whole():
  with pytest.raises(ValueError) as caught:
    raise problems_lib.ProblemsError("Bad files", ["a", "b"])
  assert str(caught.value) == "Bad files (2):\n  a\n  b"
