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

"""Tests of settings that are checked by the declarations of their keys."""

import dataclasses

from official.core import exp_factory
import pytest

from deeplab_ssl.experiment import configs
from deeplab_ssl.experiment import settings


def _nested(path, value):
  for name in reversed(path.split(".")):
    value = {name: value}
  return value


def _apply(path, value, params=None):
  params = params or configs.ExperimentConfig()
  settings.apply(params, _nested(path, value), "file.yaml")
  return params


def _undeclared(config, place=""):
  """Yields the keys that have no declaration, in all groups."""
  keys = settings.keys_of(config)
  for name, value in settings.members_of(config).items():
    group = settings.group_of(config, name, value)
    if name not in keys and group is not None:
      yield from _undeclared(group, f"{place}{name}.")
    elif name not in keys:
      yield f"{place}{name}"


def test_every_key_is_declared_with_its_meaning():
  params = configs.ExperimentConfig()
  assert list(_undeclared(params)) == []
  for group in (params.task, params.task.model, params.task.train_data):
    for name, key in settings.keys_of(group).items():
      assert key.meaning, name


def test_a_value_is_written_where_it_belongs():
  params = _apply("task.losses.region_size", 5)
  assert params.task.losses.region_size == 5
  params = _apply("trainer.optimizer_config.ema.average_decay", 0.5)
  assert params.trainer.optimizer_config.ema.average_decay == 0.5


def test_what_is_not_given_yet_may_be_said_to_be_so():
  _apply("task.train_data.global_batch_size", 0)
  _apply("trainer.train_steps", 0)
  for value in (False, 0.0, -1, None):
    with pytest.raises(
      ValueError, match="global_batch_size must be an integer"
    ):
      _apply("task.train_data.global_batch_size", value)
  # Where something stands, 0 is no value.
  params = configs.ExperimentConfig()
  params.trainer.train_steps = 5
  with pytest.raises(ValueError, match="train_steps must be an integer"):
    _apply("trainer.train_steps", 0, params)
  with pytest.raises(ValueError, match="global_batch_size must be an integer"):
    _apply("task.validation_data.global_batch_size", 0)


@pytest.mark.parametrize(
  "path",
  [
    "task.init_checkpoint",
    "task.adversarial.discriminator",
    "trainer.best_checkpoint_export_subdir",
    "task.train_data.tfds_skip_decoding_feature",
  ],
)
def test_an_empty_value_of_a_text_is_the_empty_text(path):
  params = _apply(path, None)
  for name in path.split("."):
    params = getattr(params, name)
  assert params == ""


@pytest.mark.parametrize(
  "path",
  [
    "task.model.backbone",
    "task.train_data.crop_size",
    "task.train_data.flip",
    "task.losses.type",
    "trainer.train_steps",
    "trainer.optimizer_config.optimizer.type",
    "runtime.num_gpus",
  ],
)
def test_no_value_is_none_of_any_other_kind(path):
  with pytest.raises(ValueError, match=f"{path} must be .* Received: null"):
    _apply(path, None)


@pytest.mark.parametrize(
  "path, near",
  [
    ("task.losses.regionsize", "task.losses.region_size"),
    ("trainer.trainsteps", "trainer.train_steps"),
    ("tasks", "task"),
    # A key in the wrong group.
    ("trainer.crop_size", "task.train_data.crop_size"),
    (
      "trainer.optimizer_config.ema.averagedecay",
      "trainer.optimizer_config.ema.average_decay",
    ),
    ("task.train_data.7", ""),
  ],
)
def test_an_unknown_key_names_its_path_and_the_nearest(path, near):
  params = configs.ExperimentConfig()
  before = params.as_dict()
  with pytest.raises(ValueError) as raised:
    settings.apply(params, {"runtime": {"num_gpus": 0}} | _nested(path, 1), "f")
  message = str(raised.value)
  assert message.startswith(f"Unknown configuration key in f: {path}.")
  assert ("Did you mean" in message) == bool(near)
  assert repr(near) in message or not near
  assert "is_strict" not in message
  assert params.as_dict() == before


def test_dots_in_a_key_of_yaml_are_explained():
  params = configs.ExperimentConfig()
  with pytest.raises(ValueError, match="write losses: {type: ...}, without"):
    settings.apply(params, {"task": {"losses.type": "ce"}}, "f")
  with pytest.raises(ValueError, match="write a: {b: {c: ...}}, without dots"):
    settings.apply(params, {"a.b.c": 1}, "f")


@pytest.mark.parametrize(
  "path, value",
  [
    ("task", 3),
    ("task.model", None),
    ("task.losses", ["ssl"]),
    ("trainer.optimizer_config.optimizer", "adam"),
    ("trainer.optimizer_config.ema", 0.9),
  ],
)
def test_a_group_takes_keys_alone(path, value):
  with pytest.raises(ValueError, match=f"{path} must be a group of keys"):
    _apply(path, value)


@pytest.mark.parametrize(
  "group",
  ["task.train_data", "task.validation_data", "trainer", "runtime", "task"],
)
def test_a_key_that_does_nothing_keeps_its_default(group):
  config = configs.ExperimentConfig()
  for name in group.split("."):
    config = getattr(config, name)
  keys = settings.keys_of(config)
  fixed = {name: key for name, key in keys.items() if key.is_fixed}
  assert fixed
  for name, key in fixed.items():
    path, default = f"{group}.{name}", getattr(config, name)
    _apply(path, default)
    other = not default if isinstance(default, bool) else "other"
    with pytest.raises(ValueError) as raised:
      _apply(path, other)
    assert f"{path} must be " in str(raised.value)
    assert str(raised.value).endswith(key.instead)


def test_another_experiment_may_keep_what_it_sets():
  params = exp_factory.get_exp_config("resnet_imagenet")
  assert params.runtime.enable_xla
  _apply("runtime.enable_xla", True, params)
  _apply("trainer.best_checkpoint_eval_metric", "accuracy", params)
  _apply("task.train_data.cache", True, params)
  settings.check_tree(params.runtime, "runtime", training=True, ours=False)
  with pytest.raises(ValueError, match="run_eagerly must be false"):
    _apply("runtime.run_eagerly", True, params)
  with pytest.raises(ValueError, match="train_steps must be an integer"):
    _apply("trainer.train_steps", 2.5, params)


def test_a_list_that_a_foreign_field_cannot_hold_is_refused():
  params = exp_factory.get_exp_config("seg_deeplabv3_pascal")
  with pytest.raises(ValueError, match="value in file.yaml cannot be read"):
    _apply("task.train_data.ram_budget", [[1], [2]], params)


def test_what_is_not_given_yet_is_missed_by_a_training_alone():
  params = configs.ExperimentConfig()
  settings.check_tree(params, "all", training=False)
  with pytest.raises(ValueError, match="must be an integer of 1 or more"):
    settings.check_tree(params, "all", training=True)


def test_values_in_a_tree_are_checked_by_their_own_group():
  params = configs.ExperimentConfig()
  params.trainer.optimizer_config.optimizer.adam.beta_1 = 2.0
  settings.check_tree(params.trainer, "trainer", training=False)
  params.trainer.optimizer_config.optimizer.type = "adam"
  with pytest.raises(ValueError, match="trainer.*adam.beta_1 must be"):
    settings.check_tree(params.trainer, "trainer", training=False)


def test_the_bookkeeping_of_a_group_is_no_key():
  config = configs.DeepLabModel()
  names = {field.name for field in dataclasses.fields(config)}
  assert settings.members_of(config).keys() == names
