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

"""Tests of finding the file of an id."""

import unicodedata

from absl.testing import absltest
from absl.testing import parameterized

from deeplab_ssl.preparation import file_index
from tests import input_testing


class FileIndexTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    self.dir = input_testing.temp_dir(self)
    self.index = file_index.FileIndex(self.dir, (".png", ".jpg"))

  def touch(self, *names):
    for name in names:
      path = self.dir / name
      path.parent.mkdir(exist_ok=True)
      path.touch()

  @parameterized.parameters("a.png", "a.PNG", "a.Jpg", "a.pNg")
  def test_extensions_in_any_case(self, name):
    self.touch(name)
    self.assertEqual(self.index.find("a"), [self.dir / name])
    self.assertEqual(self.index.path("a", ".jpg"), self.dir / name)

  @parameterized.product(stored=("NFC", "NFD"), asked=("NFC", "NFD"))
  def test_accents_in_either_form(self, stored, asked):
    stored, asked = (
      unicodedata.normalize(form, "caf\u00e9") for form in (stored, asked)
    )
    self.touch(f"{stored}.png")
    self.assertEqual(self.index.find(asked), [self.dir / f"{stored}.png"])
    self.assertEqual(self.index.names(), ["caf\u00e9"])

  def test_ids_in_folders(self):
    self.touch("berlin/0001.png", "0001.jpg")
    self.assertEqual(
      self.index.find("berlin/0001"), [self.dir / "berlin" / "0001.png"]
    )
    self.assertEqual(self.index.names(), ["0001"])

  def test_what_is_not_there(self):
    self.touch("b.txt", "._a.png")
    self.assertEmpty(self.index.names())
    self.assertEmpty(self.index.find("nowhere/a"))
    self.assertEqual(self.index.path("a", ".jpg"), self.dir / "a.jpg")

  def test_several_files_of_an_id(self):
    self.touch("a.png", "a.PNG", "b.png")
    (line,) = self.index.several(["a", "b", "c"])
    self.assertEndsWith(line, "a.*: several files of one id, a.PNG, a.png")


if __name__ == "__main__":
  absltest.main()
