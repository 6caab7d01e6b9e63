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

"""Output that nobody reads any more, because `head` has seen enough of it."""

import os
import select
import sys


def _drop():
  """Drops what is still printed: Python would complain when it ends."""
  os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def finish() -> bool:
  """Hands over what was printed.

  Returns:
    Whether its reader has taken all of it; if not, the rest is dropped.
  """
  try:
    sys.stdout.flush()
  except BrokenPipeError:
    _drop()
    return False
  return True


def has_lost_reader(error: BaseException) -> bool:
  """Says whether an error is that of a reader who has gone.

  Args:
    error: of a command. Other pipes break, too, such as those to a server.

  Returns:
    Whether it is; what is still printed is then dropped.
  """
  if not isinstance(error, BrokenPipeError):
    return False
  poll = select.poll()
  poll.register(sys.stdout.fileno(), 0)
  # Nothing was asked for, so that any answer is that of a broken pipe.
  if not poll.poll(0):
    return False
  _drop()
  return True


def tell(text: str) -> None:
  """Prints a text; a reader that has seen enough of it is no error.

  Args:
    text: what is printed.
  """
  try:
    print(text)
  except BrokenPipeError:
    _drop()
  finish()
