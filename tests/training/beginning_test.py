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

"""Tests of where a training begins, for all of its workers."""

import os

import pytest
import tensorflow as tf

from deeplab_ssl.distribution import workers as workers_lib
from deeplab_ssl.experiment import resolution
from deeplab_ssl.training import beginning
from deeplab_ssl.training import continuation
from tests import digits


class _Other(workers_lib.Workers):
  """Stands for a worker whose chief has found something."""

  def __init__(self, seed, start):
    super().__init__(tf.distribute.get_strategy())
    self.is_chief = False
    self._found = seed, start
    self.checked = None

  def from_chief(self, compute):
    return self._found

  def check_same(self, told):
    self.checked = told


def _hold(folder, workers, **train_data):
  params, dataset, _ = resolution.resolve(
    digits.experiment(train_data=train_data)
  )
  return beginning.hold(
    params, dataset, None, os.path.join(folder, "params.yaml"), workers
  )


def _alone():
  return workers_lib.Workers(tf.distribute.get_strategy())


def test_a_new_training_draws_a_seed_and_holds_its_directory(tmp_path):
  with _hold(str(tmp_path), _alone(), seed=None) as (params, start):
    assert start == continuation.Start()
    assert params.task.train_data.seed is not None
    with pytest.raises(BlockingIOError, match="is being trained by"):
      with _hold(str(tmp_path), _alone()):
        pytest.fail("held twice")
  with _hold(str(tmp_path), _alone(), seed=5) as (params, _):
    assert params.task.train_data.seed == 5


def test_another_worker_takes_what_the_chief_has_found(tmp_path):
  prefix = str(tmp_path / "ckpt-4")
  (tmp_path / "ckpt-4.index").touch()
  other = _Other(7, [prefix, 4, 16])
  with _hold(str(tmp_path), other, seed=None) as (params, start):
    assert params.task.train_data.seed == 7
    assert start == continuation.Start(prefix, 4, 16)
  assert other.checked["task.train_data.seed"] == 7
  # It neither locks the directory nor looks for where its data lie.
  assert [path.name for path in tmp_path.iterdir()] == ["ckpt-4.index"]
  assert "task.train_data.input_path" not in other.checked


def test_a_worker_that_does_not_see_the_checkpoint_says_so(tmp_path):
  prefix = str(tmp_path / "ckpt-4")
  with pytest.raises(FileNotFoundError, match="ckpt-4, which this worker does"):
    with _hold(str(tmp_path), _Other(7, [prefix, 4, 16])):
      pytest.fail("went on")


def test_a_folder_of_records_is_no_directory_of_a_new_training(tmp_path):
  (tmp_path / "train-00000-of-00001.tfrecord").touch()
  (tmp_path / "dataset.yaml").write_text("of the records")
  with pytest.raises(ValueError, match=f"{tmp_path} holds records, whose"):
    with _hold(str(tmp_path), _alone()):
      pytest.fail("held")
  assert (tmp_path / "dataset.yaml").read_text() == "of the records"


@pytest.mark.parametrize(
  "name", ["train", "validation", "best", "kept", "ema_checkpoints"]
)
def test_a_file_in_the_place_of_a_folder_is_named(name, tmp_path):
  params, dataset, _ = resolution.resolve(digits.experiment())
  if name == "kept":
    params.trainer.best_checkpoint_export_subdir = "kept/best"
  file = tmp_path / name
  file.write_text("mine")
  params_file = str(tmp_path / "params.yaml")
  with pytest.raises(NotADirectoryError, match=f"{file} is a file, where the"):
    with beginning.hold(params, dataset, None, params_file, _alone()):
      pytest.fail("held")
  assert file.read_text() == "mine"
  file.unlink()
  file.mkdir()
  with beginning.hold(params, dataset, None, params_file, _alone()):
    pass
