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

"""Runs a command; what its user can mend is told without a traceback."""

from collections.abc import Callable
from collections.abc import Sequence
import pathlib
import re
import sys

from absl import app
from absl import flags
from absl import logging

from deeplab_ssl.cli import messages
from deeplab_ssl.cli import output
from deeplab_ssl.common import atomic_files
from deeplab_ssl.common import extras
from deeplab_ssl.common import op_errors

# What shells report for a program that Ctrl-C has ended, and for one whose
# reader has gone.
_INTERRUPTED = 130
_NOBODY_READS = 141
# Model Garden's configuration library adds lines of this kind to messages.
_CALLS = re.compile(r"\n\s*In call to configurable '.*")


def _for_the_user(error):
  """Returns what to tell the user; None for a fault of the program."""
  # If TensorFlow was never imported, the error cannot be one of its own.
  tf = sys.modules.get("tensorflow")
  if tf and isinstance(error, tf.errors.OpError):
    return op_errors.reason(error)
  if isinstance(error, ModuleNotFoundError):
    return extras.advice(error)
  # An ImportError that we raise has no name and says what to install.
  ours = isinstance(error, ImportError) and error.name is None
  if not ours and not isinstance(error, (ValueError, OSError)):
    return None
  return _CALLS.sub("", str(error))


class _ShortHelp(app.HelpFlag):
  """-h, which absl does not know."""

  NAME = "h"
  SHORT_NAME = None


def _refusal(error):
  """Returns the exit of a command that was called wrongly."""
  return SystemExit(
    f"\nError: {error}\nSee --help, or --helpfull for all flags."
  )


def _refuse_empty(known):
  """Refuses flags that are given without a value, as --model_dir= is.

  A script whose variable is empty gives such. It would mean the current folder,
  or, without a word, no file. Where the default is empty, it is that.
  """
  for name in known:
    flag = known[name]
    values = flag.value if isinstance(flag.value, list) else [flag.value]
    texts = [value for value in values if isinstance(value, str)]
    empty = not values or any(not text.strip() for text in texts)
    # A list without elements is the default of the lists that have none.
    is_default = flag.default == "" or (not values and not flag.default)
    if flag.present and empty and not is_default:
      raise flags.IllegalFlagValueError(
        f"flag --{name} is empty: give it a value, or leave it out."
      )


def _parse(argv):
  """Parses flags as absl does, but refuses what is most likely a slip.

  That is a second value for a plain flag, and a flag without its value.

  Returns:
    The name of the program and the arguments that are no flags.

  Raises:
    SystemExit: with status 0 after the help, 1 with what is wrong with a flag.
  """
  known = flags.FLAGS
  if "h" not in known:
    flags.DEFINE_flag(_ShortHelp(), module_name=app.__name__)
  for name in known:
    if not isinstance(known[name], flags.MultiFlag):
      known[name].allow_overwrite = False
  try:
    rest = known(argv)
    _refuse_empty(known)
  except (SystemExit, BrokenPipeError) as error:
    # absl has shown the help and ends with 1, a failure.
    output.has_lost_reader(error)
    output.finish()
    raise SystemExit(0) from None
  except flags.Error as error:
    raise _refusal(error) from error
  if known["verbosity"].using_default_value:
    known.verbosity = logging.WARNING  # absl's own default shows more.
  if not messages.is_verbose():
    messages.hide_chatter()
  return rest


def run_with_names(main: Callable[[Sequence[str]], int | None]) -> None:
  """Runs a command that takes names of files or of other things.

  A ValueError, OSError, ImportError or error of a TensorFlow operation ends it
  with exit status 1 and the message; with --verbosity=1, the traceback is shown
  too, and what the libraries log. So does a module that an extra of the package
  would have brought. Ctrl-C ends it with status 130, a reader of its output who
  has seen enough with 141. The help ends it with status 0. A flag that holds
  one value may be given once only, and no flag without its value.

  Args:
    main: the command, called with the names when the flags are parsed; returns
      its exit status, None for success.
  """

  def guarded(argv):
    try:
      flag = next((arg for arg in argv[1:] if arg.startswith("-")), None)
      if flag:
        raise app.UsageError(f"Unexpected argument {flag}: use --flag=value.")
      status = main(argv[1:])
      return status if output.finish() else _NOBODY_READS
    except app.UsageError as error:
      raise _refusal(error) from error
    except KeyboardInterrupt:
      print("\nInterrupted.", file=sys.stderr)
      return _INTERRUPTED
    except Exception as error:
      if output.has_lost_reader(error):
        return _NOBODY_READS
      message = _for_the_user(error)
      if message is None or logging.level_debug():
        raise
      raise SystemExit(f"\nError: {message}") from error

  app.run(guarded, flags_parser=_parse)


def run(main: Callable[[], int | None]) -> None:
  """Runs a command that takes flags only; see `run_with_names`.

  Args:
    main: the command, called when the flags are parsed.
  """

  def without_names(names):
    if names:
      raise app.UsageError(f"Unexpected arguments {names}: use --flag=value.")
    return main()

  run_with_names(without_names)


def only_local(flag: flags.FlagHolder) -> None:
  """Refuses an address such as gs://bucket/file as the value of a flag.

  Args:
    flag: the flag of a file that the command will write when its work is done.
  """
  flags.register_validator(
    flag,
    lambda path: not path or atomic_files.is_local(path),
    "an address was given; only local files are written.",
  )


def only_json(flag: flags.FlagHolder) -> None:
  """Refuses a file that is there and is no JSON as the value of a flag.

  Args:
    flag: the flag of a file that the command replaces by JSON of its own; only
      local ones are written.
  """
  only_local(flag)
  flags.register_validator(
    flag,
    lambda path: not path or _may_become_json(pathlib.Path(path)),
    "the file is there and is no JSON: it would be replaced. Give another one.",
  )


def _may_become_json(path):
  if not path.is_file():  # Such as /dev/stdout.
    return True
  with path.open("rb") as file:
    return file.read(1) in (b"", b"{", b"[")


def refuse_idle(flag: flags.FlagHolder, idle: bool, where: str) -> None:
  """Refuses a flag that was given and would do nothing.

  Args:
    flag: the flag.
    idle: whether it would do nothing.
    where: under which circumstances, "without --other".

  Raises:
    app.UsageError: if it is given, not empty, and would do nothing.
  """
  if flag.value in (None, "", []):
    return
  if idle and (flag.present or flag.value != flag.default):
    raise app.UsageError(f"--{flag.name} does nothing {where}.")
