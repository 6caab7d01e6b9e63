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

"""Rules of what the value of a key may be, each with the words that say it."""

from collections.abc import Callable
import dataclasses
import math
import numbers
import pathlib
import types
import typing
from typing import Any

from deeplab_ssl.common import suggestions


@dataclasses.dataclass(frozen=True)
class Rule:
  """What a value may be.

  Attributes:
    expected: it in words that follow "must be": "an integer of 1 or more".
    fits: whether a value is such.
    names: the texts that it may be; the nearest one is named for another.
  """

  expected: str
  fits: Callable[[Any], bool]
  names: tuple[str, ...] = ()

  def hint(self, value: Any) -> str:
    """Returns what else to say of a value that does not fit, or ""."""
    if isinstance(value, bool) and self.names:
      return " YAML reads on, off, yes and no as flags: put them in quotes."
    if isinstance(value, str):
      return suggestions.did_you_mean(value, self.names)
    return ""


def _is_integer(value):
  return isinstance(value, int) and not isinstance(value, bool)


def _is_real(value):
  is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
  return is_number and math.isfinite(value)


def _is_in(value, low, high):
  return (low is None or value >= low) and (high is None or value <= high)


def _between(low, high, above):
  """Returns the words for a range whose ends belong to it."""
  if above is not None and high is not None:
    return f" in ({above}, {high}]"
  if above is not None:
    return f" above {above}"
  if low is not None and high is not None:
    return f" in [{low}, {high}]"
  return "" if low is None else f" of {low} or more"


def integer(low: int | None = None, high: int | None = None) -> Rule:
  """Returns the rule of an integer in [low, high]; None is no bound.

  A float, even 8.0, is none: in a configuration it is a slip of the pen.
  """
  return Rule(
    f"an integer{_between(low, high, None)}",
    lambda value: _is_integer(value) and _is_in(value, low, high),
  )


def real(
  low: float | None = None,
  high: float | None = None,
  *,
  above: float | None = None,
  below: float | None = None,
) -> Rule:
  """Returns the rule of a finite number.

  Args:
    low: the least that it may be.
    high: the most.
    above: what it must exceed, instead of `low`.
    below: what it must stay under, instead of `high`; only with `low`.
  """
  words = _between(low, high, above)
  if below is not None:
    words = f" in [{low}, {below})"
  return Rule(
    f"a finite number{words}",
    lambda value: (
      _is_real(value)
      and _is_in(value, low, high)
      and (above is None or value > above)
      and (below is None or value < below)
    ),
  )


def flag() -> Rule:
  """Returns the rule of true and false, which may be 1 and 0."""
  return Rule(
    "true or false", lambda value: isinstance(value, int) and value in (0, 1)
  )


def text() -> Rule:
  """Returns the rule of any text."""
  return Rule("text", lambda value: isinstance(value, str))


def choice(*names: str) -> Rule:
  """Returns the rule of one of these texts."""
  listed = ", ".join(repr(name) for name in names)
  expected = f"one of {listed}" if len(names) > 1 else listed
  return Rule(
    expected, lambda value: isinstance(value, str) and value in names, names
  )


def exactly(*values: Any) -> Rule:
  """Returns the rule of one of these values, of their own types."""
  return Rule(
    " or ".join(yaml_text(value) for value in values),
    lambda value: any(
      type(value) is type(known) and value == known for known in values
    ),
  )


def either(*rules: Rule) -> Rule:
  """Returns the rule of what one of some rules allows."""
  return Rule(
    ", or ".join(rule.expected for rule in rules),
    lambda value: any(rule.fits(value) for rule in rules),
    tuple(name for rule in rules for name in rule.names),
  )


def optional(rule: Rule) -> Rule:
  """Returns a rule that allows null, too."""
  return either(exactly(None), rule)


def list_of(rule: Rule, length: int | None = None) -> Rule:
  """Returns the rule of a list.

  Args:
    rule: of its elements.
    length: how many there are; None for any number.
  """
  count = "" if length is None else f"{length} elements, "
  return Rule(
    f"a list ({count}each {rule.expected})",
    lambda value: (
      isinstance(value, (list, tuple))
      and length in (None, len(value))
      and all(map(rule.fits, value))
    ),
    rule.names,
  )


def folder_inside(parent: str) -> Rule:
  """Returns the rule of a folder that stays inside another, or of "".

  Args:
    parent: what the other is called.
  """

  def fits(value):
    if not isinstance(value, str) or "\\" in value or "://" in value:
      return False
    path = pathlib.PurePosixPath(value)
    # PurePosixPath leaves "." out of its parts.
    inside = not path.is_absolute() and ".." not in path.parts
    return value == "" or (inside and bool(path.parts))

  return Rule(f"the name of a folder inside {parent}, without '..'", fits)


def of_type(annotation: Any) -> Rule | None:
  """Returns the rule that the type of a field states.

  Args:
    annotation: `int`, `float`, `bool`, `str`, a `Literal` of texts, a list, or
      one of these or None.

  Returns:
    The rule; None for any other type.
  """
  simple = {bool: flag, int: integer, float: real, str: text}
  if annotation in simple:
    return simple[annotation]()
  origin, args = typing.get_origin(annotation), typing.get_args(annotation)
  if origin is typing.Literal:
    return choice(*args)
  if annotation is list:
    return Rule("a list", lambda value: isinstance(value, (list, tuple)))
  if origin in (list, tuple):
    inner = of_type(args[0])
    return inner and list_of(inner)
  if origin in (types.UnionType, typing.Union) and type(None) in args:
    rules = [of_type(arg) for arg in args if arg is not type(None)]
    return optional(either(*rules)) if all(rules) else None
  return None


def yaml_text(value: Any) -> str:
  """Returns a value as one would write it in YAML: null, true, 'text', 1."""
  if value is None:
    return "null"
  if isinstance(value, bool):
    return str(value).lower()
  return repr(value)
