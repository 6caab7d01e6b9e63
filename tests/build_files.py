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

"""Reads BUILD files and compares them with what the Python files import.

BUILD files are valid Python here; srcs and deps must be written out as lists,
without glob or select. Each check returns its findings, one text per fault.
"""

import ast
import collections
import dataclasses
import pathlib
import re

from tests import source_tree

RULES_FROM = "@rules_python//python:defs.bzl"
RULES = ("py_binary", "py_library", "py_test")
# pytest runs the test files, and reads conftest.py; also that beside a test.
TEST_RUNNER = frozenset({"//tests:conftest", "@pypi//pytest"})

# What a program has at its end.
_RUNS = '__name__ == "__main__"'
# Where the name of a package on PyPI is not that of its module.
_PYPI_NAMES = {
  "absl": "absl_py",
  "official": "tf_models_official",
  "orbit": "tf_models_official",
  "PIL": "pillow",
  "pydensecrf": "pydensecrf2",
  "sklearn": "scikit_learn",
  "yaml": "pyyaml",
}


@dataclasses.dataclass(frozen=True)
class Target:
  """One py_library, py_binary or py_test."""

  package: str
  rule: str
  name: str
  srcs: tuple[str, ...]
  deps: tuple[str, ...]
  main: str | None
  main_module: str | None
  args: tuple[str, ...]

  @property
  def label(self):
    return f"//{self.package}:{self.name}"

  @property
  def files(self):
    return tuple(f"{self.package}/{src}" for src in self.srcs)


def pypi_name(module):
  """The name on PyPI of an imported module, as labels have it."""
  return _PYPI_NAMES.get(module, module).lower()


def normalised_name(requirement):
  """The name of a requirement as the label of its target has it."""
  name = re.match(r"[\w.-]+", requirement).group()
  return re.sub(r"[-.]", "_", name).lower()


class BuildFiles:
  """The BUILD files of a source tree."""

  def __init__(self, tree=None):
    self.tree = tree or source_tree.SourceTree()
    self.targets = []
    self._load_faults = []
    for path in self._paths():
      self._read(path)
    self._owners = collections.defaultdict(list)
    for target in self.targets:
      for file in target.files:
        self._owners[file].append(target.label)

  def _paths(self):
    return sorted(
      path
      for folder in self.tree.folders
      for path in (self.tree.root / folder).rglob("BUILD")
    )

  def _read(self, path):
    """Adds the targets of one file."""
    package = path.parent.relative_to(self.tree.root).as_posix()
    loaded = set()
    for statement in ast.parse(path.read_text(), str(path)).body:
      call = statement.value if isinstance(statement, ast.Expr) else None
      if not isinstance(call, ast.Call):
        continue
      rule = call.func.id
      if rule == "load":
        source, *names = (ast.literal_eval(argument) for argument in call.args)
        if source == RULES_FROM:
          loaded.update(names)
      elif rule in RULES:
        if rule not in loaded:
          self._load_faults.append(
            f'{package}/BUILD: {rule} is not loaded from "{RULES_FROM}".'
          )
        self.targets.append(self._target(package, rule, call))

  def _target(self, package, rule, call):
    """The target that a call of a rule declares."""
    fields = {}
    for keyword in call.keywords:
      try:
        fields[keyword.arg] = ast.literal_eval(keyword.value)
      except ValueError:
        if keyword.arg in ("name", "srcs", "deps", "main"):
          raise ValueError(
            f"{package}/BUILD:{call.lineno}: {keyword.arg} must be written out."
          ) from None
    return Target(
      package=package,
      rule=rule,
      name=fields["name"],
      srcs=tuple(fields.get("srcs", ())),
      deps=tuple(_absolute(dep, package) for dep in fields.get("deps", ())),
      main=fields.get("main"),
      main_module=fields.get("main_module"),
      args=tuple(fields.get("args", ())),
    )

  def rule_faults(self):
    """Rules that are no longer built in and not loaded."""
    return self._load_faults

  def ownership_faults(self):
    """Files in no target or in several, and srcs that do not exist."""
    faults = []
    for file in self.tree.files:
      owners = self._owners[file]
      if not owners:
        new = self.target_text(self.new_target(file))
        faults.append(f"{file} is in no target. Add to BUILD:\n{new}")
      elif len(owners) > 1:
        faults.append(f"{file} is in several targets: {', '.join(owners)}.")
    for target in self.targets:
      faults += [
        f"{target.package}/BUILD: {target.label} lists {file}, which does not "
        "exist."
        for file in target.files
        if file not in self.tree.files
      ]
    return faults

  def dependency_faults(self):
    """Targets whose deps are not exactly what their srcs import."""
    faults = []
    for target in self.targets:
      wanted = self._wanted(target)
      where = f"{target.package}/BUILD: {target.label}"
      duplicates = [
        d for d, n in collections.Counter(target.deps).items() if n > 1
      ]
      faults += [
        f"{where} misses dep {dep}, imported at {wanted[dep]}."
        for dep in sorted(wanted.keys() - set(target.deps))
      ]
      faults += [
        f"{where} has superfluous dep {dep}; none of its srcs imports it."
        for dep in sorted(set(target.deps) - wanted.keys())
      ]
      faults += [f"{where} lists dep {dep} twice." for dep in duplicates]
    return faults

  def program_faults(self):
    """Binaries without a main, tests that would not run."""
    faults = []
    for target in self.targets:
      where = f"{target.package}/BUILD: {target.label}"
      if target.rule == "py_binary":
        main = target.main or f"{target.name}.py"
        if main not in target.srcs:
          faults.append(f"{where} has no main: {main} is not among its srcs.")
        elif _RUNS not in self._text(target, main):
          faults.append(f"{where}: its main {main} runs nothing.")
      elif target.rule == "py_test":
        source = f"{target.name}.py"
        if target.srcs != (source,) or not source.endswith("_test.py"):
          faults.append(f"{where} must have one source, NAME_test.py.")
        if target.main_module != "pytest" or target.args != (
          f"$(rootpath {source})",
        ):
          faults.append(
            f'{where} must have main_module = "pytest" and args = '
            f'["$(rootpath {source})"].'
          )
      else:
        faults += [
          f"{where} holds {src}, which belongs into a py_test."
          for src in target.srcs
          if src.endswith("_test.py")
        ]
    return faults

  def requirement_faults(self, requirements):
    """Third-party deps that the given requirements do not name."""
    names = {normalised_name(requirement) for requirement in requirements}
    return [
      f"{target.package}/BUILD: {target.label} needs {dep}, which is not "
      "required."
      for target in self.targets
      for dep in target.deps
      if dep.startswith("@pypi//") and dep.removeprefix("@pypi//") not in names
    ]

  def _text(self, target, src):
    path = self.tree.root / target.package / src
    return path.read_text() if path.exists() else ""

  def _wanted(self, target):
    """Returns {dep: where it is imported} of the sources of a target."""
    wanted = {}
    if target.rule == "py_test":
      wanted.update(dict.fromkeys(TEST_RUNNER, "the run by pytest"))
      fixtures = f"{target.package}/conftest.py"
      wanted.update(
        dict.fromkeys(self._owners.get(fixtures, ()), "the run by pytest")
      )
    for file in target.files:
      if file in self.tree.files:
        wanted.update(self._imported(file))
    wanted.pop(target.label, None)
    return wanted

  def _imported(self, file):
    """Returns {label: file and line} of the imports of one file."""
    labels = {}
    for imported in self.tree.imports(file):
      source = self.tree.file_of(imported.name)
      if source is None:
        label = f"@pypi//{pypi_name(imported.top)}"
      else:
        # Several owners or none are a fault of their own.
        label = next(iter(self._owners[source]), f"the target of {source}")
      labels.setdefault(label, f"{file}:{imported.line}")
    return labels

  def new_target(self, file):
    """Returns the target that a file without one needs."""
    path = pathlib.PurePosixPath(file)
    is_test = path.stem.endswith("_test")
    name = path.parent.name if path.stem == "__init__" else path.stem
    rule = "py_test" if is_test else "py_library"
    if not is_test and _RUNS in (self.tree.root / file).read_text():
      rule = "py_binary"
    args = (f"$(rootpath {path.name})",) if is_test else ()
    return Target(
      str(path.parent), rule, name, (path.name,), (), None, None, args
    )

  def wanted_deps(self, target):
    """Returns the labels that the imports of a target ask for, in order."""
    return sorted(
      (_short(dep, target.package) for dep in self._wanted(target)),
      # As buildifier sorts: a package before the packages below it.
      key=lambda dep: (
        not dep.startswith(":"),
        dep.startswith("@"),
        dep.replace(":", "!"),
      ),
    )

  def target_text(self, target):
    """Returns a target as it stands in a BUILD file."""
    lines = [f'{target.rule}(\n    name = "{target.name}",']
    if target.rule == "py_test":
      lines.append('    size = "medium",')
    lines.append(f'    srcs = ["{target.srcs[0]}"],')
    if target.rule == "py_test":
      lines.append(f'    args = ["{target.args[0]}"],')
      lines.append('    main_module = "pytest",')
    text = "".join(deps_lines(self.wanted_deps(target)))
    return "\n".join([*lines, f"{text})"])


def deps_lines(deps):
  """Returns the lines of the dependencies of a target."""
  if not deps:
    return []
  listed = [f'        "{dep}",\n' for dep in deps]
  return ["    deps = [\n", *listed, "    ],\n"]


def _absolute(label, package):
  """A label with its package and its name."""
  if label.startswith("@"):
    return label
  if label.startswith(":"):
    return f"//{package}{label}"
  return label if ":" in label else f"{label}:{label.rpartition('/')[2]}"


def _short(label, package):
  """The label as buildifier likes it in a BUILD file of the package."""
  folder, _, name = label.partition(":")
  if folder == f"//{package}":
    return f":{name}"
  return folder if name and folder.endswith(f"/{name}") else label
