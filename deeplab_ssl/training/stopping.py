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

from collections.abc import Iterator
import contextlib
import signal
import threading


class Stopped(SystemExit):
  """The training has been asked to end; ends the process with status 0."""

  def __init__(self):
    super().__init__(0)


class StopRequest:
  """Whether SIGTERM has come; it is acted upon where nothing is half done."""

  def __init__(self):
    self.made = False

  def __call__(self, signum=None, frame=None):
    """Takes the signal; a second one ends the process at once."""
    del frame
    if self.made and signum is not None:
      signal.signal(signum, signal.SIG_DFL)
      signal.raise_signal(signum)
    self.made = True

  def check(self) -> None:
    """Raises `Stopped` if the signal has come."""
    if self.made:
      raise Stopped


@contextlib.contextmanager
def on_sigterm() -> Iterator[StopRequest]:
  """Takes SIGTERM while it is open; other threads than the first cannot."""
  request = StopRequest()
  if threading.current_thread() is not threading.main_thread():
    yield request
    return
  previous = signal.signal(signal.SIGTERM, request)
  try:
    yield request
  finally:
    signal.signal(signal.SIGTERM, previous)
