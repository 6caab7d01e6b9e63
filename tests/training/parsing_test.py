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
  with pytest.raises(ValueError, match="Did you mean 'region_size'"):
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
