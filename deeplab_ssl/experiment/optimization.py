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

"""Momentum with the semantics of TF1 DeepLab, and the choice of optimizers.

Importing this module makes it, and the original's learning rates, known to
Model Garden's optimizer factory.
"""

import dataclasses

from official.modeling import optimization
from official.modeling.optimization import optimizer_factory
from official.modeling.optimization.configs import optimization_config
from official.modeling.optimization.configs import optimizer_config
import tensorflow as tf
import tf_keras

from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import learning_rate
from deeplab_ssl.configuration import rules


@dataclasses.dataclass
class MomentumConfig(optimizer_config.BaseOptimizerConfig):
  """Configuration of `Momentum`."""

  name: str = fields.declared("Momentum", rules.text(), "name of the optimizer")
  momentum: float = fields.declared(
    0.9,
    rules.real(0, below=1),
    "decay of the accumulated gradient",
    source="`momentum` of train.py",
  )


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


# The optimizers and schedules have to be known before their names are listed.
optimizer_factory.register_optimizer_cls("momentum", Momentum)
optimizer_factory.LR_CLS["deeplab"] = learning_rate.DeepLabLearningRate
# Model Garden holds a text in the place of an optimizer that is still to come.
OPTIMIZERS = tuple(
  name
  for name, optimizer in optimizer_factory.LEGACY_OPTIMIZERS_CLS.items()
  if callable(optimizer)
)
LEARNING_RATES = ("constant", *optimizer_factory.LR_CLS)
WARMUPS = tuple(optimizer_factory.WARMUP_CLS)


@dataclasses.dataclass
class OptimizerConfig(optimization_config.OptimizerConfig):
  """Model Garden's optimizers and `momentum`."""

  type: str | None = fields.declared(
    "momentum", rules.choice(*OPTIMIZERS), "which optimizer"
  )
  momentum: MomentumConfig = dataclasses.field(default_factory=MomentumConfig)


@dataclasses.dataclass
class LrConfig(optimization_config.LrConfig):
  """Model Garden's learning rates and `deeplab`."""

  type: str | None = fields.declared(
    "deeplab", rules.choice(*LEARNING_RATES), "which learning rate"
  )
  deeplab: learning_rate.DeepLabLrConfig = dataclasses.field(
    default_factory=learning_rate.DeepLabLrConfig
  )


@dataclasses.dataclass
class WarmupConfig(optimization_config.WarmupConfig):
  """Model Garden's ways to begin with a low rate."""

  type: str | None = fields.declared(
    None,
    rules.optional(rules.choice(*WARMUPS)),
    "how the rate rises at first; slow_start_step of `deeplab` is another way",
  )


@dataclasses.dataclass
class OptimizationConfig(optimization.OptimizationConfig):
  """Optimizer and learning rate of an experiment."""

  optimizer: OptimizerConfig = dataclasses.field(
    default_factory=OptimizerConfig
  )
  learning_rate: LrConfig = dataclasses.field(default_factory=LrConfig)
  warmup: WarmupConfig = dataclasses.field(default_factory=WarmupConfig)
