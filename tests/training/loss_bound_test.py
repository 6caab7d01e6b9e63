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

"""Tests of the end of a training whose loss grows too large."""

import pytest
import tensorflow as tf

from deeplab_ssl.experiment import trainer_config
from deeplab_ssl.training import loss_bound
from deeplab_ssl.training import run
from tests import digits


class _Training:
  """Stands for a trainer: a weight, a step and a place in the stream."""

  def __init__(self, folder, **config):
    self.global_step = tf.Variable(0, dtype=tf.int64)
    self.images_seen = tf.Variable(0, dtype=tf.int64)
    self.weight = tf.Variable(0.0)
    self.manager = tf.train.CheckpointManager(
      tf.train.Checkpoint(
        weight=self.weight,
        global_step=self.global_step,
        images_seen=self.images_seen,
      ),
      str(folder),
      max_to_keep=9,
      step_counter=self.global_step,
    )
    config = trainer_config.TrainerConfig(loss_upper_bound=5.0, **config)
    self.look = loss_bound.LossBound(config, self, self.manager)

  def train(self, loss):
    self.global_step.assign_add(1)
    self.images_seen.assign_add(4)
    self.weight.assign_add(1.0)
    self.look({"training_loss": tf.constant(loss)})


def test_a_loss_below_its_bound_passes(tmp_path):
  training = _Training(tmp_path)
  training.train(5.0)
  assert int(training.global_step) == 1


@pytest.mark.parametrize("loss", [5.1, float("inf"), float("nan")])
def test_a_loss_above_it_ends_the_training(loss, tmp_path):
  training = _Training(tmp_path)
  training.train(1.0)
  training.manager.save()
  with pytest.raises(
    loss_bound.LossTooLargeError,
    match=r"steps up to 2 is .*, above trainer.loss_upper_bound=5\. .* Lower",
  ):
    training.train(loss)
  assert training.weight.numpy() == 2.0


def test_it_goes_back_as_often_as_it_may_but_not_in_the_stream(
  tmp_path, caplog
):
  training = _Training(tmp_path, recovery_max_trials=2)
  training.train(1.0)
  training.manager.save()
  for seen in (8, 12):
    training.train(9.0)
    assert training.weight.numpy() == int(training.global_step) == 1
    assert int(training.images_seen) == seen
  assert f"It goes back to {tmp_path}/ckpt-1" in caplog.text
  with pytest.raises(loss_bound.LossTooLargeError, match="gone back 2 times"):
    training.train(9.0)


def test_without_a_checkpoint_there_is_nothing_to_go_back_to(tmp_path):
  training = _Training(tmp_path, recovery_max_trials=2)
  with pytest.raises(loss_bound.LossTooLargeError, match="gone back 0 times"):
    training.train(9.0)


@pytest.mark.parametrize(
  "config", [{"recovery_max_trials": -1}, {"recovery_begin_steps": 2}]
)
def test_nothing_is_asked_before_its_time(config, tmp_path):
  training = _Training(tmp_path, **config)
  training.train(9.0)
  assert training.weight.numpy() == 1.0


def test_what_is_above_the_bound_is_not_saved(tmp_path):
  params = digits.experiment()
  params.override({"trainer": {"loss_upper_bound": 1e-3}})
  with pytest.raises(loss_bound.LossTooLargeError, match="steps up to 2 is"):
    run.run_experiment(params, "train", str(tmp_path))
  assert not list(tmp_path.glob("ckpt-*"))
