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

"""Checks of arguments, with one form of message."""

import math
import numbers
from typing import Any


def require(condition: bool, name: str, expected: str, received: Any) -> None:
  """Raises ValueError naming the argument unless the condition holds.

  Args:
    condition: whether the argument is as expected.
    name: its name.
    expected: what it must be, e.g. "in [0, 1]".
    received: its value.
  """
  if not condition:
    raise ValueError(
      f"Argument `{name}` must be {expected}. Received: {name}={received!r}"
    )


def require_numbers(settings: object, *names: str) -> None:
  """Raises ValueError unless these attributes are finite real numbers.

  Args:
    settings: the object that has them.
    *names: the names of the attributes.
  """
  for name in names:
    value = getattr(settings, name)
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    require(is_number, name, "a number", value)
    require(math.isfinite(value), name, "finite", value)


def require_flags(settings: object, *names: str) -> None:
  """Raises ValueError unless these attributes are True or False, or 1 or 0.

  Args:
    settings: the object that has them.
    *names: the names of the attributes.
  """
  for name in names:
    value = getattr(settings, name)
    is_flag = isinstance(value, (bool, int)) and value in (0, 1)
    require(is_flag, name, "True or False", value)
