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
"""Tests of when a training saves and validates."""

import io
import os
import re

import numpy as np
import orbit
import pytest
import tensorflow as tf

from deeplab_ssl.checkpoints import finite
from deeplab_ssl.checkpoints import progress
from deeplab_ssl.training import console as console_lib
from deeplab_ssl.training import controller


class _Counter(orbit.AbstractTrainer, orbit.AbstractEvaluator):
  """Trains nothing; counts the steps, and where it was validated."""

  def __init__(self):
    self.step = tf.Variable(0, dtype=tf.int64)
    self.weight = tf.Variable(1.0, name="weight")
    self.validated = []
    self.fails_at = None

  @property
  def variables(self):
    return [self.weight]

  def train(self, num_steps):
    for _ in range(int(num_steps)):
      if int(self.step) == self.fails_at:
        raise RuntimeError("no more images")
      self.step.assign_add(1)
    return {"training_loss": tf.constant(1.0), "learning_rate": 0.1}

  def evaluate(self, num_steps):
    if int(self.step) == self.fails_at:
      raise RuntimeError("no label")
    self.validated.append(int(self.step.numpy()))
    return {"mean_iou": 0.5}


def _start(folder, total_steps, checkpoint_interval=4, steps_per_loop=3):
  """Returns what is counted, what is told, and the controller of a process."""
  counter, told = _Counter(), io.StringIO()
  manager = tf.train.CheckpointManager(
    tf.train.Checkpoint(step=counter.step),
    os.fspath(folder),
    max_to_keep=None,
    step_counter=counter.step,
    checkpoint_interval=checkpoint_interval,
  )
  started = controller.Controller(
    console=console_lib.Console(total_steps, told),
    global_step=counter.step,
    trainer=counter,
    evaluator=counter,
    steps_per_loop=steps_per_loop,
    checkpoint_manager=manager,
    progress=progress.Progress(os.fspath(folder)),
  )
  return counter, told, started


def _saved_steps(folder):
  names = (path.stem for path in folder.glob("ckpt-*.index"))
  return sorted(int(name.removeprefix("ckpt-")) for name in names)


def _told_steps(told):
  return [
    int(n) for n in re.findall(r"train \| step (\d+) of", told.getvalue())
  ]


def test_a_resumed_run_saves_and_validates_at_multiples(tmp_path):
  """Neither interval is a multiple of the 3 steps of a loop."""
  counter, told, started = _start(tmp_path, 7)
  started.train_and_evaluate(7, eval_interval=5)
  assert _saved_steps(tmp_path) == [4, 5, 7]
  assert counter.validated == [5, 7]
  assert _told_steps(told) == [3, 4, 5, 6, 7]

  counter, told, started = _start(tmp_path, 13)
  scores = started.train_and_evaluate(13, eval_interval=5)
  assert _saved_steps(tmp_path) == [4, 5, 7, 8, 10, 12, 13]
  assert counter.validated == [10, 13]
  assert _told_steps(told) == [8, 9, 10, 12, 13]
  assert (
    "resumed at step 7 of 13 steps, on the default device; " in told.getvalue()
  )
  assert scores == {"mean_iou": 0.5}

  counter, told, started = _start(tmp_path, 13)
  assert started.train_and_evaluate(13, eval_interval=5) is None
  assert told.getvalue() == ("train | nothing to do: step 13 of 13 is done\n")
  assert counter.validated == []


def test_training_alone_saves_at_multiples_and_in_the_end(tmp_path):
  _, told, started = _start(tmp_path, 1100, 500, 300)
  started.train(1100)
  assert _saved_steps(tmp_path) == [500, 1000, 1100]
  assert _told_steps(told) == [300, 500, 600, 900, 1000, 1100]


def test_no_checkpoint_is_written_twice(tmp_path):
  _, _, started = _start(tmp_path, 4)
  save = started.checkpoint_manager.save
  numbers = []

  def counted(checkpoint_number, **options):
    numbers.append(int(checkpoint_number))
    return save(checkpoint_number, **options)

  started.checkpoint_manager.save = counted
  started.train_and_evaluate(4, eval_interval=2)
  assert numbers == [2, 4]
  _start(tmp_path, 4)[2].train_and_evaluate(4, eval_interval=2)
  assert numbers == [2, 4]


@pytest.mark.parametrize("fails_at", [5, 7])
def test_a_failed_validation_loses_no_step_and_is_made_up(fails_at, tmp_path):
  counter, _, started = _start(tmp_path, 7)
  counter.fails_at = fails_at

  def train(num_steps):
    counter.step.assign_add(int(num_steps))
    return {"training_loss": 1.0, "learning_rate": 0.1}

  counter.train = train
  with pytest.raises(RuntimeError, match="no label"):
    started.train_and_evaluate(7, eval_interval=5)
  assert _saved_steps(tmp_path)[-1] == fails_at

  counter, _, started = _start(tmp_path, 7)
  started.train_and_evaluate(7, eval_interval=5)
  assert counter.validated == ([5, 7] if fails_at == 5 else [7])


def test_an_error_in_training_loses_no_step(tmp_path):
  counter, _, started = _start(tmp_path, 13)
  counter.fails_at = 6
  with pytest.raises(RuntimeError, match="no more images"):
    started.train_and_evaluate(13, eval_interval=13)
  assert _saved_steps(tmp_path) == [4, 6]
  counter, told, started = _start(tmp_path, 13)
  started.train_and_evaluate(13, eval_interval=13)
  assert "resumed at step 6 of 13" in told.getvalue()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_not_saved(value, tmp_path):
  counter, _, started = _start(tmp_path, 13)
  started.train(4)
  counter.weight.assign(value)
  with pytest.raises(finite.NotFiniteError, match="step 8 the variable weight"):
    started.train(13)
  assert _saved_steps(tmp_path) == [4]


@pytest.mark.parametrize("name", ["steps_per_loop", "checkpoint_interval"])
def test_intervals_must_be_positive(name, tmp_path):
  with pytest.raises(ValueError, match=f"trainer.{name} must be a positive"):
    _start(tmp_path, 4, **{name: 0})


def test_an_interval_of_validations_must_be_positive(tmp_path):
  _, _, started = _start(tmp_path, 4)
  with pytest.raises(ValueError, match="trainer.validation_interval must be"):
    started.train_and_evaluate(4, eval_interval=-1)


def test_orbit_prints_nothing_of_its_own_while_it_is_quiet(tmp_path, capsys):
  with controller.quiet_orbit():
    _, _, started = _start(tmp_path, 4)
    started.train_and_evaluate(4, eval_interval=2)
  assert capsys.readouterr().out == ""
  started.save_checkpoint()
  started.restore_checkpoint()
  assert "restored model from" in capsys.readouterr().out
