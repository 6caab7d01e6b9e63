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

"""Checks settings by the declarations of their keys, and writes them."""

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from official.core import config_definitions as cfg
from official.modeling import hyperparams
from official.modeling.hyperparams import oneof

from deeplab_ssl.common import suggestions
from deeplab_ssl.configuration import field_types
from deeplab_ssl.configuration import fields
from deeplab_ssl.configuration import optimizer_keys
from deeplab_ssl.configuration import rules
from deeplab_ssl.configuration import runtime_config
from deeplab_ssl.experiment import trainer_config

Config = hyperparams.Config
# By which of our classes Model Garden's are checked: every run is ours.
_STANDS_FOR = {
  cfg.TrainerConfig: trainer_config.TrainerConfig,
  cfg.RuntimeConfig: runtime_config.RuntimeConfig,
}
# Its tasks have scores of their own, and images of one size.
_OF_OUR_TASK = ("best_checkpoint_eval_metric", "eval_tf_while_loop")
_OPTIMIZERS = ("deeplab_ssl.experiment.optimization", "official.modeling.optim")


def keys_of(config: Config) -> Mapping[str, fields.Key]:
  """Returns {key: its declaration} of a group; empty for a foreign one.

  Args:
    config: the group: of ours, or trainer, runtime, optimizer or learning rate
      of Model Garden.
  """
  kind = type(config)
  if kind in _STANDS_FOR:
    keys = fields.keys_of(_STANDS_FOR[kind])
    return {k: v for k, v in keys.items() if k not in _OF_OUR_TASK}
  if kind.__module__.startswith(_OPTIMIZERS):
    return optimizer_keys.keys_of(kind)
  if kind.__module__.startswith("deeplab_ssl."):
    return fields.keys_of(kind)
  return {}


def members_of(config: Config) -> dict[str, Any]:
  """Returns {key: value or group} of a group, without its bookkeeping."""
  return {
    name: value
    for name, value in vars(config).items()
    if name not in hyperparams.Config.RESERVED_ATTR
  }


def apply(params: Config, values: Mapping[str, Any], where: str) -> None:
  """Writes settings into a configuration once all of them are checked.

  Args:
    params: the `ExperimentConfig`; it stays as it is if anything is wrong.
    values: nested {key: value}.
    where: where they come from, for messages.

  Raises:
    ValueError: if a key is unknown, naming the nearest one, or a value is not
      what it may be.
  """
  checked = _checked(params, params, values, where)
  try:
    params.override(checked)
  except TypeError as error:  # A list that Model Garden's fields cannot hold.
    raise ValueError(f"A value in {where} cannot be read: {error}") from error


def _checked(root, config, values, where, place=""):
  """Returns the settings of a group, with empty texts for empty values."""
  keys, members, checked = keys_of(config), members_of(config), dict(values)
  for name, value in values.items():
    path = f"{place}{name}"
    if name not in members:
      raise ValueError(_unknown(root, members, place, str(name), where))
    current = members[name]
    group = group_of(config, name, current)
    if name in keys:
      if value is None and _is_text(keys[name].rule):
        # "key=" and "key:" are null in YAML, but '' is meant.
        checked[name] = value = ""
      # What is not given yet may be said to be so, as in a configuration that
      # only describes a model.
      may_stay = keys[name].is_fixed or keys[name].required
      if not (may_stay and _is_same(value, current)):
        keys[name].check(path, value)
    elif group is None:
      field_types.check({name: current}, {name: value}, place)
    elif isinstance(value, Mapping):
      checked[name] = _checked(root, group, value, where, f"{path}.")
    elif value is not None or current is not None:
      raise ValueError(
        f"{path} must be a group of keys, such as "
        f"{next(iter(members_of(group)), 'none')}. Received: "
        f"{rules.yaml_text(value)}."
      )
  return checked


def _is_same(value, current):
  return type(value) is type(current) and value == current


def _is_text(rule):
  return rule.fits("") and not rule.fits(None)


def group_of(config: Config, name: str, current: Any) -> Config | None:
  """Returns the group of a key, a new one where there is none yet.

  Args:
    config: the group in which the key is.
    name: the key.
    current: its value.

  Returns:
    The group; None if the key is none of a group.
  """
  if isinstance(current, Config):
    return current
  # Fields that hold no group yet, such as the moving average of an optimizer.
  kind = config._get_subconfig_type(name)
  return kind() if current is None and kind is not Config else None


def _unknown(root, siblings, place, name, where):
  """Returns the message for a key that is not there."""
  if "." in name:
    names = name.split(".")
    nested = ": {".join(names) + ": ..." + "}" * (len(names) - 1)
    return (
      f"Unknown configuration key in {where}: {place}{name}. In YAML a group "
      f"is a key of its own: write {nested}, without dots."
    )
  elsewhere = {p.rpartition(".")[2]: p for p in reversed(list(_paths(root)))}
  sibling = suggestions.nearest(name, siblings)
  if name not in elsewhere and sibling:
    near = f"{place}{sibling}"
  else:
    near = elsewhere.get(suggestions.nearest(name, elsewhere))
  hint = f" Did you mean {near!r}?" if near else ""
  return (
    f"Unknown configuration key in {where}: {place}{name}.{hint} "
    "docs/configuration.md has all of them."
  )


def _paths(config: Config, place: str = "") -> Iterator[str]:
  """Yields the full path of every key."""
  for name, value in members_of(config).items():
    yield f"{place}{name}"
    if isinstance(value, Config):
      yield from _paths(value, f"{place}{name}.")


def check_tree(
  config: Config, place: str, *, training: bool, ours: bool = True
) -> None:
  """Refuses values of a group and of the groups in it.

  Args:
    config: the group.
    place: its name, "task".
    training: whether keys must be given that a training cannot do without.
    ours: False for Model Garden's own experiments, which set keys that a run
      of ours does not read.

  Raises:
    ValueError: naming the key, the value and what it may be.
  """
  keys = keys_of(config)
  for name, value in members_of(config).items():
    path = f"{place}.{name}"
    if isinstance(value, Config) and name not in keys:
      chosen = not isinstance(config, oneof.OneOfConfig) or config.type == name
      if chosen:
        check_tree(value, path, training=training, ours=ours)
    elif name in keys:
      key = keys[name]
      not_yet = key.required and not training and value == 0
      foreign = key.is_fixed and not ours
      if not (not_yet or foreign):
        key.check(path, value)
