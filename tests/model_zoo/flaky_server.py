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

"""An HTTP server on this machine that fails in the ways that servers do."""

import http.server
import re
import threading


class FlakyServer:
  """Serves the bytes `files[path]` while it is entered.

  Attributes:
    url: its address.
    ranges: whether it knows `Range`.
    etag: sent with every answer unless empty.
    cuts: for the next answers, after how many bytes the connection is cut.
    statuses: status codes of the next answers, instead of the file.
    extra_length: added to the Content-Length of every answer.
    length: whether the length is told at all.
    seen: `Range` header of each request, "" without one.
  """

  def __init__(self, files):
    self.files = files
    self.ranges, self.etag, self.length = True, "", True
    self.cuts, self.statuses, self.seen = [], [], []
    self.extra_length = 0
    self._server = http.server.ThreadingHTTPServer(
      ("127.0.0.1", 0), self._handler()
    )
    self.url = f"http://127.0.0.1:{self._server.server_port}"

  def __enter__(self):
    self._thread = threading.Thread(
      target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
    )
    self._thread.start()
    return self

  def __exit__(self, *unused):
    self._server.shutdown()
    self._thread.join()
    self._server.server_close()

  def _handler(self):
    outer = self

    class Handler(http.server.BaseHTTPRequestHandler):
      def log_message(self, *unused):
        pass

      def do_GET(self):  # noqa: N802
        outer._answer(self)

    return Handler

  def _answer(self, handler):
    asked = handler.headers.get("Range", "")
    self.seen.append(asked)
    data = self.files.get(handler.path)
    if self.statuses or data is None:
      handler.send_error(self.statuses.pop(0) if self.statuses else 404)
      return
    start, status = 0, 200
    wanted = handler.headers.get("If-Range", self.etag)
    if self.ranges and asked and wanted == self.etag:
      start, status = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]), 206
    if start >= len(data) > 0:
      handler.send_response(416)
      handler.send_header("Content-Range", f"bytes */{len(data)}")
      handler.send_header("Content-Length", "0")
      handler.end_headers()
      return
    handler.send_response(status)
    if status == 206:
      handler.send_header(
        "Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}"
      )
    if self.etag:
      handler.send_header("ETag", self.etag)
    if self.length:
      length = len(data) - start + self.extra_length
      handler.send_header("Content-Length", str(length))
    handler.end_headers()
    cut = self.cuts.pop(0) if self.cuts else None
    handler.wfile.write(data[start:][:cut])
