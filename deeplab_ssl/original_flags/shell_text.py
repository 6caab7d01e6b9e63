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

"""Reads the commands of a shell script, or of a page that shows some.

It is no shell: of a script, only the assignments of variables and the commands
are read, and variables stay as they are written.
"""

from collections.abc import Iterator
from collections.abc import Mapping
import re
import shlex

_COMMENT = re.compile(r"^\s*#")
_ASSIGNMENT = re.compile(
  r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)", re.S
)
_BACKTICKS = re.compile(r"`([^`]*)`")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
# Paths and continued lines of Windows, whose backslashes a shell takes away.
_WINDOWS = re.compile(r"\S*\\[A-Za-z]\S*|\^\s*$")
_HOME = re.compile(r"^~(?=/|$)")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
# What ends a command, or sends its output elsewhere.
_ENDS = ";|&<>"


def commands(text: str) -> Iterator[list[str]]:
  """Yields the words of each command of a text, as a shell would split them.

  Args:
    text: of a script; a backslash at the end of a line continues it, and `#`
      begins a comment.

  Raises:
    ValueError: if a quotation is not closed, a line of flags follows a command
      that has ended, or a line is one of Windows, naming the line.
  """
  joined = ""
  ended = ""  # The command of the lines above, up to the next empty one.
  for line in text.splitlines():
    if ended and _is_flag(line) and not _is_flag(ended):
      raise ValueError(
        f"The line {line.strip()!r} belongs to no command: that of the line "
        "above has ended. End each line of a command but the last in a "
        "backslash, with no blank behind it and no comment between."
      )
    if _COMMENT.match(line):
      # Ends a command, and its backslash, if it ends in one, continues nothing.
      yield from _commands_of(joined)
      joined, ended = "", joined or ended
      continue
    _refuse_windows(line)
    joined += line.removesuffix("\\")
    ended = ""
    if not line.endswith("\\"):
      yield from _commands_of(joined)
      joined, ended = "", joined.strip()
  yield from _commands_of(joined)


def _refuse_windows(line):
  found = _WINDOWS.search(_QUOTED.sub("", line.partition(" #")[0]))
  if found:
    raise ValueError(
      f"{found[0].strip()!r} is of Windows: a shell drops the backslash of a "
      "path, and knows no ^. Write paths with / or in quotation marks, and end "
      "a line that goes on in a backslash."
    )


def _is_flag(line):
  return line.lstrip().startswith("--")


def _commands_of(line):
  lexer = shlex.shlex(line, posix=True, punctuation_chars=_ENDS)
  lexer.whitespace_split = True
  lexer.commenters = ""
  words: list[str] = []
  is_target = False  # Whether the next word is a file of a redirection.
  try:
    for word in lexer:
      if word.startswith("#"):
        break
      if set(word) <= set(_ENDS):
        if set(word) & set("<>"):
          is_target = True
          if words and words[-1] in ("1", "2"):  # As in 2>&1.
            words.pop()
        else:
          yield from filter(None, [words])
          words, is_target = [], False
      elif is_target:
        is_target = False
      else:
        words.append(_expandable(word))
  except ValueError as error:
    # An apostrophe in a comment opens no quotation.
    if "#" not in line:
      raise ValueError(f"A quotation is not closed in: {line.strip()}") from (
        error
      )
  yield from filter(None, [words])


def _expandable(word):
  """Writes commands in backticks, and a home, as else they begin with "$"."""
  return _HOME.sub("$HOME", _BACKTICKS.sub(r"$(\1)", word))


def variables(text: str) -> dict[str, str]:
  """Returns {name: value} of the variables that a text gives plain values.

  Args:
    text: of a script. A value that holds a variable which is not known, or a
      command, is left out.
  """
  found: dict[str, str] = {}
  for words in commands(text):
    if words[0] in ("export", "readonly", "local"):
      words = words[1:]
    for word in words:
      match = _ASSIGNMENT.fullmatch(word)
      if not match:
        break
      value = expand(match["value"], found)
      if "$" not in value:
        found[match["name"]] = value
  return found


def expand(text: str, values: Mapping[str, str]) -> str:
  """Puts values in the place of variables, ${NAME} or $NAME, that are known.

  Args:
    text: of a word.
    values: {name: value}.
  """
  return _VARIABLE.sub(
    lambda match: values.get(match[1] or match[2], match[0]), text
  )


def quoted(text: str) -> str:
  """Returns a word as one would write it in a shell, variables left to it."""
  if "$" not in text:
    return shlex.quote(text)
  escaped = re.sub(r'(["\\])', r"\\\1", text)
  return f'"{escaped}"'
