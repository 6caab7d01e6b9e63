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

"""Fetching one file over HTTP, going on where an earlier attempt ended."""

from collections.abc import Callable
import contextlib
import http.client
import os
import pathlib
import re
import time
import urllib.error
import urllib.request

import tqdm

_ATTEMPTS = 5
_TIMEOUT_SECONDS = 60
_CHUNK = 1 << 18
_NETWORK_ERRORS = (OSError, http.client.HTTPException)


class TransferError(OSError):
  """A file that cannot be fetched; the message says what to do."""


class _InterruptedError(Exception):
  """The connection ended early; what arrived is kept."""


def fetch(
  url: str,
  path: str | os.PathLike,
  *,
  attempts: int = _ATTEMPTS,
  wait: Callable[[float], None] = time.sleep,
) -> None:
  """Fetches a file; what an earlier, interrupted call has fetched is kept.

  The bytes gather in `PATH.partial`, which is renamed when as many are there as
  the server has announced. A server that ignores `Range`, or whose file has
  changed since, sends everything again.

  Args:
    url: the address, http or https.
    path: the file to write.
    attempts: how many connections without a new byte are tried.
    wait: sleeps for a number of seconds between them.

  Raises:
    TransferError: if the server refuses, or the connection keeps failing; a
      later call goes on. Also if something else lies where the bytes gather.
    OSError: if the file cannot be written.
  """
  if not re.match(r"https?://", url):
    raise TransferError(f"{url} must begin with http:// or https://.")
  partial = _Partial(pathlib.Path(path))
  failures, furthest = 0, partial.size
  while True:
    try:
      _fetch_once(url, partial)
      break
    except _InterruptedError as error:
      failures = 1 if partial.size > furthest else failures + 1
      furthest = max(furthest, partial.size)
      if failures >= attempts:
        raise TransferError(
          f"{url}: {error}, {attempts} times in a row. {partial.size} bytes "
          f"are kept in {partial.path}; the same command goes on from there."
        ) from error
      wait(2.0 ** (failures - 1))
  partial.complete()


class _Partial:
  """The bytes so far, and which version of the remote file they are of."""

  def __init__(self, path):
    self._target = path
    self.path = path.with_name(path.name + ".partial")
    self._validator_path = path.with_name(path.name + ".validator")
    for own in (self.path, self._validator_path):
      # Bytes that are added to a link end up in the file of somebody else.
      if own.is_symlink() or (own.exists() and not own.is_file()):
        raise TransferError(
          f"{own} is in the way: it is a link or no file. Remove it and try "
          "again."
        )

  @property
  def size(self):
    return self.path.stat().st_size if self.path.exists() else 0

  @property
  def validator(self):
    if self._validator_path.exists():
      return self._validator_path.read_text(encoding="latin-1")
    return ""

  def restart(self, validator):
    for path, data in (
      (self.path, b""),
      (self._validator_path, validator.encode("latin-1", "replace")),
    ):
      path.unlink(missing_ok=True)
      with path.open("xb") as file:  # Through no link that came meanwhile.
        file.write(data)

  def complete(self):
    os.replace(self.path, self._target)
    self._validator_path.unlink(missing_ok=True)


def _fetch_once(url, partial):
  """Reads one response to its end; an _InterruptedError if it ends early."""
  headers = {"Accept-Encoding": "identity"}
  offset = partial.size
  if offset:
    headers["Range"] = f"bytes={offset}-"
    if partial.validator:
      headers["If-Range"] = partial.validator
  response = _open(urllib.request.Request(url, headers=headers), partial)
  if response is None:
    return
  with contextlib.closing(response):
    total = _length(response)
    resumed = response.status == 206
    if resumed:
      start, total = _content_range(response, url)
      if start != offset:
        raise TransferError(
          f"{url}: asked for the bytes from {offset}, the server sent those "
          f"from {start}. Remove {partial.path} and try again."
        )
    else:
      partial.restart(_validator(response))
    _append(response, partial, total, url)


def _open(request, partial):
  """Returns the response, or None if all bytes are there already."""
  try:
    return urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS)
  except urllib.error.HTTPError as error:
    with contextlib.closing(error):
      if error.code == 416 and partial.size:
        # Nothing follows what is there: it is complete, or of another file.
        if error.headers.get("Content-Range") == f"bytes */{partial.size}":
          return None
        partial.restart("")
        raise _InterruptedError("the server has another file by now") from error
      if error.code >= 500 or error.code == 429:
        raise _InterruptedError(f"the server answers {error.code}") from error
    raise TransferError(
      f"{request.full_url}: the server answers {error.code} ({error.reason}). "
      "Give the address of a mirror with --url_base."
    ) from error
  except http.client.InvalidURL as error:
    raise TransferError(f"{request.full_url}: {error}.") from error
  except _NETWORK_ERRORS as error:
    reason = getattr(error, "reason", None) or error
    raise _InterruptedError(f"no connection ({reason})") from error


def _length(response):
  length = response.headers.get("Content-Length")
  return int(length) if length and length.isdigit() else None


def _content_range(response, url):
  """Returns (first byte, size of the file, None if unknown) of a part."""
  value = response.headers.get("Content-Range", "")
  match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", value.strip())
  if not match:
    raise TransferError(f"{url}: the server sent the part {value!r}.")
  return int(match[1]), None if match[2] == "*" else int(match[2])


def _validator(response):
  """What tells this version of the file; a weak ETag does not tell bytes."""
  tag = response.headers.get("ETag", "")
  if tag and not tag.startswith("W/"):
    return tag
  return response.headers.get("Last-Modified", "")


def _append(response, partial, total, url):
  with (
    partial.path.open("ab") as file,
    tqdm.tqdm(
      total=total,
      initial=file.tell(),
      desc=url.rsplit("/", 1)[-1],
      unit="B",
      unit_scale=True,
      unit_divisor=1024,
    ) as bar,
  ):
    while True:
      try:
        chunk = response.read(_CHUNK)
      except _NETWORK_ERRORS as error:
        raise _InterruptedError(f"the connection broke ({error})") from error
      if not chunk:
        break
      file.write(chunk)
      bar.update(len(chunk))
  size = partial.size
  if total is not None and size < total:
    raise _InterruptedError(
      f"the connection ended after {size} of {total} bytes"
    )
  if total is not None and size > total:
    partial.restart("")
    raise _InterruptedError(f"{size} bytes came instead of {total}")
