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

import json
import os
import pathlib
import shutil
import signal
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.training import workers as workers_lib
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
  """What two workers and one process have made of one experiment.

  Attributes:
    alone: directory of the run of one process.
    together: that of two workers, of which one was killed before all were
      started again.
    temporary: where the second worker had its temporary files.
    chiefs: the ids of the two processes that were the chief.
    killed: status and output of who was left when the chief was killed.
    ended: status and output of the two workers in the end.
  """

  alone: pathlib.Path
  together: pathlib.Path
  temporary: pathlib.Path
  chiefs: list[int]
  killed: tuple[int, str]
  ended: list[tuple[int, str]]


def _result(process):
  output, _ = process.communicate(timeout=worker_processes.LONGEST_WAIT)
  return process.returncode, output


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
  folder = tmp_path_factory.mktemp("workers")
  records = _records_with_one_image_to_validate(folder / "records")
  run, temporary = folder / "run", folder / "temporary"
  temporary.mkdir()
  first = worker_processes.start(str(run), records, str(temporary))
  worker_processes.wait_for(str(run / "ckpt-4.index"), first)
  os.kill(first[0].pid, signal.SIGKILL)
  worker_processes.train(str(folder / "alone"), records)
  first[0].communicate()
  killed = _result(first[1])
  second = worker_processes.start(str(run), records, str(temporary))
  return Trained(
    folder / "alone",
    run,
    temporary,
    [first[0].pid, second[0].pid],
    killed,
    [_result(process) for process in second],
  )


def test_who_is_left_says_whom_the_training_has_lost(trained):
  status, output = trained.killed
  assert status == 1
  assert "PeerLostError: The training has lost worker 0 (127.0.0.1:" in output


def test_a_training_goes_on_and_ends_with_the_weights_of_one_process(trained):
  assert [status for status, _ in trained.ended] == [0, 0], trained.ended
  assert all("resumed at step" in output for _, output in trained.ended)
  alone, together = (
    tf.train.load_checkpoint(str(run / f"ckpt-{worker_processes.STEPS}"))
    for run in (trained.alone, trained.together)
  )
  names = set(alone.get_variable_to_shape_map())
  assert names == set(together.get_variable_to_shape_map())
  compared = 0
  for name in names:
    expected = np.asarray(alone.get_tensor(name))
    # The means of the log are of each replica's own maxima and shares.
    if expected.dtype.kind in "fi" and "log_means" not in name:
      np.testing.assert_allclose(
        together.get_tensor(name), expected, rtol=3e-5, atol=1e-8, err_msg=name
      )
      compared += 1
  assert compared > 5


def test_one_image_serves_two_workers_and_is_counted_once(trained):
  alone, together = (
    json.loads((run / "best" / "info.json").read_text())
    for run in (trained.alone, trained.together)
  )
  assert together == pytest.approx(alone)
  progress = json.loads((trained.together / "progress.json").read_text())
  assert progress == {"validated_step": worker_processes.STEPS}


def test_the_chief_alone_writes(trained):
  events = [*trained.together.glob("*/events.out.tfevents.*")]
  assert events
  for path in events:
    assert any(f".{pid}." in path.name for pid in trained.chiefs), path.name
  found = {path.name for path in trained.together.iterdir()}
  expected = {path.name for path in trained.alone.iterdir()}
  assert found == expected
  assert [*trained.temporary.iterdir()] == []


def test_a_process_alone_agrees_with_itself():
  alone = workers_lib.Workers(tf.distribute.get_strategy())
  assert (alone.count, alone.is_chief, alone.several) == (1, True, False)
  assert alone.any_of(True) and not alone.any_of(False)
  assert alone.from_chief(lambda: "found") == "found"
  with pytest.raises(KeyError), alone.watched():
    raise KeyError("its own error")
