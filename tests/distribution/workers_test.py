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

"""Tests of two workers, which are two processes on this machine."""

import os
import pathlib
import shutil
import signal
from typing import NamedTuple

import numpy as np
import pytest
from tensorboard.backend.event_processing import event_accumulator
import tensorflow as tf

from deeplab_ssl.distribution import workers as workers_lib
from tests import digits
from tests import worker_processes


def _records_with_one_image_to_validate(folder):
  shutil.copytree(digits.records(), folder)
  paths = sorted(folder.glob("val-*"))
  (record, *_) = tf.data.TFRecordDataset([str(paths[0])])
  for path in paths:
    path.unlink()
  with tf.io.TFRecordWriter(
    str(folder / "val-00000-of-00001.tfrecord")
  ) as file:
    file.write(record.numpy())
  facts = folder / "dataset.yaml"
  facts.write_text(facts.read_text().replace("val: 4", "val: 1"))
  return str(folder)


class Trained(NamedTuple):
  """What has become of one training, alone and with a part of it shared.

  Attributes:
    alone: directory of the run of one process.
    shared: of the same run, in which two workers went on from step 2, until the
      chief was killed, and one process went on to the end.
    temporary: where the second worker had its temporary files.
    chief: process id of the chief.
    status: that of the second worker.
    outputs: those of the two.
  """

  alone: pathlib.Path
  shared: pathlib.Path
  temporary: pathlib.Path
  chief: int
  status: int
  outputs: list[str]


def _copy_beginning(alone, folder):
  """Leaves of a run what it had after two steps."""
  folder.mkdir()
  for name in ("params.yaml", "dataset.yaml", "records.json"):
    shutil.copy(alone / name, folder)
  for path in alone.glob("ckpt-2.*"):
    shutil.copy(path, folder)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
  folder = tmp_path_factory.mktemp("workers")
  records = _records_with_one_image_to_validate(folder / "records")
  alone, shared = folder / "alone", folder / "shared"
  temporary = folder / "temporary"
  temporary.mkdir()
  worker_processes.train(str(alone), records)
  _copy_beginning(alone, shared)
  started = worker_processes.start(str(shared), records, str(temporary))
  worker_processes.wait_for(str(shared / "ckpt-6.index"), started)
  os.kill(started[0].pid, signal.SIGKILL)
  outputs = [
    process.communicate(timeout=worker_processes.LONGEST_WAIT)[0]
    for process in started
  ]
  chief, status = started[0].pid, started[1].returncode
  worker_processes.train(str(shared), records)
  return Trained(alone, shared, temporary, chief, status, outputs)


def test_all_workers_go_on_from_the_last_checkpoint(trained):
  for output in trained.outputs:
    assert "resumed at step 2 of 8" in output, output
    assert "on 1 CPU in each of 2 workers" in output


def test_who_is_left_says_whom_the_training_has_lost(trained):
  assert trained.status == 1, trained.outputs[1]
  told = "PeerLostError: The training has lost worker 0 (127.0.0.1:"
  assert told in trained.outputs[1]


def test_the_weights_are_those_of_one_process(trained):
  alone, shared = (
    tf.train.load_checkpoint(str(run / f"ckpt-{worker_processes.STEPS}"))
    for run in (trained.alone, trained.shared)
  )
  names = set(alone.get_variable_to_shape_map())
  assert names == set(shared.get_variable_to_shape_map())
  compared = 0
  for name in names:
    expected = np.asarray(alone.get_tensor(name))
    # The means of the log are of the maxima of each replica.
    if expected.dtype.kind in "fi" and "log_means" not in name:
      np.testing.assert_allclose(
        shared.get_tensor(name), expected, rtol=3e-5, atol=1e-8, err_msg=name
      )
      compared += 1
  assert compared > 5


def _scores_of_step(run, step):
  events = event_accumulator.EventAccumulator(str(run / "validation"))
  events.Reload()
  return {
    tag: [
      float(tf.make_ndarray(event.tensor_proto))
      for event in events.Tensors(tag)
      if event.step == step
    ]
    for tag in events.Tags()["tensors"]
    if tag != "samples"
  }


def test_one_image_serves_two_workers_and_is_counted_once(trained):
  expected = _scores_of_step(trained.alone, 4)
  assert len(expected["pixel_accuracy"]) == 1
  assert _scores_of_step(trained.shared, 4) == expected


def test_the_chief_alone_writes(trained):
  events = [*trained.shared.glob("*/events.out.tfevents.*")]
  processes = {path.name.split(".")[-3] for path in events}
  assert processes == {str(trained.chief), str(os.getpid())}
  found = {path.name for path in trained.shared.iterdir()}
  assert found == {path.name for path in trained.alone.iterdir()}
  # Bytecode is of what TensorFlow's AutoGraph writes there and deletes again.
  left = {path.name for path in trained.temporary.iterdir()}
  assert left <= {"__pycache__"}


def test_a_process_alone_agrees_with_itself():
  alone = workers_lib.Workers(tf.distribute.get_strategy())
  assert (alone.count, alone.is_chief, alone.several) == (1, True, False)
  assert alone.any_of(True) and not alone.any_of(False)
  assert alone.from_chief(lambda: "found") == "found"
  with pytest.raises(KeyError), alone.watched():
    raise KeyError("its own error")
