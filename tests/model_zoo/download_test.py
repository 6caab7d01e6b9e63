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

"""Tests of fetching a checkpoint, from the server to the folder."""

import hashlib
import json
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from deeplab_ssl.model_zoo import download
from deeplab_ssl.model_zoo import entries
from deeplab_ssl.model_zoo import transfer
from deeplab_ssl.model_zoo import unpacking
from deeplab_ssl.modeling import slim_checkpoint
from deeplab_ssl.training import parsing
from tests import input_testing
from tests.model_zoo import archives
from tests.model_zoo import flaky_server

NAME = "mobilenetv2_dm05_coco_voc_trainaug"
ENTRY = entries.find(NAME)


def _flip(files):
  name = "model.ckpt-30000.data-00000-of-00001"
  files[name] = files[name][:100] + b"\xff" + files[name][101:]


def _drop_data(files):
  del files["model.ckpt-30000.data-00000-of-00001"]


def _drop_index(files):
  del files["model.ckpt-30000.index"]


def _second(files):
  files["other.index"] = files["model.ckpt-30000.index"]


class DownloadTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    self.root = input_testing.temp_dir(self)
    self.folder = self.root / "checkpoints" / NAME
    self.server = self.enterContext(flaky_server.FlakyServer({}))
    self.serve(archives.archive(self.root))

  def serve(self, data):
    self.data = self.server.files[f"/zoo/{ENTRY.archive}"] = data
    self.sha256 = hashlib.sha256(data).hexdigest()

  def download(self, **kwargs):
    return download.download(
      ENTRY, self.folder, url_base=f"{self.server.url}/zoo", **kwargs
    )

  def assert_nothing_left(self):
    self.assertEmpty(list(self.folder.parent.iterdir()))

  def test_folder(self):
    found = self.download()
    self.assertEqual(found.prefix, str(self.folder / "model.ckpt-30000"))
    self.assertEqual(
      slim_checkpoint.find_prefix(str(self.folder)), found.prefix
    )
    self.assertEqual(
      sorted(path.name for path in self.folder.iterdir()),
      [
        "download.json",
        "frozen_inference_graph.pb",
        "model.ckpt-30000.data-00000-of-00001",
        "model.ckpt-30000.index",
      ],
    )
    record = json.loads((self.folder / "download.json").read_text())
    self.assertEqual(
      record,
      {
        "url": f"{self.server.url}/zoo/{ENTRY.archive}",
        "sha256": self.sha256,
        "name": NAME,
        "bytes": len(self.data),
        "checkpoint": "model.ckpt-30000",
      },
    )
    self.assertEqual(list(self.folder.parent.iterdir()), [self.folder])
    # What is there is not fetched again.
    self.assertEqual(self.download(sha256=self.sha256.upper()), found)
    self.assertLen(self.server.seen, 1)

  def test_overrides_describe_the_model(self):
    params = parsing.parse_experiment(
      "deeplab_ssl", params_override=self.download().overrides
    )
    model = params.task.model
    self.assertEqual(model.backbone, "mobilenet_v2")
    self.assertEqual(model.depth_multiplier, 0.5)
    self.assertIsNone(model.atrous_rates)
    self.assertEqual(
      params.task.init_checkpoint, str(self.folder / "model.ckpt-30000")
    )

  @parameterized.parameters(*entries.ENTRIES)
  def test_overrides_of(self, entry):
    found = download.Download(entry, self.folder, "/a/model.ckpt", "")
    params = parsing.parse_experiment("deeplab_ssl", (), found.overrides)
    for key, value in entry.options.items():
      self.assertEqual(getattr(params.task.model, key), value)
    self.assertEqual(params.task.init_checkpoint_modules, entry.modules)

  def test_an_interrupted_download_goes_on(self):
    self.server.cuts = [500]
    self.assertEqual(self.download().sha256, self.sha256)
    self.assertEqual(self.server.seen, ["", "bytes=500-"])

  def test_demanded_checksum(self):
    with self.assertRaisesRegex(
      download.DownloadError, f"SHA-256 {self.sha256}, {'0' * 64} was demanded"
    ):
      self.download(sha256="0" * 64)
    self.assert_nothing_left()
    self.download(sha256=self.sha256)
    with self.assertRaisesRegex(download.DownloadError, "came from an archive"):
      self.download(sha256="0" * 64)
    with self.assertRaisesRegex(ValueError, "64 hexadecimal digits"):
      self.download(sha256="abc")

  @parameterized.parameters(
    (_flip, "is no checkpoint that can be read"),
    (_drop_data, "is no checkpoint that can be read"),
    (_drop_index, "It holds none"),
    (_second, "It holds .*other.index"),
  )
  def test_no_checkpoint(self, damage, message):
    self.serve(archives.archive(self.root, damage=damage))
    with self.assertRaisesRegex(download.DownloadError, message):
      self.download()
    self.assert_nothing_left()

  def test_another_model(self):
    self.serve(archives.archive(self.root, "xception_65/entry_flow/weights"))
    with self.assertRaisesRegex(
      download.DownloadError, "is no mobilenet_v2: none of its 1 variables"
    ):
      self.download()
    self.assert_nothing_left()

  def test_an_error_page_with_status_200(self):
    self.serve(b"<html>Log in first</html>")
    with self.assertRaisesRegex(
      download.DownloadError, "no .tar.gz.*The archive was removed"
    ):
      self.download()
    self.assert_nothing_left()

  def test_an_archive_that_holds_a_name_that_no_file_can_have(self):
    def damage(files):
      files["a" * 300] = b""

    self.serve(archives.archive(self.root, damage=damage))
    with self.assertRaisesRegex(
      download.DownloadError, "that no file can have.*The archive was removed"
    ):
      self.download()
    self.assert_nothing_left()
    self.serve(archives.archive(self.root))
    self.download()  # Does not trip over the one before.

  def test_a_full_disk_keeps_the_archive(self):
    with mock.patch.object(
      unpacking, "unpack", side_effect=OSError(28, "No space left on device")
    ):
      with self.assertRaisesRegex(OSError, "No space left"):
        self.download()
    self.download()
    self.assertLen(self.server.seen, 1)

  @parameterized.parameters("link", "folder")
  def test_what_lies_in_the_place_of_the_archive(self, kind):
    path = self.folder.parent / ENTRY.archive
    path.parent.mkdir(parents=True)
    if kind == "link":
      path.symlink_to("/dev/zero")
    else:
      path.mkdir()
    with self.assertRaisesRegex(download.DownloadError, "is in the way"):
      self.download()

  def test_missing_archive(self):
    self.server.files.clear()
    with self.assertRaisesRegex(transfer.TransferError, "404"):
      self.download()
    self.assert_nothing_left()

  def test_a_folder_of_something_else(self):
    self.folder.mkdir(parents=True)
    with self.assertRaisesRegex(download.DownloadError, "was not written by"):
      self.download()
    record = {"name": "other", "sha256": "", "checkpoint": ""}
    (self.folder / "download.json").write_text(json.dumps(record))
    with self.assertRaisesRegex(download.DownloadError, "holds other, not"):
      self.download()
    (self.folder / "download.json").write_text("[]")
    with self.assertRaisesRegex(download.DownloadError, "not as this command"):
      self.download()
    self.assertEmpty(self.server.seen)


if __name__ == "__main__":
  absltest.main()
