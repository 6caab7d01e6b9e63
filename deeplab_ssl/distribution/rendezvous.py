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

"""Workers wait for each other before TensorFlow does.

TensorFlow waits inside itself, where no signal ends it, and does not say for
whom. So the workers first meet here: each listens on its own port and calls on
the others; in a call both say who they are.
"""

from collections.abc import Iterable
from collections.abc import Iterator
import contextlib
import json
import socket
import threading
import time
from typing import Any

from absl import logging

from deeplab_ssl.distribution import cluster as cluster_lib

# Seconds between two rounds of calls, for one call, and until it is told for
# whom this worker waits.
_ROUND, _CALL, _PATIENCE = 0.2, 2.0, 10.0
# Nobody is believed to have more to say, in bytes.
_LONGEST = 2**16
_HEARD = b"heard\n"


class PeersMissingError(OSError):
  """Other workers have not come."""


def _hello(cluster) -> bytes:
  said = {"worker": cluster.index, "cluster": cluster.addresses}
  return json.dumps(said).encode() + b"\n"


def _understood(line) -> dict[str, Any] | None:
  """Returns what a worker has said; None if it was no worker."""
  try:
    said = json.loads(line)
    addresses = tuple(str(address) for address in said["cluster"])
    return {"worker": int(said["worker"]), "cluster": addresses}
  except (ValueError, LookupError, TypeError):
    return None


def _check_same_cluster(cluster, said, address):
  """Fails if a worker was given another cluster, or the place of this one."""
  if said["cluster"] != cluster.addresses:
    raise ValueError(
      f"{cluster_lib.VARIABLE} of the worker at {address} names the workers "
      f"{', '.join(said['cluster'])}, that of this one "
      f"{', '.join(cluster.addresses)}. Give all workers the same cluster."
    )
  if said["worker"] == cluster.index:
    raise ValueError(
      f"{cluster_lib.VARIABLE} of this process and of the one at {address} "
      f"both say that they are {cluster.names[cluster.index]}. Give each its "
      "own task index."
    )


class _Met:
  """The workers that this one has met, and what was wrong with them."""

  def __init__(self, cluster):
    self._cluster = cluster
    self._indices = {cluster.index}
    self._error = None

  def add(self, said, address):
    try:
      _check_same_cluster(self._cluster, said, address)
    except ValueError as error:
      self._error = error
    else:
      self._indices.add(said["worker"])

  def missing(self) -> list[int]:
    if self._error:
      raise self._error
    every = range(len(self._cluster.addresses))
    return [index for index in every if index not in self._indices]


def _listen(cluster):
  address = cluster.addresses[cluster.index]
  port = int(address.rpartition(":")[2])
  # TensorFlow's own server will listen so: on all IPv4 addresses.
  listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
  try:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", port))
    listener.listen(2 * len(cluster.addresses))
  except OSError as error:
    listener.close()
    raise OSError(
      error.errno,
      f"Port {port} of {cluster.told(cluster.index)} cannot be opened "
      f"({error.strerror}). End the process that has it, or give another port "
      f"in {cluster_lib.VARIABLE} of all workers",
    ) from error
  listener.settimeout(_ROUND)
  return listener


def _answer_calls(cluster, listener, met, closing):
  """Answers who calls, until it is asked to end."""
  while not closing.is_set():
    try:
      line, (address, _) = listener.accept()
    except OSError:  # Nobody has called.
      continue
    with line, contextlib.suppress(OSError), line.makefile("rb") as heard:
      line.settimeout(_CALL)
      said = _understood(heard.readline(_LONGEST))
      line.sendall(_hello(cluster))
      # Only who has heard the answer has met this worker, too.
      if said and heard.readline(len(_HEARD)) == _HEARD:
        met.add(said, address)


@contextlib.contextmanager
def _answering(cluster, met) -> Iterator[None]:
  """Answers calls while it is open; the port is free again afterwards."""
  closing = threading.Event()
  with _listen(cluster) as listener:
    thread = threading.Thread(
      target=_answer_calls, args=(cluster, listener, met, closing), daemon=True
    )
    thread.start()
    try:
      yield
    finally:
      closing.set()
      thread.join()


def _call(cluster, index, met):
  """Calls on a worker, which may not have started yet."""
  address = cluster.addresses[index]
  host, _, port = address.rpartition(":")
  with (
    contextlib.suppress(OSError),
    socket.create_connection((host, int(port)), _CALL) as line,
    line.makefile("rb") as heard,
  ):
    line.sendall(_hello(cluster))
    said = _understood(heard.readline(_LONGEST))
    if said:
      line.sendall(_HEARD)
      met.add(said, address)


def _told(cluster, missing: Iterable[int]):
  return ", ".join(cluster.told(index) for index in missing)


def wait_for_peers(cluster: cluster_lib.Cluster, seconds: float) -> None:
  """Returns when all workers of a cluster are there.

  Args:
    cluster: the workers.
    seconds: how long to wait.

  Raises:
    PeersMissingError: naming who has not come.
    OSError: if the own port cannot be opened.
    ValueError: if two processes were given different clusters or one task.
  """
  met = _Met(cluster)
  started, told = time.monotonic(), False
  with _answering(cluster, met):
    while missing := met.missing():
      waited = time.monotonic() - started
      if waited > seconds:
        raise PeersMissingError(
          f"After {seconds:g} seconds these workers are missing: "
          f"{_told(cluster, missing)}. Start them with the same "
          f"{cluster_lib.VARIABLE} and their own task index, and see that "
          "their addresses can be reached from here. To wait longer: "
          "runtime.worker_timeout."
        )
      if waited > _PATIENCE and not told:
        logging.warning(
          "Waiting up to %g seconds for %s.", seconds, _told(cluster, missing)
        )
        told = True
      for index in missing:
        _call(cluster, index, met)
      time.sleep(_ROUND)
