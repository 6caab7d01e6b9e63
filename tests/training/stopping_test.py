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

"""Tests of a training that is asked to end."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from deeplab_ssl.training import stopping


def _ask():
  os.kill(os.getpid(), signal.SIGTERM)


def test_the_signal_waits_until_it_is_asked_for():
  with stopping.on_sigterm() as stop:
    stop.check()
    _ask()
    assert stop.made
    with pytest.raises(stopping.Stopped) as raised:
      stop.check()
  assert raised.value.code == 0


def test_afterwards_the_signal_is_what_it_was():
  before = signal.getsignal(signal.SIGTERM)
  with stopping.on_sigterm():
    assert signal.getsignal(signal.SIGTERM) != before
  assert signal.getsignal(signal.SIGTERM) == before


def test_another_thread_cannot_take_signals():
  found = []

  def run():
    with stopping.on_sigterm() as stop:
      found.append(stop.made)

  thread = threading.Thread(target=run)
  thread.start()
  thread.join()
  assert found == [False]


def test_a_second_signal_ends_the_process():
  code = (
    "import os, signal\n"
    "from deeplab_ssl.training import stopping\n"
    "with stopping.on_sigterm():\n"
    "  os.kill(os.getpid(), signal.SIGTERM)\n"
    "  print('once', flush=True)\n"
    "  os.kill(os.getpid(), signal.SIGTERM)\n"
    "  print('twice', flush=True)\n"
  )
  ended = subprocess.run([sys.executable, "-c", code], capture_output=True)
  assert ended.returncode == -signal.SIGTERM
  assert ended.stdout == b"once\n"


def test_several_workers_end_where_they_ask_each_other():
  asked = []

  def any_of(mine):
    asked.append(mine)
    return mine

  with stopping.on_sigterm(any_of) as stop:
    stop.check()
    _ask()  # The others are in the middle of a step, too.
    with pytest.raises(stopping.Stopped):
      stop.check()
  assert asked == [False, True]


def test_a_request_to_another_worker_ends_this_one():
  with pytest.raises(stopping.Stopped):
    stopping.StopRequest(lambda mine: True).check()
