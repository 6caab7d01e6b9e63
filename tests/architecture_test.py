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

"""The rooms of the house import what they may, and have their tests."""

import ast
import dataclasses
import pathlib
import tempfile

from absl.testing import absltest
from absl.testing import parameterized

from deeplab_ssl.common import extras
from tests import source_tree

PACKAGE = "deeplab_ssl"


@dataclasses.dataclass(frozen=True)
class Room:
  """What the files of one folder may import.

  Attributes:
    internal: the packages of deeplab_ssl that it may use, besides itself.
    forbidden: third-party packages that it may not.
    exceptions: {file name: forbidden packages that this file may use}.
  """

  internal: tuple[str, ...] = ()
  forbidden: tuple[str, ...] = ()
  exceptions: dict[str, tuple[str, ...]] = dataclasses.field(
    default_factory=dict
  )


_ROAD = ("common", "losses", "modeling", "model_zoo", "input", "preparation")
_BELOW_RUNS = (
  *_ROAD,
  "prediction",
  "evaluation",
  "visualization",
  "checkpoints",
  "configuration",
  "experiment",
  "distribution",
  "training",
)
_NO_KERAS = ("official", "keras", "tf_keras")
ROOMS = {
  "common": Room(forbidden=("tensorflow", *_NO_KERAS)),
  "losses": Room(
    internal=("common",),
    forbidden=("official", "tensorflow_datasets", "tf_keras"),
    exceptions={"legacy.py": ("tf_keras",)},
  ),
  "metrics": Room(
    internal=("common", "losses"),
    forbidden=("official", "tensorflow", "tensorflow_datasets", "tf_keras"),
  ),
  "modeling": Room(
    internal=("common",), forbidden=("tensorflow_datasets", "keras")
  ),
  "model_zoo": Room(internal=("common", "modeling"), forbidden=_NO_KERAS),
  "original_flags": Room(
    internal=("common",), forbidden=("tensorflow", *_NO_KERAS)
  ),
  "input": Room(internal=("common",), forbidden=_NO_KERAS),
  "preparation": Room(internal=("common", "input"), forbidden=_NO_KERAS),
  "prediction": Room(
    internal=("common", "modeling", "input", "visualization"),
    forbidden=("official", "keras"),
  ),
  "evaluation": Room(
    internal=("common", "input", "prediction"), forbidden=("official", "keras")
  ),
  "visualization": Room(
    internal=("common",), forbidden=("tensorflow", *_NO_KERAS)
  ),
  "checkpoints": Room(internal=("common",), forbidden=_NO_KERAS),
  "configuration": Room(internal=("common", "modeling"), forbidden=("keras",)),
  "experiment": Room(
    internal=(*_ROAD, "evaluation", "checkpoints", "configuration")
  ),
  "distribution": Room(internal=("common", "configuration")),
  "training": Room(internal=_BELOW_RUNS),
  "runs": Room(internal=_BELOW_RUNS),
  "reproduction": Room(internal=(*_BELOW_RUNS, "runs")),
  "cli": Room(internal=(*_BELOW_RUNS, "runs", "reproduction")),
}
# Folders that are run and tested, never installed.
SCRIPTS = ("benchmarks", "datasets", "tests")
# What the scripts in datasets/ may use.
SCRIPT_ROOMS = ("cli", "input", "preparation")
# `--help` and a wrong flag should not wait for these, and without the extra it
# is the run of a command that says what to install, not its import.
HEAVY = ("keras", *extras.MODULES)


def room_faults(tree):
  """Imports across rooms, and of packages that a room may not use."""
  faults = []
  for file in tree.files:
    package, name, *rest = file.split("/")
    if package != PACKAGE:
      continue
    for imported in tree.imports(file):
      where = f"{file}:{imported.line} imports {imported.name}; "
      if imported.top in SCRIPTS:
        faults.append(f"{where}{imported.top}/ is not installed.")
      if not rest:
        continue
      if name not in ROOMS:
        faults.append(f"{file}: {name}/ has no rule in ROOMS.")
        break
      room = ROOMS[name]
      excepted = room.exceptions.get(rest[-1], ())
      if imported.top in room.forbidden and imported.top not in excepted:
        faults.append(f"{where}{name}/ may not use {imported.top}.")
      other = imported.name.split(".")[1:2]
      if imported.top == PACKAGE and other not in (
        [[allowed] for allowed in (name, *room.internal)]
      ):
        allowed = ", ".join(room.internal) or "no other package"
        faults.append(f"{where}{name}/ may use {allowed} of {PACKAGE}.")
  return faults


def command_faults(tree):
  """Commands that load what is heavy or optional before they are run."""
  faults = []
  for file in tree.files:
    if file.count("/") == 1 and file.startswith(f"{PACKAGE}/"):
      for path in _loads(tree, file):
        if path[-1].partition(".")[0] in HEAVY:
          faults.append(f"{' imports '.join(path)} at module level.")
  return faults


def script_faults(tree):
  """Converters that use more of the package than they need."""
  return [
    f"{file}:{imported.line} imports {imported.name}; datasets/ may use of "
    f"{PACKAGE} {', '.join(SCRIPT_ROOMS)}."
    for file in tree.files
    if file.startswith("datasets/")
    for imported in tree.imports(file)
    if imported.top == PACKAGE
    and imported.name.split(".")[1] not in SCRIPT_ROOMS
  ]


def untested_faults(tree):
  """Modules without a test file of their own: a/b.py has tests/a/b_test.py."""
  faults = []
  for file in tree.files:
    path = pathlib.PurePosixPath(file)
    if path.parts[0] != PACKAGE or path.stem == "__init__":
      continue
    # __main__.py has main_test.py.
    name = f"{path.stem.strip('_')}_test.py"
    wanted = pathlib.PurePosixPath("tests", *path.parts[1:-1], name)
    if str(wanted) not in tree.files:
      faults.append(f"{file} has no {wanted}.")
  return faults


def top_level_faults(tree):
  """Modules at the top of the package that are no commands."""
  faults = []
  for file in tree.files:
    path = pathlib.PurePosixPath(file)
    if path.parent.as_posix() != PACKAGE or path.stem == "__init__":
      continue
    last = ast.parse((tree.root / file).read_text()).body[-1:]
    if not (
      last
      and isinstance(last[0], ast.If)
      and ast.unparse(last[0].test) == "__name__ == '__main__'"
    ):
      faults.append(
        f'{file} does not end with `if __name__ == "__main__"`: only commands '
        f"lie at the top of {PACKAGE}."
      )
  return faults


def style_faults(tree):
  """Test files in two styles: classes of absl beside functions of pytest."""
  faults = []
  for file in tree.files:
    if not file.endswith("_test.py"):
      continue
    body = ast.parse((tree.root / file).read_text()).body
    has_class = any(
      isinstance(node, ast.ClassDef)
      and any("TestCase" in ast.unparse(base) for base in node.bases)
      for node in body
    )
    of_pytest = [i for i in tree.imports(file) if i.top == "pytest"]
    has_function = any(
      isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
      for node in body
    )
    if has_class and (of_pytest or has_function):
      faults.append(f"{file} mixes classes of absl with pytest.")
  return faults


def _loads(tree, file, seen=None):
  """Yields (file, ..., module): all that loading a file loads, and by whom."""
  seen = set() if seen is None else seen
  for imported in tree.imports(file):
    if not imported.at_load or imported.name in seen:
      continue
    seen.add(imported.name)
    # Python loads the packages around a module, too.
    parts = imported.name.split(".")
    modules = [".".join(parts[: i + 1]) for i in range(len(parts))]
    sources = [tree.file_of(module) for module in modules]
    if sources[-1] is None:
      yield (file, imported.name)
    for source in filter(None, sources):
      for path in _loads(tree, source, seen):
        yield (file, *path)


class ArchitectureTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    self.tree = source_tree.SourceTree()

  @parameterized.parameters(room_faults, command_faults, script_faults)
  def test_imports(self, check):
    faults = check(self.tree)
    self.assertEmpty(faults, "\n" + "\n".join(faults))

  def test_every_module_has_its_test_file(self):
    faults = untested_faults(self.tree)
    self.assertEmpty(faults, "\n" + "\n".join(faults))

  def test_every_test_file_has_one_style(self):
    faults = style_faults(self.tree)
    self.assertEmpty(faults, "\n" + "\n".join(faults))

  def test_the_top_level_holds_commands_and_nothing_else(self):
    faults = top_level_faults(self.tree)
    self.assertEmpty(faults, "\n" + "\n".join(faults))

  def test_every_room_exists(self):
    for room in ROOMS:
      self.assertIn(f"{PACKAGE}/{room}/__init__.py", self.tree.files)


# The one module of the empty house.
_UNTESTED = {"deeplab_ssl/input/records.py has no tests/input/records_test.py."}


class FaultsTest(parameterized.TestCase):
  """The checks find one wrong import in an otherwise empty house."""

  def tree(self, file, text):
    folder = tempfile.TemporaryDirectory()
    self.addCleanup(folder.cleanup)
    sources = {
      "deeplab_ssl/__init__.py": "",
      "deeplab_ssl/input/__init__.py": "",
      "deeplab_ssl/input/records.py": "import tensorflow as tf\n",
      "deeplab_ssl/losses/__init__.py": "",
      "datasets/build.py": "",
      file: text,
    }
    for name, source in sources.items():
      path = pathlib.Path(folder.name, name)
      path.parent.mkdir(parents=True, exist_ok=True)
      path.write_text(source)
    return source_tree.SourceTree(folder.name)

  def faults(self, file, text):
    tree = self.tree(file, text)
    return room_faults(tree) + command_faults(tree) + script_faults(tree)

  @parameterized.parameters(
    ("losses/ssim.py", "from official.core import base_task"),
    ("losses/ssim.py", "def f():\n  import tf_keras"),
    ("losses/ssim.py", "import tensorflow_datasets as tfds"),
    ("losses/ssim.py", "from deeplab_ssl.input import records"),
    ("losses/legacy.py", "import official"),
    ("modeling/aspp.py", "import deeplab_ssl.input.records"),
    ("input/tfds.py", "from deeplab_ssl import losses"),
    ("evaluation/metrics.py", "from deeplab_ssl import losses"),
    ("visualization/images.py", "import tensorflow as tf"),
    ("visualization/images.py", "from deeplab_ssl import input"),
    ("training/task.py", "import datasets.build"),
    ("train.py", "def main():\n  import datasets.build"),
    ("train.py", "import tensorflow as tf"),
    ("train.py", "from deeplab_ssl.input import records"),
    ("train.py", "import yaml"),
    ("cellar/wine.py", "import numpy"),
  )
  def test_finds(self, file, text):
    self.assertLen(self.faults(f"deeplab_ssl/{file}", text), 1)

  @parameterized.parameters(
    ("losses/ssim.py", "import tensorflow as tf"),
    ("losses/legacy.py", "import tf_keras"),
    ("training/task.py", "from deeplab_ssl import losses"),
    ("train.py", "def main():\n  import tensorflow as tf"),
    ("train.py", "def main():\n  from deeplab_ssl.input import records"),
  )
  def test_allows(self, file, text):
    self.assertEmpty(self.faults(f"deeplab_ssl/{file}", text))

  def test_finds_a_converter_that_uses_more_than_the_schema(self):
    self.assertLen(
      self.faults("datasets/build.py", "from deeplab_ssl import losses"), 1
    )

  @parameterized.parameters(
    ("deeplab_ssl/train.py", "tests/train_test.py"),
    ("deeplab_ssl/__main__.py", "tests/main_test.py"),
    ("deeplab_ssl/losses/ssim.py", "tests/losses/ssim_test.py"),
  )
  def test_finds_a_module_without_tests(self, file, test):
    (fault,) = set(untested_faults(self.tree(file, ""))) - _UNTESTED
    self.assertEqual(fault, f"{file} has no {test}.")
    found = set(untested_faults(self.tree(test, "")))
    self.assertEqual(found, _UNTESTED)

  @parameterized.parameters(
    ("", 1),
    ("def main():\n  pass", 1),
    ('if __name__ == "__main__":\n  main()\nx = 1', 1),
    ('if __name__ == "__main__":\n  main()', 0),
  )
  def test_finds_what_is_no_command(self, text, number):
    tree = self.tree("deeplab_ssl/train.py", text)
    self.assertLen(top_level_faults(tree), number)
    tree = self.tree("deeplab_ssl/losses/ssim.py", text)
    self.assertEmpty(top_level_faults(tree))

  @parameterized.parameters(
    ("def test_a():\n  pass\nclass B(absltest.TestCase):\n  pass", 1),
    ("import pytest\nclass B(parameterized.TestCase):\n  pass", 1),
    ("import pytest\ndef test_a():\n  pass", 0),
    ("class B(absltest.TestCase):\n  pass", 0),
  )
  def test_finds_two_styles_in_one_file(self, text, count):
    folder = tempfile.TemporaryDirectory()
    self.addCleanup(folder.cleanup)
    path = pathlib.Path(folder.name, "tests", "a_test.py")
    path.parent.mkdir()
    path.write_text(text)
    tree = source_tree.SourceTree(folder.name, ("tests",))
    self.assertLen(style_faults(tree), count)


if __name__ == "__main__":
  absltest.main()
