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

"""Tests of the checkpoints in the directory of a run."""

import os
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl.checkpoints import run_checkpoints


@pytest.fixture
def run_dir(tmp_path):
  """A directory with checkpoints of steps 2, 10 and 9."""
  value = tf.Variable(np.arange(2000, dtype=np.float32), name="value")
  manager = tf.train.CheckpointManager(
    tf.train.Checkpoint(value=value), str(tmp_path), max_to_keep=None
  )
  for step in (2, 10, 9):
    value.assign_add(tf.ones_like(value))
    manager.save(checkpoint_number=step)
  return str(tmp_path)


def data_file(run_dir, step):
  return pathlib.Path(run_dir, f"ckpt-{step}.data-00000-of-00001")


def index_file(run_dir, step):
  return pathlib.Path(run_dir, f"ckpt-{step}.index")


def flip(path, place):
  data = bytearray(path.read_bytes())
  data[int(place * len(data))] ^= 4
  path.write_bytes(data)


def cut(path, place):
  data = path.read_bytes()
  path.write_bytes(data[: int(place * len(data))])


def test_steps_are_found_by_names_in_their_order(run_dir):
  assert run_checkpoints.steps(run_dir) == [2, 9, 10]
  assert run_checkpoints.steps(run_dir + "/none") == []


@pytest.mark.parametrize("state", ["gone", "garbage", "empty", "stale"])
def test_the_newest_is_found_without_tensorflows_list(state, run_dir):
  path = pathlib.Path(run_dir, "checkpoint")
  if state == "gone":
    path.unlink()
  else:
    content = {"garbage": b"\x00\xff{", "empty": b""}
    stale = b'model_checkpoint_path: "ckpt-2"'
    path.write_bytes(content.get(state, stale))
  newest = run_checkpoints.newest_whole(run_dir)
  assert newest == f"{run_dir}/ckpt-10"
  run_checkpoints.prepare(run_dir, newest)
  assert tf.train.latest_checkpoint(run_dir) == newest
  kept = tf.train.get_checkpoint_state(run_dir).all_model_checkpoint_paths
  assert list(map(os.path.basename, kept)) == ["ckpt-2", "ckpt-9", "ckpt-10"]


@pytest.mark.parametrize("file", [data_file, index_file])
@pytest.mark.parametrize("damage", [flip, cut])
@pytest.mark.parametrize("place", [0, 0.3, 0.99])
def test_a_damaged_checkpoint_is_passed_over(
  file, damage, place, run_dir, caplog
):
  damage(file(run_dir, 10), place)
  assert run_checkpoints.fault(f"{run_dir}/ckpt-10")
  with caplog.at_level("WARNING"):
    assert run_checkpoints.newest_whole(run_dir) == f"{run_dir}/ckpt-9"
  assert f"{run_dir}/ckpt-10 is damaged" in caplog.text
  with pytest.raises(
    ValueError, match="ckpt-10 is damaged.*--checkpoint=.*ckpt-9"
  ):
    run_checkpoints.check_whole(f"{run_dir}/ckpt-10")
  run_checkpoints.check_whole(f"{run_dir}/ckpt-9")


def test_a_checkpoint_without_its_data_is_damaged(run_dir):
  data_file(run_dir, 10).unlink()
  assert run_checkpoints.newest_whole(run_dir) == f"{run_dir}/ckpt-9"


def test_a_run_whose_checkpoints_are_all_damaged_is_refused(run_dir):
  for step in (2, 9, 10):
    flip(data_file(run_dir, step), 0.5)
  with pytest.raises(
    run_checkpoints.NoWholeCheckpointError, match=r"steps 2, 9, 10.*nothing"
  ):
    run_checkpoints.newest_whole(run_dir)
  with pytest.raises(ValueError, match="Copy it again.$"):
    run_checkpoints.check_whole(f"{run_dir}/ckpt-10")


def test_a_directory_without_checkpoints_begins_anew(tmp_path):
  assert run_checkpoints.newest_whole(str(tmp_path)) is None
  run_checkpoints.prepare(str(tmp_path), None)
  run_checkpoints.prepare(str(tmp_path / "none"), None)
  assert not list(tmp_path.iterdir())


def test_what_a_killed_save_has_left_is_removed(run_dir):
  # As TensorFlow 2.20 leaves them when it is killed in a save.
  (pathlib.Path(run_dir) / "ckpt-12_temp").mkdir()
  (pathlib.Path(run_dir) / "ckpt-12_temp" / "part-00000").touch()
  for name in ("ckpt-12.data-00000-of-00001.tempstate93", "ckpt-12.index.temp"):
    (pathlib.Path(run_dir) / name).touch()
  (pathlib.Path(run_dir) / "my_temp").touch()
  before = {p.name for p in pathlib.Path(run_dir).iterdir()}
  run_checkpoints.prepare(run_dir, f"{run_dir}/ckpt-10")
  after = {p.name for p in pathlib.Path(run_dir).iterdir()}
  assert {name for name in before - after} == {
    "ckpt-12_temp",
    "ckpt-12.data-00000-of-00001.tempstate93",
    "ckpt-12.index.temp",
  }


def test_checkpoints_after_the_one_that_is_used_leave_the_list(run_dir):
  run_checkpoints.prepare(run_dir, f"{run_dir}/ckpt-9")
  assert tf.train.latest_checkpoint(run_dir) == f"{run_dir}/ckpt-9"
  assert run_checkpoints.step_of(f"{run_dir}/ckpt-9") == 9


def test_a_relative_directory_goes_on_where_it_was(run_dir, monkeypatch):
  monkeypatch.chdir(pathlib.Path(run_dir).parent)
  relative = os.path.basename(run_dir)
  run_checkpoints.prepare(relative, f"{relative}/ckpt-9")
  assert tf.train.latest_checkpoint(relative) == f"{relative}/ckpt-9"
  monkeypatch.chdir(run_dir)
  assert tf.train.latest_checkpoint(run_dir) == f"{run_dir}/ckpt-9"


def test_the_newest_is_kept_alone(run_dir):
  run_checkpoints.keep_newest(run_dir)
  assert run_checkpoints.steps(run_dir) == [10]
  assert tf.train.latest_checkpoint(run_dir) == f"{run_dir}/ckpt-10"
  assert not data_file(run_dir, 9).exists()
  assert run_checkpoints.fault(f"{run_dir}/ckpt-10") is None
  run_checkpoints.keep_newest(run_dir)
  assert run_checkpoints.steps(run_dir) == [10]


def test_none_is_removed_if_the_newest_is_damaged(run_dir):
  cut(data_file(run_dir, 10), 0.5)
  with pytest.raises(ValueError, match="ckpt-10 is damaged"):
    run_checkpoints.keep_newest(run_dir)
  assert run_checkpoints.steps(run_dir) == [2, 9, 10]
