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

"""Tests of workers that wait for each other."""

import concurrent.futures
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from deeplab_ssl.distribution import cluster as cluster_lib
from deeplab_ssl.distribution import rendezvous
from tests import worker_processes


def _clusters(count):
  addresses = tuple(
    f"127.0.0.1:{port}" for port in worker_processes.free_ports(count)
  )
  names = tuple(f"worker {i}" for i in range(count))
  return [
    cluster_lib.Cluster(names, addresses, i, (("worker", count),))
    for i in range(count)
  ]


def _wait(cluster, delay=0.0, seconds=20.0):
  time.sleep(delay)
  rendezvous.wait_for_peers(cluster, seconds)
  # What TensorFlow does next.
  port = int(cluster.addresses[cluster.index].rpartition(":")[2])
  with socket.socket() as server:
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("", port))
  return time.monotonic()


@pytest.mark.parametrize("delays", [(0, 0), (1, 0), (0, 1), (0, 1.5, 0.7, 0)])
def test_all_go_on_when_the_last_has_come(delays):
  clusters = _clusters(len(delays))
  started = time.monotonic()
  with concurrent.futures.ThreadPoolExecutor() as pool:
    ended = list(pool.map(_wait, clusters, delays))
  assert min(ended) - started >= max(delays)
  assert max(ended) - min(ended) < 3


def test_who_is_missing_is_told():
  first, _, _ = clusters = _clusters(3)
  with concurrent.futures.ThreadPoolExecutor() as pool:
    calls = [pool.submit(_wait, c, 0.0, 1.5) for c in clusters[:2]]
    messages = [str(call.exception()) for call in calls]
  for message in messages:
    assert f"missing: worker 2 ({first.addresses[2]}). Start" in message
    assert "After 1.5 seconds" in message
    assert "worker 0" not in message


def test_somebody_else_behind_an_address_is_no_worker():
  first, second = _clusters(2)
  port = int(second.addresses[1].rpartition(":")[2])
  with socket.create_server(("127.0.0.1", port)):
    with pytest.raises(rendezvous.PeersMissingError, match="worker 1"):
      rendezvous.wait_for_peers(first, 1.0)


@pytest.mark.parametrize(
  "said", [b"GET / HTTP/1.1\n", b"{}\n", b'{"worker": 1}\n', b"\xff\n", b""]
)
def test_a_strange_caller_is_no_worker(said):
  first, second = _clusters(2)
  port = int(first.addresses[0].rpartition(":")[2])

  def call():
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
      with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port)) as line,
      ):
        line.sendall(said)
        return
      time.sleep(0.02)

  with concurrent.futures.ThreadPoolExecutor() as pool:
    waiting = pool.submit(_wait, first)
    call()
    pool.submit(_wait, second).result()
    waiting.result()


def test_a_port_that_is_taken_is_told():
  first, _ = _clusters(2)
  port = int(first.addresses[0].rpartition(":")[2])
  with socket.create_server(("", port)):
    with pytest.raises(OSError, match=f"Port {port} of worker 0 .*another"):
      rendezvous.wait_for_peers(first, 1.0)


@pytest.mark.parametrize(
  "change, message",
  [
    ({"addresses": ("127.0.0.1:9", "127.0.0.1:10")}, "names the workers"),
    ({"index": 0}, "both say that they are worker 0"),
  ],
)
def test_other_instructions_are_refused(change, message):
  first, second = _clusters(2)
  # It answers at the address of the second, with something else to say.
  other = second._replace(**change)
  met = rendezvous._Met(second)
  port = int(second.addresses[1].rpartition(":")[2])
  with (
    socket.create_server(("127.0.0.1", port)) as listener,
    concurrent.futures.ThreadPoolExecutor() as pool,
  ):
    listener.settimeout(0.2)
    waiting = pool.submit(rendezvous.wait_for_peers, first, 5.0)
    closing = worker_processes.Until(waiting.done)
    rendezvous._answer_calls(other, listener, met, closing)
    with pytest.raises(ValueError, match=message):
      waiting.result()


def test_sigterm_ends_the_wait():
  _, second = _clusters(2)
  content = {
    "cluster": {"worker": second.addresses},
    "task": {"type": "worker", "index": 1},
  }
  code = (
    "from deeplab_ssl.distribution import cluster, rendezvous\n"
    "print('waiting', flush=True)\n"
    "rendezvous.wait_for_peers(cluster.from_environment(), 60)\n"
  )
  with subprocess.Popen(
    [sys.executable, "-c", code],
    env=os.environ | {"TF_CONFIG": json.dumps(content)},
    stdout=subprocess.PIPE,
  ) as process:
    assert process.stdout.readline() == b"waiting\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == -signal.SIGTERM
