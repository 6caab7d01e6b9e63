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

"""Two processes on this machine that train the tiny experiment together.

Run as a module it is one of them: `python -m tests.worker_processes RUN
RECORDS`, where TF_CONFIG says which.
"""

from collections.abc import Callable
import json
import os
import socket
import subprocess
import sys
import time

STEPS = 8
LONGEST_WAIT = 300  # Seconds, on a machine that does much else.


class Until:
  """Stands for an event that is set when something is so."""

  def __init__(self, is_so: Callable[[], bool]):
    self.is_set = is_so


def free_ports(count: int) -> list[int]:
  """Returns ports that nobody has at the moment."""
  sockets = [socket.socket() for _ in range(count)]
  for one in sockets:
    one.bind(("127.0.0.1", 0))
  ports = [one.getsockname()[1] for one in sockets]
  for one in sockets:
    one.close()
  return ports


def start(run: str, records: str, temporary: str) -> list[subprocess.Popen]:
  """Starts two workers, the chief first.

  Args:
    run: directory of the run.
    records: folder of the records.
    temporary: where the second one has its temporary files.
  """
  addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
  started = []
  for index in range(2):
    place = {"type": "worker", "index": index}
    config = {"cluster": {"worker": addresses}, "task": place}
    environment = os.environ | {"TF_CONFIG": json.dumps(config)}
    if index:
      environment["TMPDIR"] = temporary
    started.append(
      subprocess.Popen(
        [sys.executable, "-m", "tests.worker_processes", run, records],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
      )
    )
  return started


def wait_for(path: str, processes: list[subprocess.Popen]) -> None:
  """Returns when a file is there, or a process has ended.

  Raises:
    TimeoutError: if neither comes to pass in `LONGEST_WAIT`.
  """
  deadline = time.monotonic() + LONGEST_WAIT
  while not os.path.exists(path):
    if any(process.poll() is not None for process in processes):
      return
    if time.monotonic() > deadline:
      raise TimeoutError(f"There is no {path} after {LONGEST_WAIT} s.")
    time.sleep(0.05)


def train(run: str, records: str, **runtime) -> None:
  """Trains in this process, with a model that is traced at once."""
  from unittest import mock

  from deeplab_ssl.training import run as run_lib
  from deeplab_ssl.training import task
  from tests import digits
  from tests import models

  def build_model(unused_task):
    model = models.pixel_classifier()
    model.output_stride = model.size_step = 4
    model.decoder_output_stride = None
    model.least_size, model.padding = (1, 1), 127.5
    model.num_classes = 11
    return model

  # Making the records of the digits here would start TensorFlow too early.
  with mock.patch.object(digits, "records", lambda: records):
    params = digits.experiment()
  params.override(
    {"trainer": {"train_steps": STEPS}, "runtime": {"num_gpus": 0} | runtime}
  )
  with mock.patch.object(task.SegmentationTask, "build_model", build_model):
    run_lib.run_experiment(params, "train_and_eval", run)


def main():
  """Trains as one of the workers."""
  from deeplab_ssl.cli import environment

  environment.prepare(training=True)
  train(*sys.argv[1:], distribution_strategy="multi_worker_mirrored")


if __name__ == "__main__":
  main()
