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

"""Model Garden's trainer, all of whose state is in its checkpoints."""

import contextlib

from official.core import base_trainer
import orbit
import tensorflow as tf

from deeplab_ssl.training import loss_scaling
from deeplab_ssl.training import stopping


def _opponents(task):
  # Model Garden's own tasks have none.
  return getattr(task, "opponents", ())


class Trainer(base_trainer.Trainer):
  """Trains step by step, so that it can end after any of them.

  Its checkpoints also hold the opponents, the means of the log that are not
  written yet and how many images were seen.

  Args:
    *args: as `base_trainer.Trainer`.
    stop: asked before each step.
    first_place: how many images were seen before.
    **kwargs: as `base_trainer.Trainer`.
  """

  def __init__(
    self,
    *args,
    stop: stopping.StopRequest,
    first_place: int = 0,
    **kwargs,
  ):
    super().__init__(*args, **kwargs)
    self._stop = stop
    self.images_seen = tf.Variable(
      first_place,
      dtype=tf.int64,
      trainable=False,
      name="images_seen",
      aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )
    self.opponents = _opponents(self.task)
    items = {opponent.name: opponent for opponent in self.opponents}
    items["images_seen"] = self.images_seen
    items["log_means"] = [self.train_loss, *self.train_metrics]
    self._skipped_steps = None
    if loss_scaling.is_scaled(self.optimizer):
      self._skipped_steps = loss_scaling.SkippedSteps(self.optimizer)
      items["skipped_steps"] = self._skipped_steps
    for name, item in items.items():
      setattr(self.checkpoint, name, item)
    _create_slots(self.optimizer, self.model.trainable_variables)
    for opponent in self.opponents:
      _create_slots(opponent.optimizer, opponent.trainable_variables)
    if hasattr(self.model, "follow_steps"):
      self.model.follow_steps(
        self.global_step,
        self.config.task.train_data.seed,
        self.config.trainer.train_steps,
      )

  @property
  def variables(self) -> list[tf.Variable]:
    """All that a checkpoint holds: weights, statistics and slots."""
    found = [*self.model.variables, *_variables_of(self.optimizer)]
    for opponent in self.opponents:
      found += [*opponent.variables, *_variables_of(opponent.optimizer)]
    return found

  def train_step(self, iterator):
    """See base class."""

    def step(inputs):
      logs = self.task.train_step(
        inputs,
        model=self.model,
        optimizer=self.optimizer,
        metrics=self.train_metrics,
      )
      self.train_loss.update_state(logs[self.task.loss])
      self.global_step.assign_add(1)

    # Model Garden's own compiles the update too, with the checks before it.
    inputs = self.next_train_inputs(iterator)
    with self._skipped_steps or contextlib.nullcontext():
      self.strategy.run(step, args=(inputs,), options=self._runtime_options)
    self.images_seen.assign_add(self.config.task.train_data.global_batch_size)

  def train_loop_end(self):
    """See base class."""
    logs = super().train_loop_end()
    return logs | self._skipped_steps.logs() if self._skipped_steps else logs

  def create_train_loop_fn(self):
    """Returns a loop in Python; one in a graph could not be left."""
    return self._loop(self.train_step, self.config.trainer.train_tf_function)

  def create_eval_loop_fn(self, has_state):
    """Returns a loop in Python, likewise."""
    del has_state
    return self._loop(self.eval_step, self.config.trainer.eval_tf_function)

  def _loop(self, step, in_graph):
    step = tf.function(step) if in_graph else step

    def checked(iterator):
      # Between two steps nothing is half done. In the midst of one, replicas
      # would wait for each other.
      self._stop.check()
      return step(iterator)

    return orbit.utils.create_loop_fn(checked)


def _variables_of(optimizer):
  variables = optimizer.variables
  return variables() if callable(variables) else variables


def _create_slots(optimizer, variables):
  """Makes the slots of an optimizer before its first step.

  So they are restored and checked with the rest, and the step is traced once:
  Keras would make them in the first trace, which then has to be repeated.
  """
  if hasattr(optimizer, "build"):
    optimizer.build(variables)
  else:
    optimizer._create_all_weights(variables)
