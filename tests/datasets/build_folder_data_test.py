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

"""Tests of the script that converts two folders."""

from absl.testing import absltest

from deeplab_ssl.preparation import layouts
from tests import converter_testing


class ScriptTest(
  converter_testing.FolderInputs, converter_testing.ScriptTestCase
):
  SCRIPT = "build_folder_data"

  def test_random_split(self):
    self.convert(*self.args, "--val_fraction=0.25", "--seed=3", anew=True)
    train, val = layouts.random_split(self.names, 0.25, 3)
    self.assertEqual(self.ids("train"), train)
    self.assertEqual(self.ids("val"), val)


if __name__ == "__main__":
  absltest.main()
