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

"""Tests of unpacking archives that nobody should trust."""

import gzip
import io
import tarfile

from absl.testing import absltest
from absl.testing import parameterized

from deeplab_ssl.model_zoo import unpacking
from tests import input_testing


def _file(name, data=b"data"):
  member = tarfile.TarInfo(name)
  member.size = len(data)
  return member, io.BytesIO(data)


def _special(name, kind, target=""):
  member = tarfile.TarInfo(name)
  member.type, member.linkname = kind, target
  return member, None


def _with_bad_number():
  """A tar with places of a sparse file that are no numbers."""
  data = io.BytesIO()
  with tarfile.open(fileobj=data, mode="w") as archive:
    member, content = _file("a")
    member.pax_headers = {"GNU.sparse.map": "a,b"}
    archive.addfile(member, content)
  return data.getvalue()


class UnpackTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    root = input_testing.temp_dir(self)
    self.archive, self.folder = root / "a.tar.gz", root / "in" / "folder"
    self.folder.mkdir(parents=True)
    self.root = root

  def write(self, *members):
    with tarfile.open(self.archive, "w:gz") as archive:
      for member, data in members:
        archive.addfile(member, data)

  def files(self):
    return {
      path.relative_to(self.root).as_posix(): path.read_bytes()
      for path in self.root.rglob("*")
      if path.is_file() and path != self.archive
    }

  def test_files_and_folders(self):
    self.write(
      _special("./top", tarfile.DIRTYPE),
      _file("./top/a", b"1"),
      _file("top/._a", b"resource fork"),
      _file("other/deep/b", b"2"),
    )
    unpacking.unpack(self.archive, self.folder)
    self.assertEqual(
      self.files(), {"in/folder/top/a": b"1", "in/folder/other/deep/b": b"2"}
    )

  @parameterized.parameters(
    "../evil", "a/../../../evil", "/tmp/evil", "a\\..\\evil", "C:evil"
  )
  def test_paths_that_leave_the_folder(self, name):
    self.write(_file("good"), _file(name))
    with self.assertRaisesRegex(unpacking.ArchiveError, "leaves the folder"):
      unpacking.unpack(self.archive, self.folder)
    self.assertEqual(list(self.files()), ["in/folder/good"])

  @parameterized.parameters(
    (tarfile.SYMTYPE, "/etc"),
    (tarfile.SYMTYPE, "good"),
    (tarfile.LNKTYPE, "good"),
    (tarfile.FIFOTYPE, ""),
    (tarfile.CHRTYPE, ""),
  )
  def test_links_and_devices(self, kind, target):
    self.write(
      _file("good"), _special("link", kind, target), _file("link/evil")
    )
    with self.assertRaisesRegex(unpacking.ArchiveError, "'link', which is no"):
      unpacking.unpack(self.archive, self.folder)
    self.assertEqual(list(self.files()), ["in/folder/good"])

  def test_a_file_twice(self):
    self.write(_file("a", b"1"), _file("a", b"2"))
    with self.assertRaisesRegex(unpacking.ArchiveError, "'a' twice"):
      unpacking.unpack(self.archive, self.folder)

  def test_a_file_as_a_folder(self):
    self.write(_file("a", b"1"), _file("a/b", b"2"))
    with self.assertRaisesRegex(unpacking.ArchiveError, "'a/b' twice"):
      unpacking.unpack(self.archive, self.folder)

  def test_too_large(self):
    self.write(_file("a", bytes(600)), _file("b", bytes(600)))
    with self.assertRaisesRegex(unpacking.ArchiveError, "more than 1000 bytes"):
      unpacking.unpack(self.archive, self.folder, max_bytes=1000)
    self.assertEqual(list(self.files()), ["in/folder/a"])

  @parameterized.parameters("a" * 300, f"a/{'b' * 5000}", "nul\0byte")
  def test_names_that_no_file_can_have(self, name):
    member, data = _file("evil")
    member.pax_headers = {"path": name}  # The name in the archive stays whole.
    self.write(_file("good"), (member, data))
    with self.assertRaisesRegex(unpacking.ArchiveError, "Nothing of it is"):
      unpacking.unpack(self.archive, self.folder)
    self.assertEqual(list(self.files()), ["in/folder/good"])

  def test_damage(self):
    self.write(_file("a", bytes(range(256)) * 4))
    data = bytearray(self.archive.read_bytes())
    cases = {
      "cut": data[:-20],
      "no gzip": b"<html>Not found</html>",
      "empty": b"",
      "no tar": gzip.compress(b"no tar" * 200),
      "checksum": data[:-8] + bytes([data[-8] ^ 1]) + data[-7:],
      "number": gzip.compress(_with_bad_number()),
    }
    for name, damaged in cases.items():
      with self.subTest(name):
        self.archive.write_bytes(damaged)
        folder = self.folder / name
        folder.mkdir()
        with self.assertRaisesRegex(
          unpacking.ArchiveError, "a.tar.gz is damaged or no .tar.gz"
        ):
          unpacking.unpack(self.archive, folder)


if __name__ == "__main__":
  absltest.main()
