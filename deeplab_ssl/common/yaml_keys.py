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

"""Refuses YAML that says two things at once, or more than it seems to."""

import re

import yaml

_MOST_VALUES = 100_000
# Numbers of YAML 1.1 that look like others: 010 is 8 there, and 1:30 is 90.
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


def check(text: str, where: str, loader: type = yaml.SafeLoader) -> None:
  """Refuses a text whose values are not what they seem.

  YAML's own reader takes the last of two values for a key. An alias stands for
  a copy, so that some lines of them can grow to more than any memory holds.
  Numbers that begin with 0 are octal there, and those with colons of base 60.

  Args:
    text: YAML.
    where: what it is called in messages, such as the path of its file.
    loader: how PyYAML reads it.

  Raises:
    ValueError: if a key is given twice in one place, a number is octal or of
      base 60, or the text holds itself, has more than 100 000 values or is
      nested too deep for Python.
    yaml.YAMLError: if it is no YAML.
  """
  try:
    _check(yaml.compose(text, Loader=loader), where, "", (), {})
  except RecursionError as error:
    raise ValueError(
      f"{where} is nested too deep to be read. Are there brackets that nobody "
      "closes?"
    ) from error


def _check(node, where, place, above, sizes):
  """Returns how many values a node has; aliases count as what they stand for.

  Args:
    node: a node, or None for an empty text.
    where: what the text is called.
    place: the keys above the node, each with a dot behind it.
    above: the nodes above it.
    sizes: what was returned for other nodes, so that each is looked at once.
  """
  if any(node is other for other in above):
    raise ValueError(f"{where} holds itself at {place}: leave that alias out.")
  if node in sizes:
    return sizes[node]
  above = (*above, node)
  size = 1
  if isinstance(node, yaml.ScalarNode):
    _refuse_other_base(node, where, place)
  elif isinstance(node, yaml.SequenceNode):
    for element in node.value:
      size += _check(element, where, place, above, sizes)
  elif isinstance(node, yaml.MappingNode):
    for path, value in _members(node, where, place):
      size += _check(value, where, f"{path}.", above, sizes)
  if size > _MOST_VALUES:
    raise ValueError(
      f"{where} has more than {_MOST_VALUES} values at {place or 'its top'}, "
      "where aliases stand for copies: leave them out."
    )
  sizes[node] = size
  return size


def _members(node, where, place):
  """Yields (path, value) of a group; refuses a key that is there twice."""
  lines: dict[str, int] = {}
  for key, value in node.value:
    _refuse_other_base(key, where, place)
    path = f"{place}{key.value}"
    line = key.start_mark.line + 1
    if path in lines:
      lines_of_both = (
        f" (lines {lines[path]} and {line})" if line > lines[path] else ""
      )
      raise ValueError(
        f"{where} gives {path} twice{lines_of_both}: leave one of them out."
      )
    lines[path] = line
    yield path, value


def _refuse_other_base(node, where, place):
  """Refuses a number that is octal or of base 60; texts and groups pass."""
  if node.tag not in _NUMBERS:
    return
  written = node.value
  read = yaml.safe_load(written)
  if _OCTAL.fullmatch(written):
    decimal = int(written.replace("_", ""))
    base, meant = "an octal number", sorted({read, decimal})
  elif _BASE_60.fullmatch(written):
    base, meant = "a number of base 60", [read]
  else:
    return
  raise ValueError(
    f"{where} has {written} at {place.rstrip('.') or 'its top'}, which YAML "
    f"reads as {read}, {base}. Write {' or '.join(map(str, meant))}, or put "
    "it in quotes if it is text."
  )
