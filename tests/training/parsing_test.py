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

import pytest

from deeplab_ssl.training import parsing
from tests import input_testing


def test_a_configuration_that_is_no_yaml_names_the_file(tmp_path):
  path = tmp_path / "bad.yaml"
  path.write_text("task: [")
  with pytest.raises(ValueError, match="bad.yaml is not valid YAML"):
    parsing.parse_experiment("deeplab_ssl", [str(path)])


@pytest.mark.parametrize("place", ["file", "text"])
@pytest.mark.parametrize(
  "value",
  [
    "!!python/object/apply:os.getcwd []",
    "!!python/name:os.getcwd",
    "!!python/module:os",
    "!!python/tuple [1]",
    "[{a: !!python/name:os.getcwd }]",
  ],
)
def test_configurations_hold_no_objects(tmp_path, place, value):
  text = f"task: {{dataset: {value} }}"
  path = tmp_path / "x.yaml"
  path.write_text(text)
  with pytest.raises(ValueError, match="tag 'tag:.*python/.*plain values only"):
    if place == "file":
      parsing.parse_experiment("deeplab_ssl", [str(path)])
    else:
      parsing.parse_experiment("deeplab_ssl", (), text)


def test_unknown_keys_files_and_experiments_name_the_nearest(tmp_path):
  with pytest.raises(
    ValueError, match="Did you mean 'task.losses.region_size'"
  ):
    parsing.parse_experiment("deeplab_ssl", [], "task.losses.regionsize=3")
  with pytest.raises(ValueError, match="Did you mean 'deeplab_ssl'"):
    parsing.parse_experiment("deeplab_sls")
  with pytest.raises(FileNotFoundError, match="no configuration file"):
    parsing.parse_experiment("deeplab_ssl", [str(tmp_path / "x.yaml")])


@pytest.mark.parametrize("name", ["camvid", "voc2012_mnv2", "own_data"])
def test_published_configurations_parse(name):
  path = input_testing.ROOT / "configs" / f"{name}.yaml"
  params = parsing.parse_experiment("deeplab_ssl", [str(path)])
  assert params.task.model.backbone == "mobilenet_v2"


def test_fields_can_be_overridden_on_the_command_line():
  params = parsing.parse_experiment(
    "deeplab_ssl",
    (),
    "task.train_data.tfds_name=oxford_iiit_pet:4.*.*,"
    "task.train_data.tfds_label_map=[255,0,1,2]",
  )
  assert params.task.train_data.tfds_name == "oxford_iiit_pet:4.*.*"
  assert params.task.train_data.tfds_label_map == [255, 0, 1, 2]


@pytest.mark.parametrize(
  "override, message",
  [
    ("task.train_data.crop_size=abc", "train_data.crop_size must be a list"),
    ("task.train_data.global_batch_size=abc", "size must be an integer of 1"),
    ("trainer.train_steps=1e3", "must be an integer .*Received: 1000.0"),
    ("trainer.train_steps=0", "must be an integer of 1 or more. Received: 0"),
    ("task.model.backbone=null", "backbone must be one of .*Received: null"),
    ("trainer.best_checkpoint_eval_metric=miou", "Did you mean 'mean_iou'"),
    ("task.losses.ignore_label=7", "ignore_label is not chosen: it comes from"),
    (
      "task.dataset=voc2012,task.losses.ignore_label=7",
      "ignore_label must be 255, the label of void of data set voc2012",
    ),
    (
      "trainer.optimizer_config.optimizer.adam.beta_1=0.5",
      "adam does nothing while .*'momentum'",
    ),
    ("trainer.train_steps=1,trainer.train_steps=2", "train_steps twice"),
    ("task.train_data.flip=false,runtime.run_eagerly=true", "run_eagerly must"),
  ],
)
def test_overrides_are_checked(override, message):
  with pytest.raises(ValueError, match=message):
    parsing.parse_experiment("deeplab_ssl", (), override)


def test_a_key_twice_in_a_file_is_refused_and_in_two_places_it_is_not(tmp_path):
  path = tmp_path / "twice.yaml"
  path.write_text("trainer: {train_steps: 1, train_steps: 2}")
  with pytest.raises(ValueError, match="twice.yaml gives trainer.train_steps"):
    parsing.parse_experiment("deeplab_ssl", [str(path)])
  path.write_text("trainer: {train_steps: 1}")
  params = parsing.parse_experiment(
    "deeplab_ssl", [str(path)], "trainer.train_steps=2"
  )
  assert params.trainer.train_steps == 2


def test_a_file_may_set_an_optimizer_that_is_not_chosen(tmp_path):
  path = tmp_path / "mine.yaml"
  path.write_text(
    "trainer: {optimizer_config: {optimizer: {adam: {beta_1: 0.5}}}}"
  )
  params = parsing.parse_experiment("deeplab_ssl", [str(path)])
  assert params.trainer.optimizer_config.optimizer.type == "momentum"


@pytest.mark.parametrize(
  "name", ["seg_deeplabv3_pascal", "ssl_seg_deeplabv3_pascal"]
)
def test_experiments_of_model_garden_keep_their_own_keys(name):
  params = parsing.parse_experiment(
    name,
    (),
    "task.train_data.cache=true,task.losses.ignore_label=0,"
    "trainer.best_checkpoint_eval_metric=validation_loss,"
    "trainer.best_checkpoint_export_subdir=best",
  )
  assert params.task.train_data.cache
