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

"""The nearest known name, for messages about an unknown one."""

from collections.abc import Iterable
import difflib

# Share of alike letters, from 0 to 1; long names with a common part are near.
_LEAST_ALIKE = 0.4


def nearest(name: str, known: Iterable[str]) -> str:
  """Returns the known name that is most like one that was given, or "".

  Args:
    name: what was given.
    known: the names that there are.
  """
  near = difflib.get_close_matches(name, list(known), n=1, cutoff=_LEAST_ALIKE)
  return near[0] if near else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
  """Returns " Did you mean 'x'?", or "" where nothing is near.

  Args:
    name: what was given.
    known: the names that there are.
  """
  near = nearest(name, known)
  return f" Did you mean {near!r}?" if near else ""
