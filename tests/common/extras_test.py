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

"""Tests of the advice on modules that are not installed."""

import builtins
import sys

import pytest

from deeplab_ssl.common import extras
from tests import build_files
from tests import build_files_test
from tests import source_tree


def _failed_import(name):
  try:
    __import__(name)
  except ImportError as error:
    return error
  raise AssertionError(f"{name} can be imported.")


def _hide(monkeypatch, name):
  """Lets a module be as if it were not installed."""
  imported = builtins.__import__

  def without(module, *args, **kwargs):
    if module.partition(".")[0] == name:
      raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return imported(module, *args, **kwargs)

  monkeypatch.setattr(builtins, "__import__", without)
  monkeypatch.setattr(extras.importlib.util, "find_spec", {}.get)
  monkeypatch.delitem(sys.modules, name, raising=False)


def _advice(name):
  extra = "deeplab"
  for other in ("onnx", "torch"):
    extra = other if other in name else extra
  return (
    f"This needs the module {name}, which is not installed: run `pip install "
    f"'deeplab-ssl[{extra}]'`."
  )


@pytest.mark.parametrize("name", sorted(extras.MODULES))
def test_a_module_of_the_extra_is_named_with_the_command(name, monkeypatch):
  _hide(monkeypatch, name)

  assert extras.advice(_failed_import(name)) == _advice(name)


@pytest.mark.parametrize(
  "error",
  [
    # One of ours, one of nobody's, a part that an installed module lacks.
    ModuleNotFoundError("x", name="deeplab_ssl.nowhere"),
    ModuleNotFoundError("x", name="nowhere"),
    ModuleNotFoundError("x", name="tensorflow.nowhere"),
    ModuleNotFoundError("x"),
    # It is there, and broken.
    ModuleNotFoundError("x", name="yaml"),
    ImportError("x", name="yaml"),
  ],
)
def test_what_no_installation_mends_has_no_advice(error):
  assert extras.advice(error) is None


@pytest.mark.parametrize("name", ["tf2onnx", "yaml"])
def test_an_import_with_advice_ends_with_it(name, monkeypatch):
  with extras.advised():
    __import__("json")
  _hide(monkeypatch, name)

  with pytest.raises(ImportError) as caught, extras.advised():
    __import__(name)

  assert str(caught.value) == _advice(name)
  assert caught.value.name is None  # So the commands show it as it is.


def test_other_failures_of_an_import_stay():
  with pytest.raises(ModuleNotFoundError, match="nowhere"), extras.advised():
    __import__("nowhere")
  with pytest.raises(ImportError, match="cannot import"), extras.advised():
    from json import nothing  # noqa: F401


def test_the_modules_are_those_that_the_package_imports():
  tree = source_tree.SourceTree()
  imported = {
    found.top
    for file in tree.files
    if file.startswith("deeplab_ssl/")
    for found in tree.imports(file)
  }
  base = {"absl", "keras", "numpy"}
  others = {"deeplab_ssl", "pydensecrf"}  # Ours, and that of the extra `crf`.

  assert imported - base - others == extras.MODULES


@pytest.mark.parametrize("extra", extras.EXTRAS)
def test_the_extra_brings_the_modules_and_the_base_brings_none(extra):
  name = build_files.normalised_name
  base = set(map(name, build_files_test.setup_requirements(extras=())))
  brought = build_files_test.setup_requirements(extras=(extra,))
  wanted = {build_files.pypi_name(module) for module in extras.EXTRAS[extra]}

  assert base == {"absl_py", "keras", "numpy"}
  assert wanted <= set(map(name, brought)) - base


def test_the_tests_bring_what_onnx_needs():
  onnx = build_files_test.setup_requirements(extras=("onnx",))

  assert set(onnx) <= set(build_files_test.setup_requirements(extras=("test",)))
