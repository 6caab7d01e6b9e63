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

"""Running a converter as users run it."""

import pathlib
import subprocess
import sys
import tempfile

from absl.testing import parameterized

from tests import commands

ROOT = pathlib.Path(__file__).resolve().parents[2]


class ScriptTestCase(parameterized.TestCase):
  """Runs `datasets/SCRIPT.py` into a folder of its own."""

  SCRIPT: str

  def setUp(self):
    super().setUp()
    directory = tempfile.TemporaryDirectory()
    self.addCleanup(directory.cleanup)
    self.dir = pathlib.Path(directory.name)
    self.output = self.dir / "records"

  def run_script(self, *args, ok=True, imports=False):
    """Runs the script; `imports` also proves, slowly, what it imports."""
    # From another folder: the script must not rely on the checkout.
    script = ROOT / "datasets" / f"{self.SCRIPT}.py"
    args = (script, f"--output_dir={self.output}", *args)
    if imports:
      result = subprocess.run(
        [sys.executable, *args],
        cwd=self.dir,
        capture_output=True,
        text=True,
        check=False,
      )
    else:
      result = commands.run(*args, folder=self.dir)
    self.assertEqual(result.returncode == 0, ok, result.stderr)
    self.assertNotIn("Traceback", result.stderr)
    return result
