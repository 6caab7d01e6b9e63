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

"""A training that is asked to end: it saves first."""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import signal
import threading


class Stopped(SystemExit):
  """The training has been asked to end; ends the process with status 0."""

  def __init__(self):
    super().__init__(0)


class StopRequest:
  """Whether SIGTERM has come; it is acted upon where nothing is half done.

  Args:
    any_of: where several workers train together, returns in all of them
      whether a value is true in any: they end after the same step.
  """

  def __init__(self, any_of: Callable[[bool], bool] | None = None):
    self.made = False
    self._any_of = any_of

  def __call__(self, signum=None, frame=None):
    """Takes the signal; a second one ends the process at once."""
    del frame
    if self.made and signum is not None:
      signal.signal(signum, signal.SIG_DFL)
      signal.raise_signal(signum)
    self.made = True

  def check(self) -> None:
    """Raises `Stopped` if the signal has come, to any of the workers."""
    if self._any_of(self.made) if self._any_of else self.made:
      raise Stopped


@contextlib.contextmanager
def on_sigterm(
  any_of: Callable[[bool], bool] | None = None,
) -> Iterator[StopRequest]:
  """Takes SIGTERM while it is open; other threads than the first cannot.

  Args:
    any_of: see `StopRequest`.
  """
  request = StopRequest(any_of)
  if threading.current_thread() is not threading.main_thread():
    yield request
    return
  previous = signal.signal(signal.SIGTERM, request)
  try:
    yield request
  finally:
    signal.signal(signal.SIGTERM, previous)
