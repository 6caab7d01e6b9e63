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

"""Fails if a public name has no entry in the built reference.

`make docs` runs it. What reads the modules leaves out, without a word, those
that it cannot inspect.
"""

import ast
import pathlib
import sys

_ROOT = pathlib.Path(__file__).parents[1]
_PACKAGES = ("losses", "metrics", "modeling")
# Modules: one of the same functions, and two that are imported when they are
# asked for.
_NO_ENTRY = {"functional", "legacy", "torch_distributed"}


def _public_names(package):
  """Returns the names in `__all__` of a package, which is not imported."""
  source = (_ROOT / "deeplab_ssl" / package / "__init__.py").read_text()
  for node in ast.parse(source).body:
    if isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
      return set(ast.literal_eval(node.value)) - _NO_ENTRY
  raise ValueError(f"deeplab_ssl/{package}/__init__.py has no __all__.")


def main():
  """Compares the pages in site/ with the names."""
  missing = []
  for package in _PACKAGES:
    page = (_ROOT / "site" / "api" / package / "index.html").read_text()
    missing += [
      f"deeplab_ssl.{package}.{name}"
      for name in sorted(_public_names(package))
      if f'id="deeplab_ssl.{package}.{name}"' not in page
    ]
  if missing:
    sys.exit(f"The reference lacks {', '.join(missing)}.")
  print("Reference: all public names are there.")


if __name__ == "__main__":
  main()
