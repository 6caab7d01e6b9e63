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

"""Reads a command line of the original as its programs would."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import re
from typing import Any

from deeplab_ssl.common import suggestions
from deeplab_ssl.original_flags import declaration
from deeplab_ssl.original_flags import kinds
from deeplab_ssl.original_flags import shell_text
from deeplab_ssl.original_flags import table

_NAMES = "|".join(declaration.PROGRAMS)
# "deeplab/train.py" and "${DIR}/train.py", and, behind -m, "deeplab.train".
_FILE = re.compile(rf"(?:.*[/\\])?(?P<name>{_NAMES})\.py")
_MODULE = re.compile(rf"(?:.*\.)?(?P<name>{_NAMES})")


@dataclasses.dataclass(frozen=True)
class CommandLine:
  """What a command line of the original says.

  Attributes:
    program: one of `declaration.PROGRAMS`.
    values: {flag: value} of all flags of the program, with their defaults.
    given: the flags that it gives, in their order.
  """

  program: str
  values: Mapping[str, Any]
  given: tuple[str, ...]

  @property
  def flags(self) -> Mapping[str, declaration.Flag]:
    """The flags of the program."""
    return table.flags_of(self.program)


def program_of(words: Sequence[str]) -> str | None:
  """Returns the program that a command calls, None for another or no program.

  Args:
    words: of the command, with what may stand before it, such as `srun`.
  """
  return _find_program(words)[0]


def _find_program(words):
  """Returns (program, how many words there are up to its name)."""
  if words and words[0].startswith("-"):
    return None, 0  # Flags alone.
  for i, word in enumerate(words):
    pattern = _MODULE if words[max(i - 1, 0)] == "-m" else _FILE
    if match := pattern.fullmatch(word):
      return match["name"], i + 1
  return None, 0


def parse(
  words: Sequence[str],
  program: str | None = None,
  variables: Mapping[str, str] | None = None,
) -> CommandLine:
  """Reads a command line.

  Args:
    words: of the command; what stands before the first flag may name the
      program.
    program: one of `declaration.PROGRAMS`, if the words do not name it.
    variables: {name: value} of variables of a shell that may stand for numbers
      and names; in texts, such as paths, they stay as they are.

  Raises:
    ValueError: if a flag is unknown, naming the nearest, a value is not what it
      may be, a word belongs to no flag, or the program is not known.
  """
  named, start = _find_program(words)
  if named and program and named != program:
    raise ValueError(
      f"The command line calls {named}.py, but --program is {program}. Leave "
      "--program out."
    )
  if not named:
    dashes = (i for i, word in enumerate(words) if word.startswith("-"))
    start = next(dashes, len(words))
  pairs = list(_pairs(words[start:], _known_flags()))
  names = [name for name, _ in pairs]
  if not named and not program and start:
    raise ValueError(
      f"Which program is {' '.join(words[:start])!r}? Known are "
      f"{_listed(declaration.PROGRAMS)}; say with --program which of them it "
      "stands for."
    )
  program = named or program or _program_with(names)
  flags = table.flags_of(program)
  texts: dict[str, list[str]] = {}
  for name, text in pairs:
    if name not in flags:
      raise ValueError(_unknown(name, program))
    texts.setdefault(name, []).append(text)
  values = {name: flag.default for name, flag in flags.items()}
  for name, found in texts.items():
    values[name] = _value(flags[name], found, variables or {})
  return CommandLine(program, values, tuple(texts))


def _known_flags() -> dict[str, declaration.Flag]:
  return {
    name: flag
    for program in declaration.PROGRAMS
    for name, flag in table.flags_of(program).items()
  }


def _pairs(
  words: Sequence[str], known: Mapping[str, declaration.Flag]
) -> Iterable[tuple[str, str]]:
  """Yields (name of a flag, text of its value), as absl divides the words."""
  rest = iter(words)
  for word in rest:
    if not word.strip():
      raise ValueError(
        "A backslash continues a line only if it is the last character: remove "
        "the blanks behind it."
      )
    if not word.startswith("-") or word in ("-", "--"):
      raise ValueError(
        f"The word {word!r} belongs to no flag, and the original would pass "
        "over it. The value of a flag that is true or false follows an equals "
        "sign: --flag=false, or --noflag."
      )
    name, equals, text = word.lstrip("-").partition("=")
    positive = name.removeprefix("no")
    if equals:
      yield name, text
    elif name in known and known[name].kind.is_flag:
      yield name, "true"
    elif name not in known and positive in known:
      if not known[positive].kind.is_flag:
        raise ValueError(
          f"--{name}: --{positive} is none that is true or false."
        )
      yield positive, "false"
    elif name not in known:
      yield name, ""
      return  # Whether the next word is its value is not known.
    else:
      text = next(rest, None)
      if text is None:
        raise ValueError(f"--{name} stands last and has no value.")
      yield name, text


def _program_with(names: Sequence[str]) -> str:
  """Returns the program that alone has all of some flags."""
  having = [
    program
    for program in declaration.PROGRAMS
    if set(names) <= table.flags_of(program).keys()
  ]
  if len(having) == 1:
    return having[0]
  if having:
    raise ValueError(
      f"These flags are of {_listed(having)}: say with --program which of "
      "them is meant, e.g. --program=train."
    )
  known = _known_flags()
  unknown = next((name for name in names if name not in known), None)
  if unknown is not None:
    raise ValueError(_unknown(unknown, None))
  raise ValueError(
    f"No program of the original has all of these flags: {_listed(names)}."
  )


def _unknown(name, program):
  """Returns the message for a flag that a program does not have."""
  if name == "flagfile":
    return "--flagfile: write the flags of the file into the command line."
  others = [
    other for other in declaration.PROGRAMS if name in table.flags_of(other)
  ]
  if program and others:
    return (
      f"{program}.py of the original has no flag --{name}; "
      f"{_listed(f'{other}.py' for other in others)} has."
    )
  known = table.flags_of(program) if program else _known_flags()
  who = f"{program}.py of the original has" if program else "The original has"
  return f"{who} no flag --{name}.{suggestions.did_you_mean(name, known)}"


def _listed(names):
  return ", ".join(names)


def _value(flag: declaration.Flag, texts: Sequence[str], variables):
  """Returns the value of a flag; of several uses, all or the last counts."""
  if flag.kind.repeats:
    return [_read(flag, text, variables) for text in texts]
  return _read(flag, texts[-1], variables)


def _read(flag: declaration.Flag, text: str, variables: Mapping[str, str]):
  kind: kinds.Kind = flag.kind
  if kind.is_text:
    return text
  expanded = shell_text.expand(text, variables)
  if "$" in expanded:
    raise ValueError(
      f"--{flag.name} must be {kind.expected}. Received: {text}, a variable of "
      "a shell whose value is not known here: write its value."
    )
  try:
    return kind.read(expanded)
  except ValueError as error:
    raise ValueError(
      f"--{flag.name} must be {kind.expected}. Received: {expanded!r}."
    ) from error
