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

"""What is declared of a flag of the original: its kind, default and place."""

from collections.abc import Callable
from collections.abc import Mapping
import dataclasses
from typing import Any

from deeplab_ssl.original_flags import kinds

# {name of a flag: value} of one command line, with the defaults of the others.
Values = Mapping[str, Any]
TRAIN, EVAL, VIS, EXPORT = PROGRAMS = ("train", "eval", "vis", "export_model")
# What stands in the path of a key for the data that a program reads.
DATA = "task.{data}"


@dataclasses.dataclass(frozen=True)
class Need:
  """What a flag needs of others to do anything in the original.

  Attributes:
    unmet: what is said where it is not met, after "does nothing".
    met: whether the values of a command line meet it.
  """

  unmet: str
  met: Callable[[Values], bool]


@dataclasses.dataclass(frozen=True)
class Flag:
  """A flag of the original, and its place here.

  It has one of `key`, `option` and `reason`, or is of those that the
  translation knows by name, which have `here` alone.

  Attributes:
    name: its name, without dashes.
    kind: what its values are.
    default: its default.
    key: path of the key of the configuration that it stands for; with `DATA`
      that of the data which the program reads.
    option: name of the flag of our commands that it stands for.
    reason: why it has no place here, and what there is instead.
    here: what the table says of its place, if not what the above say.
    convert: makes the value of the key of that of the flag.
    needs: what it needs to do anything.
    read_by: the programs that read it, of those that have it; empty for all.
  """

  name: str
  kind: kinds.Kind
  default: Any
  key: str = ""
  option: str = ""
  reason: str = ""
  here: str = ""
  convert: Callable[[Any], Any] = lambda value: value
  needs: tuple[Need, ...] = ()
  read_by: tuple[str, ...] = ()


def network(*prefixes: str) -> Need:
  """Returns the need of a network whose name begins in one of some ways."""
  return Need(
    f"with another network than {' and '.join(p + '*' for p in prefixes)}",
    lambda values: values["model_variant"].startswith(prefixes),
  )


def given(name: str) -> Need:
  """Returns the need of another flag that is given, and not off."""
  return Need(f"without --{name}", lambda values: bool(values[name]))


def off(name: str) -> Need:
  """Returns the need of another flag that is off, or not given."""
  return Need(f"with --{name}", lambda values: not values[name])
