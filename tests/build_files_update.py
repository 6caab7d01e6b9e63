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

"""Brings the BUILD files up to date: `python -m tests.build_files_update`.

Every Python file gets a target with the dependencies that its imports ask for,
and targets without a file go. What else a target says (its size, its data, who
may see it) stays as it is; a new folder gets a BUILD file of its own.
"""

import ast
import pathlib

from tests import build_files
from tests import source_tree

_PACKAGE = """
package(
    default_visibility = ["//:__subpackages__"],
    licenses = ["notice"],
)
"""


def _statements(text):
  """Splits a BUILD file into (call, its text with the comments above it)."""
  lines = text.splitlines(keepends=True)
  start, found = 0, []
  for statement in ast.parse(text).body:
    found.append((statement, "".join(lines[start : statement.end_lineno])))
    start = statement.end_lineno
  return found


def _rule(statement):
  call = statement.value if isinstance(statement, ast.Expr) else None
  return call.func.id if isinstance(call, ast.Call) else None


def _argument(statement, name):
  for keyword in statement.value.keywords:
    if keyword.arg == name:
      return keyword
  return None


def _with_deps(text, statement, deps):
  """Returns the text of a target with these dependencies."""
  lines = text.splitlines(keepends=True)
  # The text ends with the statement, whatever comments stand above it.
  offset = statement.end_lineno - len(lines)
  old = _argument(statement, "deps")
  if old is not None:
    del lines[old.lineno - 1 - offset : old.end_lineno - offset]
  if deps:
    lines[-1:-1] = build_files.deps_lines(deps)
  return "".join(lines)


class _Updater:
  """Rewrites the BUILD file of one folder."""

  def __init__(self, build, folder):
    self._build = build
    self._folder = folder
    self._path = build.tree.root / folder / "BUILD"
    self._files = [
      file
      for file in build.tree.files
      if str(pathlib.PurePosixPath(file).parent) == folder
    ]

  def text(self):
    """Returns the new content of the file."""
    if self._path.exists():
      statements = _statements(self._path.read_text())
    else:
      statements = _statements(self._empty())
    head, targets, rest = [], {}, []
    for statement, text in statements:
      rule = _rule(statement)
      if rule in ("load", "package") or rule is None:
        head.append((rule, text))
      elif rule not in build_files.RULES:
        rest.append(text)
      elif self._sources(statement):
        name = ast.literal_eval(_argument(statement, "name").value)
        targets[name] = self._target(statement, text)
    owned = {
      file
      for target in self._build.targets
      if target.package == self._folder
      for file in target.files
    }
    for file in self._files:
      if file not in owned:
        target = self._build.new_target(file)
        targets[target.name] = "\n" + self._build.target_text(target) + "\n"
    own = pathlib.PurePosixPath(self._folder).name
    ordered = sorted(targets, key=lambda name: (name != own, name))
    rules = sorted(
      {_rule(ast.parse(targets[name]).body[0]) for name in targets}
    )
    load = ", ".join(f'"{rule}"' for rule in rules)
    lines = []
    for rule, text in head:
      if rule == "load" and build_files.RULES_FROM in text:
        if not rules:
          continue
        comments = text[: text.index("load(")]
        text = f'{comments}load("{build_files.RULES_FROM}", {load})\n'
      lines.append(text)
    blocks = [targets[name] for name in ordered] + rest
    return "".join(lines) + "".join("\n" + b.lstrip("\n") for b in blocks)

  def _empty(self):
    """Returns the head of a BUILD file for a folder that has none."""
    init = self._build.tree.root / self._folder / "__init__.py"
    source = init.read_text() if init.exists() else ""
    docstring = ast.get_docstring(ast.parse(source)) or self._folder
    licence = source_tree.licence()
    return (
      f"{licence}\n# Description:\n#   {docstring.splitlines()[0]}\n\n"
      f'load("{build_files.RULES_FROM}", "py_library")\n{_PACKAGE}'
    )

  def _sources(self, statement):
    """Returns the sources of a target that exist."""
    found = ast.literal_eval(_argument(statement, "srcs").value)
    return [src for src in found if f"{self._folder}/{src}" in self._files]

  def _target(self, statement, text):
    name = ast.literal_eval(_argument(statement, "name").value)
    (target,) = (
      t
      for t in self._build.targets
      if t.package == self._folder and t.name == name
    )
    return _with_deps(text, statement, self._build.wanted_deps(target))


def main():
  """Writes the files that change."""
  tree = source_tree.SourceTree()
  folders = {str(pathlib.PurePosixPath(file).parent) for file in tree.files}
  # A dependency is named by its target, which must be there before it is asked
  # for: twice is enough.
  for _ in range(2):
    build = build_files.BuildFiles(tree)
    for folder in sorted(folders):
      path = tree.root / folder / "BUILD"
      text = _Updater(build, folder).text()
      if not path.exists() or path.read_text() != text:
        path.write_text(text)
        print(f"Updated {folder}/BUILD")


if __name__ == "__main__":
  main()
