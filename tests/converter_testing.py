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
import tempfile

from absl.testing import parameterized

from tests import commands

_SCRIPTS = pathlib.Path(__file__).resolve().parents[1] / "datasets"


class ConverterTestCase(parameterized.TestCase):
  """Runs `python -m deeplab_ssl.convert KIND` into a folder of its own."""

  KIND: str

  def setUp(self):
    super().setUp()
    directory = tempfile.TemporaryDirectory()
    self.addCleanup(directory.cleanup)
    self.dir = pathlib.Path(directory.name)
    self.output = self.dir / "records"

  def command(self):
    """What stands between `python` and the flags."""
    return ("-m", "deeplab_ssl.convert", self.KIND)

  def convert(self, *args, ok=True, anew=False):
    """Runs the converter; `anew` as `commands.run` has it."""
    args = (*self.command(), f"--output_dir={self.output}", *args)
    # From another folder: no converter may rely on the checkout.
    result = commands.run(*args, folder=self.dir, anew=anew)
    self.assertEqual(result.returncode == 0, ok, result.stderr)
    self.assertNotIn("Traceback", result.stderr)
    return result


class ScriptTestCase(ConverterTestCase):
  """Runs `datasets/SCRIPT.py`."""

  SCRIPT: str

  def command(self):
    return (_SCRIPTS / f"{self.SCRIPT}.py",)
