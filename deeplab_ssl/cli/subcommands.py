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

"""Lists the modules that are commands or kinds of one, without importing them.

A name and a line each: the first of the docstring, which is read from the file,
because an import would define flags and take time.
"""

import ast
from collections.abc import Iterable
from collections.abc import Mapping
import pathlib
import pkgutil
import re

from deeplab_ssl.common import suggestions

# "Trains a DeepLab: `python -m ...`." is "Trains a DeepLab." in a list.
_HOW_TO_CALL = re.compile(r":\s+`[^`]*`\.?$")


def summaries(folders: Iterable[str], prefix: str = "") -> dict[str, str]:
  """Returns {name: first line of its docstring} of modules, sorted.

  Args:
    folders: those of the package, its `__path__`.
    prefix: of the modules that count; left out of the names.
  """
  found = {}
  for module in pkgutil.iter_modules(folders):
    private = module.name.startswith("_")
    if module.ispkg or private or not module.name.startswith(prefix):
      continue
    path = pathlib.Path(module.module_finder.path, f"{module.name}.py")
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    line = docstring.partition("\n")[0]
    found[module.name.removeprefix(prefix)] = _HOW_TO_CALL.sub(".", line)
  return dict(sorted(found.items()))


def listing(known: Mapping[str, str]) -> str:
  """Returns {name: line} as a line each, one name below the other."""
  width = max(map(len, known))
  return "\n".join(f"  {name:{width}}  {line}" for name, line in known.items())


def check_known(name: str, what: str, known: Mapping[str, str]) -> None:
  """Refuses a name that is not there.

  Args:
    name: what was given.
    what: what it should be, "command".
    known: {name: line}.

  Raises:
    ValueError: naming the nearest one, and all that there are.
  """
  if name not in known:
    raise ValueError(
      f"There is no {what} {name!r}.{suggestions.did_you_mean(name, known)} "
      f"There are:\n{listing(known)}"
    )
