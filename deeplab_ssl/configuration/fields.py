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

"""The declaration of a key: one place for default, check, message and page."""

from collections.abc import Mapping
import copy
import dataclasses
import functools
import inspect
import typing
from typing import Any

from deeplab_ssl.configuration import rules

_METADATA = "declared"


@dataclasses.dataclass(frozen=True)
class Key:
  """What is declared of a key of the configuration.

  Attributes:
    rule: what its value may be.
    meaning: a sentence, without a full stop.
    source: where default or meaning come from: a file or flag of the original,
      a paper; "" for what is ours or Model Garden's.
    instead: for a key that only has its default, what to do instead.
    required: whether the default stands for "not given yet": a training needs
      another value, a description of a model does not.
    training_only: whether it does nothing in `task.validation_data`.
  """

  rule: rules.Rule
  meaning: str
  source: str = ""
  instead: str = ""
  required: bool = False
  training_only: bool = False

  @property
  def is_fixed(self) -> bool:
    """Whether it only has its default."""
    return bool(self.instead)

  def check(self, path: str, value: Any) -> None:
    """Refuses a value that the rule does not allow.

    Args:
      path: the key, "task.model.backbone".
      value: its value.

    Raises:
      ValueError: naming the key, the value and what it may be.
    """
    if not self.rule.fits(value):
      remedy = f" {self.instead}" if self.instead else ""
      raise ValueError(
        f"{path} must be {self.rule.expected}. Received: "
        f"{rules.yaml_text(value)}.{self.rule.hint(value)}{remedy}"
      )


def declared(default: Any, rule: rules.Rule, meaning: str, **kwargs) -> Any:
  """Returns the field of a dataclass that is a key of the configuration.

  Args:
    default: its default; a list is copied for each configuration.
    rule: what its value may be.
    meaning: a sentence, without a full stop.
    **kwargs: the other attributes of `Key`.
  """
  metadata = {_METADATA: Key(rule, meaning, **kwargs)}
  if isinstance(default, list):
    return dataclasses.field(
      default_factory=lambda: copy.copy(default), metadata=metadata
    )
  return dataclasses.field(default=default, metadata=metadata)


def unused(default: Any, meaning: str, instead: str) -> Any:
  """Returns the field of a key of Model Garden that a training does not read.

  Args:
    default: the only value that it may have.
    meaning: what it would mean.
    instead: a sentence on what to do instead.
  """
  return declared(default, rules.exactly(default), meaning, instead=instead)


@functools.cache
def keys_of(config_class: type) -> Mapping[str, Key]:
  """Returns {field: its `Key`} of a class of configurations.

  A field without a declaration has the rule of its type, and the meaning that
  the "Attributes" of the docstring give.
  """
  hints = typing.get_type_hints(config_class)
  meanings = meanings_of(config_class)
  found = {}
  for field in dataclasses.fields(config_class):
    if _METADATA in field.metadata:
      found[field.name] = field.metadata[_METADATA]
    elif rule := rules.of_type(hints[field.name]):
      found[field.name] = Key(rule, meanings.get(field.name, ""))
  return found


def meanings_of(config_class: type) -> dict[str, str]:
  """Returns {attribute: meaning} from the docstrings of a class and its bases.

  They are Google's: an indented "name: text" for each below "Attributes:".
  """
  found = {}
  for base in reversed(config_class.__mro__):
    text = inspect.cleandoc(base.__dict__.get("__doc__") or "")
    name = None
    for line in text.partition("Attributes:\n")[2].splitlines():
      indent = len(line) - len(line.lstrip())
      if not indent:
        break
      if indent == 2:
        name, _, first = line.strip().partition(": ")
        found[name] = first
      elif name:
        found[name] += f" {line.strip()}"
  return {name: text.rstrip(".") for name, text in found.items()}


def check_values(config: Any, place: str) -> None:
  """Refuses a value of one group of keys that its declaration does not allow.

  Args:
    config: the dataclass of the group; groups in it are not looked at.
    place: what stands before its keys, "task.model".

  Raises:
    ValueError: naming the key, the value and what it may be.
  """
  for name, key in keys_of(type(config)).items():
    key.check(f"{place}.{name}", getattr(config, name))
