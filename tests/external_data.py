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

"""Data of others, which the repository may not carry: found, or a skipped test.

DEEPLAB_SSL_TEST_DATA names a folder with `data` (images and labels),
`checkpoints` (of the original's model zoo) and `parity` (more fixtures of the
original code than `testdata` holds). CONTRIBUTING.md says what is in them.
"""

import os
import pathlib
import unittest

_VARIABLE = "DEEPLAB_SSL_TEST_DATA"


def find(relative):
  """The path of external data, or None where there is none."""
  folder = os.environ.get(_VARIABLE)
  path = pathlib.Path(folder, relative) if folder else None
  return path if path and path.exists() else None


def require(relative):
  """The path of external data, or a skipped test where there is none."""
  path = find(relative)
  if path is None:
    raise unittest.SkipTest(f"{relative} is not in the folder {_VARIABLE}.")
  return path
