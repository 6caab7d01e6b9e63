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

"""Translates a command line of the original, given as words or as a text."""

from collections.abc import Sequence
import itertools

from deeplab_ssl.original_flags import command_line
from deeplab_ssl.original_flags import declaration
from deeplab_ssl.original_flags import prediction_commands
from deeplab_ssl.original_flags import shell_text
from deeplab_ssl.original_flags import training_command
from deeplab_ssl.original_flags import translation


def of_words(
  words: Sequence[str], program: str | None = None
) -> translation.Translation:
  """Translates a command line whose words are known.

  Args:
    words: see `command_line.parse`.
    program: likewise.

  Raises:
    ValueError: if it cannot be read, or asks for what no program does.
  """
  return _of_line(command_line.parse(words, program))


def of_text(text: str, program: str | None = None) -> translation.Translation:
  """Translates the command of the original in a text.

  Args:
    text: of a shell: a command, or a script with one.
    program: one of `declaration.PROGRAMS`: which of several commands is meant,
      or what the flags are of where no command names a program.

  Raises:
    ValueError: if there is none, or several, or as `of_words`.
  """
  found = list(shell_text.commands(text))
  calls = [words for words in found if command_line.program_of(words)]
  if program and calls:
    calls = [w for w in calls if command_line.program_of(w) == program]
  elif not calls:
    # Flags alone, as pages show them, a line each.
    calls = _joined(words for words in found if words[0].startswith("--"))
  if len(calls) != 1:
    raise ValueError(_which(calls, program))
  variables = shell_text.variables(text)
  return _of_line(command_line.parse(calls[0], program, variables))


def _joined(lines):
  words = list(itertools.chain.from_iterable(lines))
  return [words] if words else []


def _which(calls, program):
  """Returns the message for none or several commands."""
  if not calls:
    programs = [program] if program else declaration.PROGRAMS
    names = " or ".join(f"{name}.py" for name in programs)
    return f"The text has no command that calls {names} of the original."
  names = ", ".join(f"{command_line.program_of(words)}.py" for words in calls)
  return (
    f"The text has {len(calls)} commands of the original ({names}). Give one "
    "of them, or choose with --program=train, eval, vis or export_model one "
    "that is there once."
  )


def _of_line(line):
  if line.program == declaration.TRAIN:
    return training_command.translate(line)
  return prediction_commands.translate(line)
