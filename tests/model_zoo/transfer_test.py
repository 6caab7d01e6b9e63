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

"""Tests of fetching over HTTP, against a server that fails."""

import os

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from deeplab_ssl.model_zoo import transfer
from tests import input_testing
from tests.model_zoo import flaky_server

DATA = np.random.default_rng(0).bytes(300_000)


class TransferTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    self.path = input_testing.temp_dir(self) / "a.tar.gz"
    self.partial = self.path.with_name("a.tar.gz.partial")
    self.server = self.enterContext(flaky_server.FlakyServer({"/a": DATA}))
    self.waits = []

  def fetch(self, path="/a"):
    transfer.fetch(
      self.server.url + path, self.path, attempts=3, wait=self.waits.append
    )

  def assert_fetched(self, data=DATA):
    self.assertEqual(self.path.read_bytes(), data)
    self.assertLen(list(self.path.parent.iterdir()), 1)

  @parameterized.product(etag=("", '"1"'), length=(True, False))
  def test_whole(self, etag, length):
    self.server.etag, self.server.length = etag, length
    self.fetch()
    self.assert_fetched()
    self.assertEqual(self.server.seen, [""])

  @parameterized.parameters("", '"1"')
  def test_a_cut_connection_is_resumed(self, etag):
    self.server.etag = etag
    self.server.cuts = [100_000, 50_000]
    self.fetch()
    self.assert_fetched()
    self.assertEqual(self.server.seen, ["", "bytes=100000-", "bytes=150000-"])

  def test_progress_resets_the_count_of_failures(self):
    self.server.cuts = [1000] * 20
    self.fetch()
    self.assert_fetched()
    self.assertEqual(set(self.waits), {1.0})

  def test_another_call_goes_on(self):
    self.server.cuts = [100_000, 0, 0]
    with self.assertRaisesRegex(
      transfer.TransferError,
      "after 100000 of 300000 bytes, 3 times in a row. 100000 bytes are kept",
    ):
      self.fetch()
    self.assertFalse(self.path.exists())
    self.assertEqual(self.waits, [1.0, 2.0])
    self.fetch()
    self.assert_fetched()
    self.assertEqual(self.server.seen[-1], "bytes=100000-")

  def test_a_server_without_range_starts_again(self):
    self.server.ranges = False
    self.server.cuts = [100_000]
    self.fetch()
    self.assert_fetched()
    self.assertEqual(self.server.seen[-1], "bytes=100000-")

  def test_a_file_that_changed_is_not_mixed(self):
    self.server.etag = '"1"'
    self.server.cuts = [100_000, 0, 0]
    with self.assertRaises(transfer.TransferError):
      self.fetch()
    self.server.files["/a"], self.server.etag = DATA[::-1], '"2"'
    self.fetch()
    self.assert_fetched(DATA[::-1])

  def test_complete_partial_file(self):
    self.partial.write_bytes(DATA)
    self.fetch()
    self.assert_fetched()

  def test_partial_file_longer_than_the_file(self):
    self.partial.write_bytes(DATA + b"more")
    self.fetch()
    self.assert_fetched()

  def test_wrong_length(self):
    self.server.ranges, self.server.extra_length = False, 5
    with self.assertRaisesRegex(
      transfer.TransferError, "300000 of 300005 bytes, 3 times in a row"
    ):
      self.fetch()
    self.assertFalse(self.path.exists())

  def test_missing_file(self):
    with self.assertRaisesRegex(
      transfer.TransferError, r"/b: the server answers 404 .*--url_base"
    ):
      self.fetch("/b")
    self.assertEmpty(list(self.path.parent.iterdir()))
    self.assertLen(self.server.seen, 1)

  def test_a_busy_server_is_asked_again(self):
    self.server.statuses = [503, 429]
    self.fetch()
    self.assert_fetched()
    self.server.statuses = [500] * 3
    with self.assertRaisesRegex(
      transfer.TransferError, "the server answers 500, 3 times in a row"
    ):
      self.fetch()

  def test_no_server(self):
    with self.assertRaisesRegex(transfer.TransferError, "no connection.*refu"):
      transfer.fetch(
        "http://127.0.0.1:9/a", self.path, attempts=1, wait=self.waits.append
      )

  @parameterized.parameters("partial", "validator")
  def test_a_link_that_waits_for_the_bytes_is_refused(self, ending):
    mine = self.path.with_name("mine")
    mine.write_bytes(b"precious")
    self.path.with_name(f"a.tar.gz.{ending}").symlink_to(mine)
    with self.assertRaisesRegex(
      transfer.TransferError, f"{ending} is in the way: it is a link"
    ):
      self.fetch()
    self.assertEqual(mine.read_bytes(), b"precious")
    self.assertEmpty(self.server.seen)

  def test_a_pipe_that_waits_for_the_bytes_is_refused(self):
    os.mkfifo(self.partial)
    with self.assertRaisesRegex(transfer.TransferError, "in the way"):
      self.fetch()

  @parameterized.parameters("file:///etc/passwd", "ftp://a/b", "a/b")
  def test_other_schemes(self, url):
    with self.assertRaisesRegex(transfer.TransferError, "begin with http"):
      transfer.fetch(url, self.path)


if __name__ == "__main__":
  absltest.main()
