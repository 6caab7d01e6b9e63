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

"""What no module may do with the files of strangers."""

import ast

from absl.testing import absltest
from absl.testing import parameterized

from tests import input_testing
from tests import source_tree

# Modules whose readers run what they read.
_RUNNING = ("pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle")
# Calls that do: functions, and methods of whatever object.
_FUNCTIONS = (
  *("yaml.load", "yaml.full_load", "yaml.unsafe_load", "yaml.load_all"),
  *("eval", "exec", "os.system", "os.popen"),
)
_METHODS = ("extractall", "read_pickle")
# Arguments that turn something of the kind on.
_KEYWORDS = (("allow_pickle", True), ("shell", True))
_FOLDERS = ("benchmarks", "datasets", "deeplab_ssl")


def faults(root, folders=_FOLDERS):
  """Lists the places that could run what a file holds."""
  found = []
  for file in source_tree.SourceTree(root, folders).files:
    for node in ast.walk(ast.parse((root / file).read_text(), file)):
      found += [f"{file}:{node.lineno} {what}" for what in _faults_of(node)]
  return found


def _faults_of(node):
  if isinstance(node, ast.Import):
    yield from (a.name for a in node.names if a.name in _RUNNING)
  elif isinstance(node, ast.ImportFrom) and node.module in _RUNNING:
    yield node.module
  elif isinstance(node, ast.Call):
    name = ast.unparse(node.func)
    if name in _FUNCTIONS or name.rpartition(".")[2] in _METHODS:
      yield name
    for keyword in node.keywords:
      value = getattr(keyword.value, "value", None)
      if (keyword.arg, value) in _KEYWORDS:
        yield keyword.arg


class SecurityTest(parameterized.TestCase):
  def test_no_module_runs_what_it_reads(self):
    self.assertEmpty(faults(source_tree.ROOT))

  @parameterized.parameters(
    "import pickle",
    "from pickle import load",
    "yaml.load(text, Loader=yaml.Loader)",
    "yaml.unsafe_load(text)",
    "eval(text)",
    "os.system(text)",
    "archive.extractall(folder)",
    "np.load(path, allow_pickle=True)",
    "subprocess.run(text, shell=True)",
  )
  def test_what_would_is_found(self, line):
    root = input_testing.temp_dir(self)
    (root / "package").mkdir()
    (root / "package" / "a.py").write_text(f"x = 1\n{line}\n")
    (fault,) = faults(root, ("package",))
    self.assertStartsWith(fault, "package/a.py:2 ")

  @parameterized.parameters(
    "yaml.safe_load(text)",
    "np.load(path)",
    "model.eval()",
    "subprocess.run([text])",
  )
  def test_what_would_not_is_left_alone(self, line):
    root = input_testing.temp_dir(self)
    (root / "package").mkdir()
    (root / "package" / "a.py").write_text(f"{line}\n")
    self.assertEmpty(faults(root, ("package",)))


if __name__ == "__main__":
  absltest.main()
