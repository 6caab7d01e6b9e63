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

"""The keys of `trainer`: steps, checkpoints, validations, recovery."""

import dataclasses

from official.core import config_definitions as cfg

from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import rules
from deeplab_ssl.evaluation import metrics
from deeplab_ssl.experiment import optimization

_CLASS_IOU = "iou/"
_FOLDER = rules.folder_inside("the directory of the run")


def _steps(default, meaning, **options):
  return fields.declared(default, rules.integer(1), meaning, **options)


def _flag(default, meaning):
  return fields.declared(default, rules.flag(), meaning)


def _best_metric():
  """Returns the rule of the scores by which a checkpoint may be the best."""
  names = rules.choice("", *metrics.VALIDATION_SCORES)
  of_a_class = rules.Rule(
    f"'{_CLASS_IOU}' and the name of a class",
    lambda value: isinstance(value, str) and value.startswith(_CLASS_IOU),
  )
  return rules.either(names, of_a_class)


@dataclasses.dataclass
class TrainerConfig(cfg.TrainerConfig):
  """Model Garden's trainer with the optimizer of the original."""

  optimizer_config: optimization.OptimizationConfig = dataclasses.field(
    default_factory=optimization.OptimizationConfig
  )
  train_steps: int = _steps(
    0,
    "steps of the training",
    source="`training_number_of_steps` of train.py",
    required=True,
  )
  accumulation_steps: int = _steps(
    1,
    "into how many parts the batch of a device is divided, of which one is in "
    "memory at a time; the gradient is that of the whole batch, and a step "
    "takes a forward pass more",
  )
  steps_per_loop: int = _steps(1000, "steps between two lines of the console")
  summary_interval: int = _steps(
    1000, "steps between two points of TensorBoard"
  )
  checkpoint_interval: int = _steps(1000, "steps between two checkpoints")
  validation_interval: int = _steps(1000, "steps between two validations")
  validation_steps: int = fields.declared(
    -1,
    rules.either(rules.exactly(-1), rules.integer(1)),
    "batches of a validation; -1 takes the whole split",
  )
  max_to_keep: int = fields.declared(
    5, rules.integer(1), "how many of the last checkpoints are kept"
  )
  best_checkpoint_export_subdir: str = fields.declared(
    "",
    _FOLDER,
    'folder of the best checkpoint in that of the run; "" keeps none',
  )
  best_checkpoint_eval_metric: str = fields.declared(
    "", _best_metric(), 'score by which a checkpoint is the best; "" keeps none'
  )
  best_checkpoint_metric_comp: str = fields.declared(
    "higher", rules.choice("higher", "lower"), "which score is the better"
  )
  validation_summary_subdir: str = fields.declared(
    "validation", _FOLDER, "folder of the validations' points of TensorBoard"
  )
  train_tf_while_loop: bool = fields.unused(
    False,
    "whether a loop of steps is one graph",
    "Leave it out: a training can be ended after each step, such a graph "
    "cannot.",
  )
  train_tf_function: bool = _flag(True, "whether a step is a graph")
  eval_tf_function: bool = _flag(True, "whether a validation step is a graph")
  eval_tf_while_loop: bool = fields.unused(
    False,
    "whether a validation is one graph",
    "Leave it out: a validation ends with its images, such a graph does not.",
  )
  loss_upper_bound: float = fields.declared(
    1e6,
    rules.real(above=0),
    "a training ends, or goes back, when the mean loss of a loop exceeds it",
  )
  recovery_begin_steps: int = fields.declared(
    0, rules.integer(0), "step from which loss_upper_bound holds"
  )
  recovery_max_trials: int = fields.declared(
    0,
    rules.integer(-1),
    "how often such a training goes back to its last checkpoint before it "
    "ends; -1 never looks at the loss",
  )
  preemption_on_demand_checkpoint: bool = fields.unused(
    True,
    "whether machines of a cluster save when they are called back",
    "Leave it out: SIGTERM to one of them saves and ends the training.",
  )
  continuous_eval_timeout: int = fields.unused(
    3600,
    "how long an evaluation beside the training waits",
    "Leave it out: a training validates by itself, and python -m "
    "deeplab_ssl.evaluate evaluates a run.",
  )
  allow_tpu_summary: bool = fields.unused(
    False, "whether a TPU writes points of TensorBoard", "Leave it out."
  )
