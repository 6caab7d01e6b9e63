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
"""Orbit's controller, on the multiples of its intervals and with our console.

Orbit counts an interval from where a process has started. A run that is resumed
would save and validate at other steps than one that is not.
"""

import collections
import contextlib

from absl import logging
import orbit
from orbit import controller as orbit_controller
import tensorflow as tf

from deeplab_ssl.checkpoints import finite
from deeplab_ssl.checkpoints import progress as progress_lib
from deeplab_ssl.distribution import workers as workers_lib
from deeplab_ssl.training import console as console_lib
from deeplab_ssl.training import loss_bound
from deeplab_ssl.training import stopping


class Controller(orbit.Controller):
  """Saves, validates and ends its loops at multiples of their intervals.

  A loop ends early where a checkpoint or a validation is due, so that no
  interval needs to be a multiple of `steps_per_loop`.

  A checkpoint is written before each validation, so that one that fails loses
  nothing, and one that was not finished is made up. It is written only while
  all of it is finite. What ends a training early is saved first, but for an
  error in one of several workers, since they save together only.

  Args:
    console: is told of every loop and validation.
    model_dir: where it says that the results are.
    workers: who trains together; None for this process alone.
    steps_per_loop: steps between two lines of the console.
    checkpoint_manager: its interval is kept as said above.
    progress: which validation is done.
    **kwargs: the other arguments of `orbit.Controller`.

  Raises:
    ValueError: if an interval is not positive.
  """

  def __init__(
    self,
    *,
    console: console_lib.Console,
    steps_per_loop: int,
    checkpoint_manager,
    model_dir: str | None = None,
    workers: workers_lib.Workers | None = None,
    progress: progress_lib.Progress | None = None,
    **kwargs,
  ):
    interval = checkpoint_manager.checkpoint_interval
    _check_interval("steps_per_loop", steps_per_loop)
    _check_interval("checkpoint_interval", interval)
    self._console = console
    self._model_dir = model_dir or checkpoint_manager.directory
    self._several = workers.count if workers and workers.several else 0
    self._progress = progress or progress_lib.Progress()
    self._saved_step = None
    super().__init__(
      steps_per_loop=lambda step: (
        min(
          _next_multiple(step, steps_per_loop), _next_multiple(step, interval)
        )
        - step
      ),
      checkpoint_manager=checkpoint_manager,
      **kwargs,
    )
    self.train_actions += (self._tell,)
    # A start that was interrupted has nothing to save.
    self._saved_step = self._step

  def _start(self):
    where = _devices(self.strategy)
    if self._several:
      where += f" in each of {self._several} workers"
    self._console.start(
      self._step, f"{where}; checkpoints and logs go to {self._model_dir}"
    )

  def _tell(self, output):
    values = tf.nest.map_structure(orbit.utils.get_value, output)
    self._console.trained(self._step, values)

  @property
  def _step(self):
    return int(self.global_step.numpy())

  def train(self, steps: int, checkpoint_at_completion: bool = True) -> None:
    """See base class."""
    self._start()
    with self._saved_first():
      super().train(steps, checkpoint_at_completion)

  @contextlib.contextmanager
  def _saved_first(self):
    """Saves what was trained when an error or a request ends the training."""
    try:
      yield
    except (finite.NotFiniteError, loss_bound.LossTooLargeError):
      raise
    except (Exception, stopping.Stopped) as error:
      if self._several and not isinstance(error, stopping.Stopped):
        raise
      # The error that ended the training is what is told, not the next one.
      with contextlib.suppress(Exception):
        if self._maybe_save_checkpoint(check_interval=False):
          logging.warning(
            "The training ends early; step %d is saved, and the same command "
            "goes on from there.",
            self._step,
          )
      raise

  def evaluate(self, steps: int = -1):
    """See base class."""
    with self._console.validation(self._step) as tell:
      output = super().evaluate(steps)
      tell(output)
    self._progress.validated(self._step)
    return output

  def train_and_evaluate(
    self,
    train_steps: int,
    eval_steps: int = -1,
    eval_interval: int | None = None,
  ):
    """See base class; validates at multiples of the interval and in the end.

    Raises:
      ValueError: if the interval is not positive.
    """
    eval_interval = eval_interval or train_steps
    _check_interval("validation_interval", eval_interval)
    output = None
    self._start()
    due = self._step and (
      self._step % eval_interval == 0 or self._step == train_steps
    )
    if due and not self._progress.is_validated(self._step):
      output = self.evaluate(eval_steps)
    while self._step < train_steps:
      stop = min(_next_multiple(self._step, eval_interval), train_steps)
      self.train(stop)
      output = self.evaluate(eval_steps)
    return output

  def _maybe_save_checkpoint(self, check_interval: bool = True) -> bool:
    step = self._step
    early = step % self.checkpoint_manager.checkpoint_interval
    if (check_interval and early) or step == self._saved_step:
      return False
    finite.check(getattr(self.trainer, "variables", ()), step)
    saved = super()._maybe_save_checkpoint(check_interval=False)
    self._saved_step = step
    return saved


def _devices(strategy):
  """Returns on how many devices of which kind a strategy trains."""
  try:
    devices = strategy.extended.worker_devices
  except RuntimeError:  # TensorFlow's default strategy names none.
    return "on the default device"
  kinds = collections.Counter(
    tf.DeviceSpec.from_string(device).device_type for device in devices
  )
  return "on " + ", ".join(f"{count} {kind}" for kind, count in kinds.items())


def _next_multiple(step, interval):
  return step - step % interval + interval


def _check_interval(name, interval):
  if interval < 1:
    raise ValueError(
      f"trainer.{name} must be a positive number of steps. Received: "
      f"{interval}."
    )


@contextlib.contextmanager
def quiet_orbit():
  """Has Orbit log what it would print, such as dicts of many lines."""
  printing = orbit_controller._log
  orbit_controller._log = logging.info
  try:
    yield
  finally:
    orbit_controller._log = printing
