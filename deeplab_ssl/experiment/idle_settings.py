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

"""Refuses settings that would do nothing beside the others.

Only the user's last word is looked at: what a file says of a loss or an
optimizer that is not chosen, it may say for another day.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
import functools
from typing import Any

from official.modeling import optimization as garden_optimization
from official.modeling.hyperparams import oneof

from deeplab_ssl.configuration import rules
from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import loss_registry

_OPTIMIZATION = "trainer.optimizer_config"
_RATE = f"{_OPTIMIZATION}.learning_rate.deeplab"


@dataclasses.dataclass(frozen=True)
class _Need:
  """What some keys need of another one to do anything.

  Attributes:
    group: what stands before the keys, "task.adversarial".
    keys: their names in it.
    of: the path of the other key.
    remedy: what to set it to, as a part of a sentence.
    met: whether its value lets the keys do something.
  """

  group: str
  keys: tuple[str, ...]
  of: str
  remedy: str
  met: Callable[[Any], bool] = bool


def _without(config_class, *names):
  return tuple(
    field.name
    for field in dataclasses.fields(config_class)
    if field.name not in names
  )


def _of_policy(policies, *keys):
  return _Need(
    _RATE,
    keys,
    f"{_RATE}.learning_policy",
    f"Set it to {' or '.join(policies)}",
    lambda policy: policy in policies,
  )


def _of_tfds(place, *keys):
  name = f"{place}.tfds_name"
  return _Need(place, keys, name, f"Give {name}")


_TFDS_KEYS = (
  "tfds_data_dir",
  "tfds_image_key",
  "tfds_label_key",
  "tfds_label_map",
)
_NEEDS = (
  _Need(
    "task.adversarial",
    _without(configs.Adversarial, "discriminator"),
    "task.adversarial.discriminator",
    "Choose one",
  ),
  _Need(
    "task.adversarial",
    ("tau",),
    "task.adversarial.encoding",
    "Set it to scaling",
    lambda encoding: encoding == "scaling",
  ),
  _Need(
    "task.model",
    (
      "decoder_filters",
      "decoder_use_separable_conv",
      "decoder_use_sum_merge",
    ),
    "task.model.decoder_output_stride",
    "Set it to 4",
  ),
  _Need(
    "task.model",
    ("merge_method",),
    "task.model.image_pyramid",
    "Give it several scales",
    lambda scales: len(scales or ()) > 1,
  ),
  _Need(
    "task.model",
    ("aspp_with_separable_conv",),
    "task.model.atrous_rates",
    "Give some rates",
  ),
  _Need(
    "task.model",
    (
      "add_image_level_feature",
      "aspp_convs_filters",
      "aspp_with_concat_projection",
      "aspp_with_separable_conv",
    ),
    "task.model.aspp_with_batch_norm",
    "Set it to true",
  ),
  _Need(
    "task.model",
    (
      "add_image_level_feature",
      "aspp_convs_filters",
      "aspp_with_concat_projection",
      "aspp_with_separable_conv",
      "atrous_rates",
    ),
    "task.model.dense_prediction_cell",
    'Set it to ""',
    lambda cell: not cell,
  ),
  _Need(
    "task", ("init_checkpoint_modules",), "task.init_checkpoint", "Give it"
  ),
  _Need(
    "task",
    ("last_layers_contain_logits_only",),
    "task.last_layer_gradient_multiplier",
    "Give another factor",
    lambda factor: factor != 1,
  ),
  _of_tfds("task.train_data", "tfds_split", *_TFDS_KEYS),
  _of_tfds("task.validation_data", *_TFDS_KEYS),
  _Need(
    "trainer",
    ("best_checkpoint_eval_metric", "best_checkpoint_metric_comp"),
    "trainer.best_checkpoint_export_subdir",
    "Set it to best",
  ),
  _Need(
    "trainer",
    ("best_checkpoint_export_subdir", "best_checkpoint_metric_comp"),
    "trainer.best_checkpoint_eval_metric",
    "Set it to mean_iou",
  ),
  _Need(
    "trainer",
    ("loss_upper_bound", "recovery_begin_steps"),
    "trainer.recovery_max_trials",
    "Set it to 0",
    lambda trials: trials >= 0,
  ),
  _Need(
    "runtime",
    ("worker_timeout",),
    "runtime.distribution_strategy",
    "Set it to multi_worker_mirrored",
    lambda strategy: strategy == "multi_worker_mirrored",
  ),
  _of_policy(("poly",), "learning_power", "end_learning_rate"),
  _of_policy(("poly", "cosine"), "decay_steps", "training_number_of_steps"),
  _of_policy(
    ("step",), "learning_rate_decay_step", "learning_rate_decay_factor"
  ),
  _of_policy(("multi_steps",), "boundaries", "boundary_learning_rates"),
  _Need(
    _RATE,
    ("slow_start_learning_rate", "slow_start_burnin_type"),
    f"{_RATE}.slow_start_step",
    "Give some steps",
  ),
)


def check(params: configs.ExperimentConfig, values: Mapping[str, Any]) -> None:
  """Refuses settings that would do nothing.

  Args:
    params: the `ExperimentConfig`, of ours or of Model Garden, in which they
      are written.
    values: nested {key: value}, the user's last word. What switches something
      off (null, false, 0, an empty text or list) may stand beside anything.

  Raises:
    ValueError: naming the key, what it would need, and the remedy.
  """
  _check_chosen(params, values)
  losses = getattr(params.task, "losses", None)
  if isinstance(losses, configs.LossConfig):
    _check_losses(losses, _at(values, "task.losses") or {})
  for need in _NEEDS:
    given = _at(values, need.group) or {}
    for key in need.keys:
      if not given.get(key):
        continue
      value = functools.reduce(getattr, need.of.split("."), params)
      if not need.met(value):
        raise ValueError(
          f"{need.group}.{key} does nothing while {need.of} is "
          f"{rules.yaml_text(value)}. {need.remedy}, or leave {key} out."
        )


def _at(values, path):
  for name in path.split("."):
    values = (values or {}).get(name)
  return values


def _check_chosen(params, values):
  """Refuses settings of an optimizer or a schedule that is not chosen."""
  optimization = params.trainer.optimizer_config
  if not isinstance(optimization, garden_optimization.OptimizationConfig):
    return
  for part, settings in (_at(values, _OPTIMIZATION) or {}).items():
    config = getattr(optimization, part)
    if not isinstance(config, oneof.OneOfConfig):
      continue
    for name in settings:
      if name not in ("type", config.type):
        path = f"{_OPTIMIZATION}.{part}"
        raise ValueError(
          f"{path}.{name} does nothing while {path}.type is "
          f"{rules.yaml_text(config.type)}. Set {path}.type={name}, or leave "
          "it out."
        )


def _types_with(name) -> Iterator[str]:
  """Yields the losses that have a constant."""
  for row in loss_registry.ROWS.values():
    for constants in row.constants:
      if name in (field.name for field in dataclasses.fields(constants)):
        yield row.type


def _check_losses(losses, given):
  """Refuses the constants of a loss that is not chosen."""
  for name, value in given.items():
    types = list(_types_with(name))
    if types and value and losses.type not in types:
      raise ValueError(
        f"task.losses.{name} is no constant of the loss that is trained: "
        f"task.losses.type is {losses.type!r}. Set it to {' or '.join(types)}, "
        f"or leave {name} out."
      )
