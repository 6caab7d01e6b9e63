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

"""Ends a training whose loss grows too large, or lets it go back."""

from collections.abc import Mapping

from absl import logging
import tensorflow as tf

from deeplab_ssl.experiment import trainer_config


class LossTooLargeError(ValueError):
  """The loss is above its bound, so that the weights are not worth saving."""


class LossBound:
  """Looks at the mean loss of each loop, as an action of the controller.

  Model Garden's own ends a training by an error of the program, which would
  save the weights that the bound is there to keep out.

  Args:
    config: the bound, the step from which it holds and the number of trials.
    trainer: the trainer, of ours.
    checkpoint_manager: finds the checkpoint to go back to.
  """

  def __init__(
    self,
    config: trainer_config.TrainerConfig,
    trainer,
    checkpoint_manager: tf.train.CheckpointManager,
  ):
    self._config = config
    self._trainer = trainer
    self._checkpoint_manager = checkpoint_manager
    self._trials = 0

  def __call__(self, output: Mapping[str, tf.Tensor]) -> None:
    """Lets the training go back to its last checkpoint if the loss is too high.

    Args:
      output: what a loop of the trainer returns.

    Raises:
      LossTooLargeError: if it has gone back often enough, or there is none.
    """
    config, step = self._config, int(self._trainer.global_step.numpy())
    loss = float(output["training_loss"])
    if config.recovery_max_trials < 0 or step < config.recovery_begin_steps:
      return
    if loss <= config.loss_upper_bound:
      return
    told = (
      f"The mean loss of the steps up to {step} is {loss:g}, above "
      f"trainer.loss_upper_bound={config.loss_upper_bound:g}."
    )
    last = self._checkpoint_manager.latest_checkpoint
    if self._trials == config.recovery_max_trials or not last:
      raise LossTooLargeError(
        f"{told} The training has gone back {self._trials} times and ends; "
        "earlier checkpoints stay. Lower the learning rate, or raise the "
        "bound; trainer.recovery_max_trials says how often to go back."
      )
    self._trials += 1
    # The stream of images does not go back, and passes over what came last.
    seen = int(self._trainer.images_seen.numpy())
    self._checkpoint_manager.restore_or_initialize()
    self._trainer.images_seen.assign(seen)
    logging.warning("%s It goes back to %s.", told, last)
