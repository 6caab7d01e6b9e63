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

"""Tests of where configurations are looked for."""

import pathlib
import shutil

import pytest

from deeplab_ssl.common import config_files

_CONFIGS = pathlib.Path(__file__).parents[2] / "configs"
_NAMES = sorted(path.stem for path in _CONFIGS.glob("*.yaml"))


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
  """A working folder that is no checkout."""
  monkeypatch.chdir(tmp_path)
  return tmp_path


@pytest.mark.parametrize("form", ["{}", "{}.yaml", "configs/{}.yaml"])
@pytest.mark.parametrize("name", _NAMES)
def test_every_shipped_configuration_is_found_anywhere(form, name, elsewhere):
  found = config_files.find_config(form.format(name))

  assert pathlib.Path(found) == _CONFIGS / f"{name}.yaml"


@pytest.mark.parametrize("path", ["camvid", "camvid.yaml", "configs/own.yaml"])
def test_a_file_of_the_user_comes_first(path, elsewhere):
  own = elsewhere / path
  own.parent.mkdir(exist_ok=True)
  own.write_text("task: {}")

  assert config_files.find_config(path) == path


def test_a_folder_is_no_configuration(elsewhere):
  (elsewhere / "camvid").mkdir()

  found = config_files.find_config("camvid")

  assert pathlib.Path(found) == _CONFIGS / "camvid.yaml"


@pytest.mark.parametrize(
  "path", ["other/camvid.yaml", "/camvid.yaml", "camvid.yml", "table2", ""]
)
def test_a_path_that_does_not_exist_is_told(path, elsewhere):
  with pytest.raises(FileNotFoundError, match=r"The package has: camvid, city"):
    config_files.find_config(path)


def test_the_nearest_name_is_offered(elsewhere):
  with pytest.raises(FileNotFoundError, match="Did you mean 'camvid'?"):
    config_files.find_config("camvit")


def test_an_address_is_left_to_tensorflow():
  path = "gs://bucket/camvid.yaml"
  assert config_files.find_config(path) == path


def test_the_folder_of_a_checkout_is_relative_inside_it(monkeypatch):
  monkeypatch.chdir(_CONFIGS.parent)

  assert config_files.shipped_dir() == pathlib.Path("configs")
  assert config_files.find_config("camvid") == "configs/camvid.yaml"


def test_the_copy_in_an_installed_package_is_found(elsewhere, monkeypatch):
  package = elsewhere / "site-packages" / "deeplab_ssl"
  shutil.copytree(_CONFIGS, package / "configs")
  monkeypatch.setattr(config_files, "_PACKAGE", package)

  shipped = package.relative_to(elsewhere) / "configs"
  assert config_files.shipped_dir() == shipped
  assert config_files.find_config("camvid") == str(shipped / "camvid.yaml")
