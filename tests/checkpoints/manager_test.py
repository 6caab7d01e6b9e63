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

"""Tests of what saves checkpoints and goes on from one."""

import pytest
import tensorflow as tf

from deeplab_ssl.checkpoints import manager


def _start(folder, first=None, value=0, initialized=None):
  weight = tf.Variable(value)
  made = manager.CheckpointManager(
    tf.train.Checkpoint(weight=weight),
    str(folder),
    max_to_keep=2,
    init_fn=lambda: (initialized or []).append(True),
    first=first,
  )
  return weight, made


@pytest.fixture(name="given")
def _given(tmp_path):
  _, other = _start(tmp_path / "run", value=7)
  return other.save()


def test_goes_on_from_the_given_checkpoint(tmp_path, given):
  weight, started = _start(tmp_path / "mine", given)
  assert started.latest_checkpoint == given
  assert started.restore_or_initialize() == given
  assert int(weight) == 7


def test_its_own_checkpoints_come_first_and_the_given_one_stays(
  tmp_path, given
):
  weight, started = _start(tmp_path / "mine", given)
  for value in range(3):
    weight.assign(value)
    started.save()
  weight.assign(9)
  assert started.restore_or_initialize() == started.latest_checkpoint
  assert int(weight) == 2
  assert tf.io.gfile.exists(given + ".index")


def test_a_new_training_is_initialized(tmp_path):
  calls = [False]
  _, started = _start(tmp_path / "mine", initialized=calls)
  assert started.latest_checkpoint is None
  assert started.restore_or_initialize() is None
  assert calls == [False, True]
