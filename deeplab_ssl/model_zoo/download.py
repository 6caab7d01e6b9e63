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

"""From a name of the zoo to a checked checkpoint in a folder."""

import dataclasses
import hashlib
import json
import os
import pathlib
import re
import tempfile

import yaml

from deeplab_ssl.model_zoo import entries
from deeplab_ssl.model_zoo import transfer
from deeplab_ssl.model_zoo import unpacking

RECORD_FILE = "download.json"


class DownloadError(OSError):
  """A download that is not usable; the message says what to do."""


@dataclasses.dataclass(frozen=True)
class Download:
  """A checkpoint that is there.

  Attributes:
    entry: what it is.
    folder: where it is.
    prefix: its prefix, "FOLDER/model.ckpt".
    sha256: checksum of the archive that it came from.
  """

  entry: entries.Entry
  folder: pathlib.Path
  prefix: str
  sha256: str

  @property
  def overrides(self) -> str:
    """What `--params_override` of a training with it says."""
    values = {"backbone": self.entry.backbone, **self.entry.options}
    texts = [
      f"task.model.{key}={_yaml(value)}" for key, value in values.items()
    ]
    texts.append(f"task.init_checkpoint_modules={self.entry.modules}")
    texts.append(f"task.init_checkpoint={self.prefix}")
    return ",".join(texts)


def _yaml(value):
  """Writes a value on one line without blanks."""
  text = yaml.safe_dump(value, default_flow_style=True, width=1000)
  return text.removesuffix("...\n").strip().replace(" ", "")


def download(
  entry: entries.Entry,
  folder: str | os.PathLike,
  *,
  url_base: str = "",
  sha256: str = "",
) -> Download:
  """Fetches a checkpoint of the zoo, unless it is there already.

  The folder appears under its name only when the archive is complete, passes
  its own checksum, and every tensor of the checkpoint has been read.

  Args:
    entry: a checkpoint of the zoo.
    folder: what will hold `model.ckpt*` (or as the archive calls it) and
      `download.json`, which records the address, the size and the SHA-256.
    url_base: address of a mirror's folder; "" takes the zoo's.
    sha256: the checksum that the archive must have; "" takes any.

  Returns:
    The `Download`.

  Raises:
    ValueError: if `sha256` is no SHA-256.
    DownloadError: if there is something else in the folder or the archive is
      not right.
    transfer.TransferError: if it cannot be fetched.
  """
  folder = pathlib.Path(folder)
  sha256 = sha256.lower()
  if sha256 and not re.fullmatch(r"[0-9a-f]{64}", sha256):
    raise ValueError(
      f"`sha256` must be 64 hexadecimal digits. Received: {sha256!r}."
    )
  if folder.exists():
    return _present(entry, folder, sha256)
  folder.parent.mkdir(parents=True, exist_ok=True)
  archive = folder.parent / entry.archive
  url = entry.url(url_base)
  if not os.path.lexists(archive):
    transfer.fetch(url, archive)
  elif archive.is_symlink() or not archive.is_file():
    raise DownloadError(
      f"{archive} is in the way: it is a link or no file. Remove it and try "
      "again."
    )
  digest = _sha256(archive)
  try:
    if sha256 and digest != sha256:
      raise DownloadError(
        f"{url} has the SHA-256 {digest}, {sha256} was demanded."
      )
    _install(entry, archive, folder, {"url": url, "sha256": digest})
  except Exception as error:
    if isinstance(error, OSError) and not isinstance(error, DownloadError):
      raise  # Of the disk: the archive may be right.
    # Another attempt must not meet the same bytes.
    archive.unlink()
    raise DownloadError(
      f"{error} The archive was removed; try again, or another --url_base."
    ) from error
  archive.unlink()
  return _present(entry, folder, sha256)


def _present(entry, folder, sha256):
  """The download that a folder holds."""
  path = folder / RECORD_FILE
  if not path.is_file():
    raise DownloadError(
      f"{folder} exists and was not written by this command (it has no "
      f"{RECORD_FILE}). Remove it or give another --output_dir."
    )
  try:
    record = json.loads(path.read_text(encoding="utf-8"))
    name, digest, checkpoint = (
      str(record[key]) for key in ("name", "sha256", "checkpoint")
    )
  except (ValueError, TypeError, KeyError) as error:
    raise DownloadError(
      f"{path} is not as this command writes it ({error!r}). Remove {folder} "
      "and try again."
    ) from error
  if name != entry.name:
    raise DownloadError(
      f"{folder} holds {name}, not {entry.name}. Give another --output_dir."
    )
  if sha256 and digest != sha256:
    raise DownloadError(
      f"{folder} came from an archive with the SHA-256 {digest}, "
      f"{sha256} was demanded. Remove it and try again."
    )
  return Download(entry, folder, str(folder / checkpoint), digest)


def _sha256(path):
  with path.open("rb") as file:
    return hashlib.file_digest(file, "sha256").hexdigest()


def _install(entry, archive, folder, record):
  """Unpacks and checks beside the folder, then renames."""
  with tempfile.TemporaryDirectory(
    dir=folder.parent, prefix=f".{folder.name}."
  ) as work:
    content = pathlib.Path(work, "content")
    content.mkdir()
    unpacking.unpack(archive, content)
    prefix = _prefix(content, archive)
    _check_tensors(prefix, entry)
    record |= {
      "name": entry.name,
      "bytes": archive.stat().st_size,
      "checkpoint": prefix.name,
    }
    text = json.dumps(record, indent=2) + "\n"
    (prefix.parent / RECORD_FILE).write_text(text, encoding="utf-8")
    # Not the folder that the archive has on top: the name asked for.
    os.replace(prefix.parent, folder)


def _prefix(content, archive):
  found = sorted(content.rglob("*.index"))
  if len(found) != 1:
    names = [str(path.relative_to(content)) for path in found]
    raise DownloadError(
      f"{archive} must hold one TensorFlow checkpoint (one .index). It holds "
      f"{', '.join(names) or 'none'}."
    )
  return found[0].with_suffix("")


def _check_tensors(prefix, entry):
  """Reads every tensor: TensorFlow compares each with its checksum."""
  import tensorflow as tf

  try:
    reader = tf.train.load_checkpoint(str(prefix))
    names = reader.get_variable_to_shape_map()
    for name in names:
      reader.get_tensor(name)
  except (tf.errors.OpError, ValueError, RuntimeError) as error:
    raise DownloadError(
      f"{prefix.name} in {entry.archive} is no checkpoint that can be read: "
      f"{error}"
    ) from error
  if not any(name.startswith(f"{entry.scope}/") for name in names):
    raise DownloadError(
      f"{prefix.name} in {entry.archive} is no {entry.backbone}: none of its "
      f"{len(names)} variables begins with {entry.scope}/."
    )
