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

"""Tests of the trainer, all of whose state is in its checkpoints."""

import functools

from official.core import task_factory
from official.core import train_utils
import pytest
import tensorflow as tf

from deeplab_ssl.experiment import resolution
from deeplab_ssl.training import stopping
from deeplab_ssl.training import trainer as trainer_lib
from tests import digits


def make(first_place=0, stop=None, evaluate=False, **task):
  params, dataset, _ = resolution.resolve(digits.experiment(**task))
  return train_utils.create_trainer(
    params,
    task_factory.get_task(
      params.task, dataset=dataset, first_place=first_place
    ),
    train=True,
    evaluate=evaluate,
    trainer_cls=functools.partial(
      trainer_lib.Trainer,
      stop=stop or stopping.StopRequest(),
      first_place=first_place,
    ),
  )


def saved_names(trainer, folder):
  path = trainer.checkpoint.write(str(folder / "ckpt"))
  reader = tf.train.load_checkpoint(path)
  return set(reader.get_variable_to_shape_map())


def test_all_variables_exist_before_the_first_step(tmp_path):
  trainer = make(adversarial={"discriminator": "base"})
  (tmp_path / "before").mkdir()
  (tmp_path / "after").mkdir()
  before = saved_names(trainer, tmp_path / "before")
  assert any(".OPTIMIZER_SLOT/optimizer" in name for name in before)
  assert any(
    "discriminator" in name and ".OPTIMIZER_SLOT" in name for name in before
  )
  assert any("log_means" in name for name in before)
  count = len(trainer.variables)
  trainer.train(tf.constant(1))
  assert saved_names(trainer, tmp_path / "after") == before
  assert len(trainer.variables) == count


def test_images_are_counted():
  trainer = make(first_place=8)
  trainer.train(tf.constant(2))
  assert int(trainer.global_step) == 2
  assert int(trainer.images_seen) == 8 + 2 * 4


@pytest.mark.parametrize("steps", [0, 1])
def test_a_request_ends_it_after_a_step(steps):
  class Late(stopping.StopRequest):
    """Comes after some steps."""

    def check(self):
      self.made = int(trainer.global_step) == steps
      super().check()

  trainer = make(stop=Late())
  with pytest.raises(stopping.Stopped):
    trainer.train(tf.constant(4))
  assert int(trainer.global_step) == steps


def test_a_request_ends_a_validation_between_two_images():
  stop = stopping.StopRequest()
  trainer = make(evaluate=True, stop=stop)
  trainer.evaluate(tf.constant(1))
  stop.made = True
  with pytest.raises(stopping.Stopped):
    trainer.evaluate(tf.constant(-1))
