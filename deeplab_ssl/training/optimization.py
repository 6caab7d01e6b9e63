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

"""Momentum and learning-rate policies with the semantics of TF1 DeepLab.

Importing this module makes both known to Model Garden's optimizer factory.
"""

import dataclasses
import math

from official.modeling import optimization
from official.modeling.hyperparams import base_config
from official.modeling.optimization import optimizer_factory
from official.modeling.optimization.configs import optimization_config
from official.modeling.optimization.configs import optimizer_config
import tensorflow as tf
import tf_keras


@dataclasses.dataclass
class DeepLabLrConfig(base_config.Config):
  """Learning rate of the original's `train_utils.get_model_learning_rate`.

  Attributes:
    name: name of the schedule.
    learning_policy: "poly", "step", "cosine" or "multi_steps".
    base_learning_rate: rate at which the policy starts.
    training_number_of_steps: step at which "poly" and "cosine" end; 0 stands
      for `trainer.train_steps`.
    learning_power: exponent of "poly".
    end_learning_rate: final rate of "poly".
    decay_steps: length of "poly" and "cosine"; 0 is training_number_of_steps
      without the slow start.
    learning_rate_decay_step: steps between two drops of "step".
    learning_rate_decay_factor: factor of a drop of "step".
    boundaries: last steps of all but the last stage of "multi_steps".
    boundary_learning_rates: rates of its stages, one more than boundaries.
    slow_start_step: before this step the rate is constant and low; the policy
      starts there and is correspondingly shorter.
    slow_start_learning_rate: that low rate.
    slow_start_burnin_type: "none" for a constant low rate, "linear" for a ramp
      from it to the base rate.
  """

  name: str = "DeepLabLearningRate"
  learning_policy: str = "poly"
  base_learning_rate: float = 0.007
  training_number_of_steps: int = 0
  learning_power: float = 0.9
  end_learning_rate: float = 0.0
  decay_steps: float = 0.0
  learning_rate_decay_step: int = 2000
  learning_rate_decay_factor: float = 0.1
  boundaries: list[int] = dataclasses.field(default_factory=list)
  boundary_learning_rates: list[float] = dataclasses.field(default_factory=list)
  slow_start_step: int = 0
  slow_start_learning_rate: float = 1e-4
  slow_start_burnin_type: str = "none"


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


class DeepLabLearningRate(tf_keras.optimizers.schedules.LearningRateSchedule):
  """Schedule of a `DeepLabLrConfig`; float32 like the original.

  Args:
    **kwargs: the fields of `DeepLabLrConfig`.

  Raises:
    ValueError: if the policy or the burn-in is unknown, or the slow start
      leaves no step.
  """

  def __init__(self, **kwargs):
    super().__init__()
    config = DeepLabLrConfig(**kwargs)
    if config.learning_policy not in _POLICIES:
      raise ValueError(
        f"learning_policy must be one of {sorted(_POLICIES)}. Received: "
        f"{config.learning_policy!r}"
      )
    stages = len(config.boundary_learning_rates)
    if (
      config.learning_policy == "multi_steps"
      and stages != len(config.boundaries) + 1
    ):
      raise ValueError(
        "boundary_learning_rates must hold one rate more than boundaries "
        f"({config.boundaries}). Received: {config.boundary_learning_rates}"
      )
    if config.slow_start_burnin_type not in ("none", "linear"):
      raise ValueError(
        'slow_start_burnin_type must be "none" or "linear". Received: '
        f"{config.slow_start_burnin_type!r}"
      )
    ends = config.learning_policy in ("poly", "cosine")
    if ends and _length(config) <= 0:
      raise ValueError(
        "slow_start_step must be smaller than training_number_of_steps "
        f"({config.training_number_of_steps}). Received: "
        f"{config.slow_start_step}"
      )
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


@dataclasses.dataclass
class MomentumConfig(optimizer_config.BaseOptimizerConfig):
  """Configuration of `Momentum`.

  Attributes:
    name: name of the optimizer.
    momentum: decay of the accumulated gradient.
  """

  name: str = "Momentum"
  momentum: float = 0.9


class Momentum(tf_keras.optimizers.legacy.Optimizer):
  """TF1's MomentumOptimizer: `a = m a + g; w -= rate a`.

  Keras' SGD folds the rate into the velocity, which differs, and can diverge,
  whenever the rate changes, as it does at the end of a slow start.

  Args:
    learning_rate: float or schedule.
    momentum: decay of the accumulated gradient, in [0, 1).
    name: name of the optimizer.
    **kwargs: arguments of the Keras base class, such as `clipnorm`.
  """

  _HAS_AGGREGATE_GRAD = True

  def __init__(
    self, learning_rate=0.01, momentum=0.9, name="Momentum", **kwargs
  ):
    super().__init__(name, **kwargs)
    self._set_hyper("learning_rate", learning_rate)
    self._set_hyper("momentum", momentum)

  def _create_slots(self, var_list):
    for variable in var_list:
      self.add_slot(variable, "accumulator")

  def _prepare_local(self, var_device, var_dtype, apply_state):
    super()._prepare_local(var_device, var_dtype, apply_state)
    apply_state[(var_device, var_dtype)]["momentum"] = tf.identity(
      self._get_hyper("momentum", var_dtype)
    )

  def _resource_apply_dense(self, grad, var, apply_state=None):
    device, dtype = var.device, var.dtype.base_dtype
    coefficients = (apply_state or {}).get(
      (device, dtype)
    ) or self._fallback_apply_state(device, dtype)
    accumulator = self.get_slot(var, "accumulator")
    return tf.raw_ops.ResourceApplyMomentum(
      var=var.handle,
      accum=accumulator.handle,
      lr=coefficients["lr_t"],
      grad=grad,
      momentum=coefficients["momentum"],
      use_locking=self._use_locking,
    )

  def get_config(self):
    return super().get_config() | {
      "learning_rate": self._serialize_hyperparameter("learning_rate"),
      "momentum": self._serialize_hyperparameter("momentum"),
    }


@dataclasses.dataclass
class OptimizerConfig(optimization_config.OptimizerConfig):
  """Model Garden's optimizers and `momentum`."""

  type: str | None = "momentum"
  momentum: MomentumConfig = dataclasses.field(default_factory=MomentumConfig)


@dataclasses.dataclass
class LrConfig(optimization_config.LrConfig):
  """Model Garden's learning rates and `deeplab`."""

  type: str | None = "deeplab"
  deeplab: DeepLabLrConfig = dataclasses.field(default_factory=DeepLabLrConfig)


@dataclasses.dataclass
class OptimizationConfig(optimization.OptimizationConfig):
  """Optimizer and learning rate of an experiment."""

  optimizer: OptimizerConfig = dataclasses.field(
    default_factory=OptimizerConfig
  )
  learning_rate: LrConfig = dataclasses.field(default_factory=LrConfig)


optimizer_factory.register_optimizer_cls("momentum", Momentum)
optimizer_factory.LR_CLS["deeplab"] = DeepLabLearningRate
