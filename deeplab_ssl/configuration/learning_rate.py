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

"""Learning-rate policies of TF1 DeepLab, with its semantics."""

import dataclasses
import itertools
import math

from official.modeling.hyperparams import base_config
import tensorflow as tf
import tf_keras

from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import rules

POLICIES = ("poly", "step", "cosine", "multi_steps")
# No optimizer here trains with a larger rate; 1e30 is a slip of the pen.
LARGEST_RATE = 100
RATE = rules.real(0, LARGEST_RATE)
POSITIVE_RATE = rules.real(above=0, high=LARGEST_RATE)
_BURN_INS = ("none", "linear")


def _declared(default, rule, meaning, name=None):
  source = f"`{name}` of train.py" if name else ""
  return fields.declared(default, rule, meaning, source=source)


@dataclasses.dataclass
class DeepLabLrConfig(base_config.Config):
  """Learning rate of the original's `train_utils.get_model_learning_rate`."""

  name: str = fields.declared(
    "DeepLabLearningRate", rules.text(), "name of the schedule"
  )
  learning_policy: str = _declared(
    "poly", rules.choice(*POLICIES), "how the rate falls", "learning_policy"
  )
  base_learning_rate: float = _declared(
    0.007,
    POSITIVE_RATE,
    "rate at which the policy starts",
    "base_learning_rate",
  )
  training_number_of_steps: int = _declared(
    0,
    rules.integer(0),
    'step at which "poly" and "cosine" end; 0 stands for trainer.train_steps',
    "training_number_of_steps",
  )
  learning_power: float = _declared(
    0.9, rules.real(0), 'exponent of "poly"', "learning_power"
  )
  end_learning_rate: float = _declared(
    0.0, RATE, 'final rate of "poly"', "end_learning_rate"
  )
  decay_steps: float = _declared(
    0.0,
    rules.real(0),
    'length of "poly" and "cosine"; 0 is training_number_of_steps without the '
    "slow start",
    "decay_steps",
  )
  learning_rate_decay_step: int = _declared(
    2000,
    rules.integer(1),
    'steps between two drops of "step"',
    "learning_rate_decay_step",
  )
  learning_rate_decay_factor: float = _declared(
    0.1,
    rules.real(above=0, high=1),
    'factor of a drop of "step"',
    "learning_rate_decay_factor",
  )
  boundaries: list[int] = fields.declared(
    [],
    rules.list_of(rules.integer(0)),
    'last steps of all but the last stage of "multi_steps", rising',
  )
  boundary_learning_rates: list[float] = fields.declared(
    [],
    rules.list_of(RATE),
    "rates of its stages, one more than boundaries",
  )
  slow_start_step: int = _declared(
    0,
    rules.integer(0),
    "before this step the rate is constant and low; the policy starts there "
    "and is correspondingly shorter",
    "slow_start_step",
  )
  slow_start_learning_rate: float = _declared(
    1e-4, RATE, "that low rate", "slow_start_learning_rate"
  )
  slow_start_burnin_type: str = _declared(
    "none",
    rules.choice(*_BURN_INS),
    '"none" for a constant low rate, "linear" for a ramp from it to the base '
    "rate",
    "slow_start_burnin_type",
  )


def _length(config):
  return config.decay_steps or (
    config.training_number_of_steps - config.slow_start_step
  )


def _progress(config, step):
  return tf.minimum(step, _length(config)) / _length(config)


def _poly(config, step):
  span = config.base_learning_rate - config.end_learning_rate
  remaining = 1.0 - _progress(config, step)
  return span * tf.pow(remaining, config.learning_power) + (
    config.end_learning_rate
  )


def _step(config, step):
  drops = tf.floor(step / config.learning_rate_decay_step)
  return config.base_learning_rate * tf.pow(
    config.learning_rate_decay_factor, drops
  )


def _cosine(config, step):
  wave = tf.cos(tf.constant(math.pi) * _progress(config, step))
  return config.base_learning_rate * 0.5 * (1.0 + wave)


def _multi_steps(config, step):
  passed = tf.reduce_sum(
    tf.cast(step > tf.constant(config.boundaries, tf.float32), tf.int32)
  )
  return tf.gather(tf.constant(config.boundary_learning_rates), passed)


_POLICIES = {
  "poly": _poly,
  "step": _step,
  "cosine": _cosine,
  "multi_steps": _multi_steps,
}


def check_schedule(config: DeepLabLrConfig) -> None:
  """Refuses a learning rate that no training can have.

  Args:
    config: its configuration, `training_number_of_steps` filled in.

  Raises:
    ValueError: if a value is out of its range, or the slow start leaves no
      step.
  """
  place = "trainer.optimizer_config.learning_rate.deeplab"
  fields.check_values(config, place)
  boundaries = config.boundaries
  if config.learning_policy == "multi_steps":
    if len(config.boundary_learning_rates) != len(boundaries) + 1:
      raise ValueError(
        f"{place}.boundary_learning_rates must hold one rate more than "
        f"boundaries ({boundaries}). Received: {config.boundary_learning_rates}"
      )
    if any(a >= b for a, b in itertools.pairwise(boundaries)):
      raise ValueError(f"{place}.boundaries must rise. Received: {boundaries}")
  ends = config.learning_policy in ("poly", "cosine")
  if ends and _length(config) <= 0:
    raise ValueError(
      f"{place}.slow_start_step must be smaller than training_number_of_steps "
      f"({config.training_number_of_steps}). Received: {config.slow_start_step}"
    )


class DeepLabLearningRate(tf_keras.optimizers.schedules.LearningRateSchedule):
  """Schedule of a `DeepLabLrConfig`; float32 like the original.

  Args:
    **kwargs: the fields of `DeepLabLrConfig`.

  Raises:
    ValueError: see `check_schedule`.
  """

  def __init__(self, **kwargs):
    super().__init__()
    config = DeepLabLrConfig(**kwargs)
    check_schedule(config)
    self._config = config

  def __call__(self, step):
    c = self._config
    step = tf.cast(step, tf.float32)
    policy_step = tf.maximum(step - c.slow_start_step, 0.0)
    rate = _POLICIES[c.learning_policy](c, policy_step)
    slow = tf.constant(c.slow_start_learning_rate)
    if c.slow_start_burnin_type == "linear":
      ramp = c.base_learning_rate - c.slow_start_learning_rate
      slow += ramp * step / max(c.slow_start_step, 1)
    return tf.where(step < c.slow_start_step, slow, rate)

  def get_config(self):
    return self._config.as_dict()
