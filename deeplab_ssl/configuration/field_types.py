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

"""Values of a configuration are of the kind that their defaults are of."""

from collections.abc import Mapping
from typing import Any

_NUMBER, _TEXT, _LIST, _GROUP = "a number", "text", "a list", "a group of keys"
_KINDS = {
  bool: _NUMBER,  # Flags may be 0 and 1.
  int: _NUMBER,
  float: _NUMBER,
  str: _TEXT,
  list: _LIST,
  tuple: _LIST,
  dict: _GROUP,
}
# Fields of Model Garden take the name of a thing or a list or group of them.
_ALLOWED = {(_TEXT, _LIST), (_TEXT, _GROUP)}


def _misfit(default, value):
  """Returns the kind that a value should be of, None if it is of it."""
  wanted, given = _KINDS.get(type(default)), _KINDS.get(type(value))
  if None in (wanted, given) or (wanted, given) in _ALLOWED:
    return None
  if wanted != given:
    return wanted
  if wanted == _LIST and default:
    inner = next(filter(None, (_misfit(default[0], v) for v in value)), None)
    return inner and f"a list, each element {inner}"
  return None


def check(
  defaults: Mapping[str, Any], values: Mapping[str, Any], place: str = ""
) -> None:
  """Fails if a value is of another kind than its default.

  Args:
    defaults: nested {field: default}; a field without one, or with None, takes
      anything.
    values: nested {field: value}; None fits everywhere.
    place: name of the group of fields, for the message.

  Raises:
    ValueError: naming the field, the value and the kind that is wanted.
  """
  for name, value in values.items():
    default, path = defaults.get(name), f"{place}{name}"
    if isinstance(default, Mapping) and isinstance(value, Mapping):
      check(default, value, f"{path}.")
    elif wanted := _misfit(default, value):
      raise ValueError(
        f"{path} must be {wanted}, such as {default!r}. Received: {value!r}."
      )
