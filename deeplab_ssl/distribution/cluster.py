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

"""The workers of a training, as the environment variable TF_CONFIG says."""

import json
import os
import re
from typing import Any
from typing import NamedTuple

VARIABLE = "TF_CONFIG"
# The jobs whose tasks train together; the chief is the first of them.
_JOBS = ("chief", "worker")
# How TensorFlow names one of them.
_TASK = re.compile(r"/job:(\w+)(?:/replica:0)?/task:(\d+)")


class Cluster(NamedTuple):
  """The workers that train together.

  Attributes:
    names: of the workers, "worker 1"; the first one is the chief.
    addresses: "host:port" of each.
    index: which of them this process is.
    jobs: ("chief" or "worker", number of its tasks), as TensorFlow counts.
  """

  names: tuple[str, ...]
  addresses: tuple[str, ...]
  index: int
  jobs: tuple[tuple[str, int], ...]

  @property
  def leader(self) -> str:
    """TensorFlow's name of the first worker."""
    return f"/job:{self.jobs[0][0]}/replica:0/task:0"

  def told(self, index: int) -> str:
    """Returns name and address of a worker, for a message."""
    return f"{self.names[index]} ({self.addresses[index]})"

  def peers_in(self, text: str) -> list[int]:
    """Returns which other workers a message of TensorFlow names, in its order.

    Args:
      text: such as "/job:worker/replica:0/task:1 is unhealthy".
    """
    found = [f"{job} {task}" for job, task in _TASK.findall(text)]
    indices = [self.names.index(name) for name in found if name in self.names]
    return [i for i in dict.fromkeys(indices) if i != self.index]


def _wrong(expected, received):
  return ValueError(
    f"{VARIABLE} must {expected}. Received: {received!r}. For two workers, the "
    'first of them: {"cluster": {"worker": ["host0:2222", "host1:2222"]}, '
    '"task": {"type": "worker", "index": 0}}.'
  )


def _parse(text) -> tuple[dict[str, Any], dict[str, Any]]:
  try:
    content = json.loads(text)
  except ValueError:
    raise _wrong("be JSON", text) from None
  if not isinstance(content, dict):
    raise _wrong("be a JSON object", text)
  jobs, task = content.get("cluster") or {}, content.get("task") or {}
  if not isinstance(jobs, dict) or not isinstance(task, dict):
    raise _wrong('have "cluster" and "task", two objects', text)
  return jobs, task


def _check_address(address):
  host, _, port = str(address).rpartition(":")
  if not host or not port.isdigit() or not 0 < int(port) < 2**16:
    raise _wrong('name each worker as "host:port"', address)


def from_environment() -> Cluster | None:
  """Returns the cluster that TF_CONFIG names; None if it names none.

  Raises:
    ValueError: if TF_CONFIG is damaged, names tasks that take no part in a
      training, or does not say which worker this process is.
  """
  text = os.environ.get(VARIABLE, "")
  if not text.strip():
    return None
  jobs, task = _parse(text)
  jobs = {job: addresses for job, addresses in jobs.items() if addresses}
  if not jobs:
    return None
  others = set(jobs) - set(_JOBS)
  if others or not all(isinstance(found, list) for found in jobs.values()):
    raise _wrong('have lists of "worker" and "chief" and no other tasks', jobs)
  if len(jobs.get("chief", [])) > 1:
    raise _wrong("name one chief", jobs["chief"])
  tasks = [
    (job, number, address)
    for job in _JOBS
    for number, address in enumerate(jobs.get(job, []))
  ]
  addresses = [address for _, _, address in tasks]
  for address in addresses:
    _check_address(address)
    if addresses.count(address) > 1:
      raise _wrong("name each address once", address)
  this = task.get("type"), task.get("index")
  found = [
    i for i, (job, number, _) in enumerate(tasks) if this == (job, number)
  ]
  if not found and not task and len(tasks) == 1:
    found = [0]
  if not found:
    raise _wrong(
      'say in "task" which of the tasks of "cluster" this process is', task
    )
  return Cluster(
    tuple(f"{job} {number}" for job, number, _ in tasks),
    tuple(addresses),
    found[0],
    tuple((job, len(jobs[job])) for job in _JOBS if job in jobs),
  )
