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

"""Unpacking an archive from elsewhere without trusting it."""

import errno
import gzip
import os
import pathlib
import shutil
import tarfile
import zlib

# The archives of the zoo hold less than 1 GB.
_LARGEST_BYTES = 4 << 30
_DRAIN_BYTES = 1 << 20
# What a file system says of a name that it cannot have.
_BAD_NAME = (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ)


class ArchiveError(ValueError):
  """An archive that is damaged or holds what no checkpoint holds."""


def unpack(
  archive: str | os.PathLike,
  folder: str | os.PathLike,
  max_bytes: int = _LARGEST_BYTES,
) -> None:
  """Unpacks the files of a `.tar.gz` into a folder.

  Only files and folders are taken, and each file is created anew below the
  folder; permissions and owners are not. The resource forks that macOS adds
  (`._NAME`) are left out. The checksum of the gzip is checked to the end.

  Args:
    archive: the file.
    folder: an existing, empty folder.
    max_bytes: how large the files may be together.

  Raises:
    ArchiveError: if the archive is damaged, or a member is a link, a device or
      has a path that is absolute or leaves the folder; the folder then holds
      what came before it.
  """
  folder = pathlib.Path(folder)
  try:
    with gzip.open(archive) as stream:
      with tarfile.open(fileobj=stream, mode="r|") as members:
        total = 0
        for member in members:
          total += member.size
          if total > max_bytes:
            raise ArchiveError(
              f"{archive} holds more than {max_bytes} bytes; no archive of the "
              "zoo does."
            )
          _take(members, member, folder, archive)
      # tarfile stops before the end of the stream, where its checksum is.
      while stream.read(_DRAIN_BYTES):
        pass
  except ArchiveError:
    raise
  # tarfile lets a ValueError through for numbers that it cannot read.
  except (
    EOFError,
    ValueError,
    zlib.error,
    gzip.BadGzipFile,
    tarfile.TarError,
  ) as error:
    raise ArchiveError(
      f"{archive} is damaged or no .tar.gz: {error}"
    ) from error


def _take(members, member, folder, archive):
  path = pathlib.PurePosixPath(member.name)
  if not (member.isfile() or member.isdir()):
    raise ArchiveError(
      f"{archive} holds {member.name!r}, which is no file and no folder (a "
      "link or a device). Nothing of it is used."
    )
  if (
    path.is_absolute()
    or ".." in path.parts
    or "\\" in member.name
    or pathlib.PureWindowsPath(member.name).drive
  ):
    raise ArchiveError(
      f"{archive} holds the path {member.name!r}, which leaves the folder. "
      "Nothing of it is used."
    )
  if "\0" in member.name:
    raise ArchiveError(
      f"{archive} holds {member.name!r}, which can name no file. Nothing of it "
      "is used."
    )
  if path.name.startswith("._"):
    return
  target = folder / path
  try:
    if member.isdir():
      target.mkdir(parents=True, exist_ok=True)
      return
    target.parent.mkdir(parents=True, exist_ok=True)
    with members.extractfile(member) as source, target.open("xb") as file:
      shutil.copyfileobj(source, file)
  except (FileExistsError, NotADirectoryError) as error:
    raise ArchiveError(f"{archive} holds {member.name!r} twice.") from error
  except OSError as error:
    if error.errno not in _BAD_NAME:
      raise  # Of the disk, not of the archive.
    raise ArchiveError(
      f"{archive} holds {member.name[:100]!r}, a name that no file can have "
      f"({os.strerror(error.errno)}). Nothing of it is used."
    ) from error
