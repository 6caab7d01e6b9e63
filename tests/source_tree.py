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

"""The Python files of the repository and what they import, read, not run."""

import ast
import dataclasses
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = ("benchmarks", "datasets", "deeplab_ssl", "tests")


def licence():
  """Returns the licence that every file starts with, as comments."""
  text = pathlib.Path(__file__).read_text()
  return text[: text.index('"""')].rstrip() + "\n"


@dataclasses.dataclass(frozen=True, order=True)
class Import:
  """A module that a file imports; `name` of `import a.b`, `from a import b`."""

  name: str
  line: int
  # False inside a function: the module is loaded when that is called.
  at_load: bool

  @property
  def top(self):
    return self.name.partition(".")[0]


class SourceTree:
  """The Python files under the folders of one repository."""

  def __init__(self, root=ROOT, folders=FOLDERS):
    self.root = pathlib.Path(root)
    self.folders = folders
    self.files = sorted(
      path.relative_to(self.root).as_posix()
      for folder in folders
      for path in (self.root / folder).rglob("*.py")
    )
    self._files_by_module = {_module(file): file for file in self.files}

  def file_of(self, module):
    """The file of a module of this repository, or None."""
    return self._files_by_module.get(module)

  def imports(self, file):
    """Returns the sorted imports of a file, the standard library left out."""
    tree = ast.parse((self.root / file).read_text(), file)
    deferred = {
      id(node)
      for function in ast.walk(tree)
      if isinstance(function, (ast.FunctionDef, ast.Lambda))
      for node in ast.walk(function)
    }
    return sorted(
      {
        Import(name, node.lineno, id(node) not in deferred)
        for node in ast.walk(tree)
        for name in self._imported(node, file)
        if name.partition(".")[0] not in sys.stdlib_module_names
      }
    )

  def _imported(self, node, file):
    """Yields the names of the modules that one node imports."""
    if isinstance(node, ast.Import):
      for alias in node.names:
        yield alias.name
    elif isinstance(node, ast.ImportFrom):
      if node.level:
        raise ValueError(
          f"{file}:{node.lineno}: a relative import; write the whole path."
        )
      for alias in node.names:
        # `from package import module` or `from module import symbol`.
        module = f"{node.module}.{alias.name}"
        yield module if self.file_of(module) else node.module
    elif isinstance(node, ast.Call) and node.args:
      # A lazy import: importlib.import_module("package.module").
      argument = node.args[0]
      if (
        isinstance(node.func, ast.Attribute)
        and node.func.attr == "import_module"
        and isinstance(argument, ast.Constant)
      ):
        yield argument.value


def _module(file):
  """The dotted name of a file: a/b.py is a.b, a/__init__.py is a."""
  parts = pathlib.PurePosixPath(file).with_suffix("").parts
  return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
