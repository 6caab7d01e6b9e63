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

"""BUILD files name every Python file once and the true dependencies."""

import ast
import pathlib
import tempfile

from absl.testing import absltest
from absl.testing import parameterized

from tests import build_files
from tests import source_tree

LOAD = 'load("@rules_python//python:defs.bzl", "py_library", "py_test")\n'
LOSS = 'py_library(name = "loss", srcs = ["loss.py"], deps = [{deps}])\n'
DEPS = '":window", "@pypi//numpy", "@pypi//pillow"'
WINDOW = 'py_library(name = "window", srcs = ["window.py"])\n'
TEST = """py_test(
    name = "loss_test",
    srcs = ["loss_test.py"],
    args = ["$(rootpath loss_test.py)"],
    main_module = "pytest",
    deps = [":loss", "//tests:conftest", "@pypi//pytest"],
)
"""
SOURCES = {
  "window.py": "import math\n",
  "loss.py": (
    "import numpy as np\n"
    "from house import window\n"
    "def lazy():\n"
    "  from PIL import Image\n"
  ),
  "loss_test.py": "from house.loss import value\n",
}


def setup_requirements(extras=None):
  """The requirements in setup.py, with those of all extras or of some."""
  tree = ast.parse((source_tree.ROOT / "setup.py").read_text())
  named = {
    node.arg: ast.literal_eval(node.value)
    for node in ast.walk(tree)
    if isinstance(node, ast.keyword)
    and node.arg in ("install_requires", "extras_require")
  }
  by_extra = named["extras_require"]
  wanted = by_extra if extras is None else extras
  lists = [named["install_requires"], *(by_extra[extra] for extra in wanted)]
  return [name for names in lists for name in names]


def locked_requirements():
  lines = (source_tree.ROOT / "requirements_lock.txt").read_text().splitlines()
  return [line for line in lines if "==" in line]


class RepositoryTest(absltest.TestCase):
  """The BUILD files of this repository."""

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.build = build_files.BuildFiles()

  def assert_none(self, faults):
    self.assertEmpty(faults, "\n" + "\n".join(faults))

  def test_rules_are_loaded(self):
    self.assert_none(self.build.rule_faults())

  def test_every_file_is_in_exactly_one_target(self):
    self.assert_none(self.build.ownership_faults())

  def test_deps_are_the_imports(self):
    self.assert_none(self.build.dependency_faults())

  def test_binaries_have_a_main_and_tests_run(self):
    self.assert_none(self.build.program_faults())

  def test_third_party_deps_are_required_by_setup(self):
    self.assert_none(self.build.requirement_faults(setup_requirements()))

  def test_the_lock_holds_what_setup_requires(self):
    name = build_files.normalised_name
    self.assertContainsSubset(
      set(map(name, setup_requirements())),
      set(map(name, locked_requirements())),
      "Run `make requirements`.",
    )


class FaultsTest(parameterized.TestCase):
  """The checks find what is wrong in a small repository."""

  def faults(self, build_text, **changed_sources):
    folder = tempfile.TemporaryDirectory()
    self.addCleanup(folder.cleanup)
    house = pathlib.Path(folder.name, "house")
    house.mkdir()
    (house / "BUILD").write_text(build_text)
    changed = {f"{name}.py": text for name, text in changed_sources.items()}
    for name, text in (SOURCES | changed).items():
      (house / name).write_text(text)
    tests = house.parent / "tests"
    tests.mkdir()
    (tests / "conftest.py").write_text("")
    (tests / "BUILD").write_text(
      LOAD + 'py_library(name = "conftest", srcs = ["conftest.py"])'
    )
    build = build_files.BuildFiles(
      source_tree.SourceTree(house.parent, ("house", "tests"))
    )
    return (
      build.rule_faults()
      + build.ownership_faults()
      + build.dependency_faults()
      + build.program_faults()
      + build.requirement_faults(["numpy>=1", "Pillow", "pytest"])
    )

  def test_nothing_to_find(self):
    self.assertEmpty(self.faults(LOAD + LOSS.format(deps=DEPS) + WINDOW + TEST))

  @parameterized.named_parameters(
    (
      "not_loaded",
      LOSS.format(deps=DEPS) + WINDOW + TEST,
      "house/BUILD: py_library is not loaded from "
      '"@rules_python//python:defs.bzl".',
    ),
    (
      "no_target",
      LOAD + LOSS.format(deps=DEPS) + TEST,
      "house/window.py is in no target. Add to BUILD:\npy_library(\n"
      '    name = "window",\n    srcs = ["window.py"],\n)',
    ),
    (
      "two_targets",
      LOAD
      + LOSS.format(deps=DEPS)
      + WINDOW
      + TEST
      + WINDOW.replace('name = "window"', 'name = "other"'),
      "house/window.py is in several targets: //house:window, //house:other.",
    ),
    (
      "no_file",
      LOAD
      + LOSS.format(deps=DEPS)
      + WINDOW
      + TEST
      + 'py_library(name = "gone", srcs = ["gone.py"])\n',
      "house/BUILD: //house:gone lists house/gone.py, which does not exist.",
    ),
    (
      "internal_dep_missing",
      LOAD
      + LOSS.format(deps='"@pypi//numpy", "@pypi//pillow"')
      + WINDOW
      + TEST,
      "house/BUILD: //house:loss misses dep //house:window, imported at "
      "house/loss.py:2.",
    ),
    (
      "third_party_dep_missing",
      LOAD + LOSS.format(deps='":window", "@pypi//numpy"') + WINDOW + TEST,
      "house/BUILD: //house:loss misses dep @pypi//pillow, imported at "
      "house/loss.py:4.",
    ),
    (
      "superfluous_dep",
      LOAD + LOSS.format(deps=DEPS + ', "@pypi//pytest"') + WINDOW + TEST,
      "house/BUILD: //house:loss has superfluous dep @pypi//pytest; none of "
      "its srcs imports it.",
    ),
    (
      "test_that_would_not_run",
      LOAD
      + LOSS.format(deps=DEPS)
      + WINDOW
      + TEST.replace('    main_module = "pytest",\n', ""),
      'house/BUILD: //house:loss_test must have main_module = "pytest" and '
      'args = ["$(rootpath loss_test.py)"].',
    ),
    (
      "binary_without_main",
      LOAD.replace("py_test", 'py_test", "py_binary')
      + LOSS.format(deps=DEPS)
      + WINDOW.replace("py_library", "py_binary")
      + TEST,
      "house/BUILD: //house:window: its main window.py runs nothing.",
    ),
  )
  def test_finds(self, build_text, fault):
    self.assertIn(fault, self.faults(build_text))

  def test_finds_that_a_test_needs_the_fixtures_beside_it(self):
    conftest = WINDOW.replace("window", "conftest")
    built = LOAD + LOSS.format(deps=DEPS) + WINDOW + conftest
    self.assertEqual(
      [
        "house/BUILD: //house:loss_test misses dep //house:conftest, imported "
        "at the run by pytest."
      ],
      self.faults(built + TEST, conftest=""),
    )
    with_fixtures = TEST.replace('":loss"', '":conftest", ":loss"')
    self.assertEmpty(self.faults(built + with_fixtures, conftest=""))

  def test_finds_what_setup_does_not_require(self):
    faults = self.faults(
      LOAD + LOSS.format(deps=DEPS) + WINDOW + TEST, window="import scipy\n"
    )
    self.assertIn(
      "house/BUILD: //house:window misses dep @pypi//scipy, imported at "
      "house/window.py:1.",
      faults,
    )

  def test_finds_an_undeclared_requirement(self):
    scipy = WINDOW.replace("])", '], deps = ["@pypi//scipy"])')
    self.assertEqual(
      [
        "house/BUILD: //house:window needs @pypi//scipy, which is not required."
      ],
      self.faults(
        LOAD + LOSS.format(deps=DEPS) + scipy + TEST, window="import scipy\n"
      ),
    )


if __name__ == "__main__":
  absltest.main()
