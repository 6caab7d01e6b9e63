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

"""The folder of an exported model: of one format, and never half of it."""

from collections.abc import Iterator
import contextlib
import enum
import os
import pathlib
import shutil

from deeplab_ssl.common import atomic_files
from deeplab_ssl.input import dataset_info

# Where an export is written before it is whole.
PARTIAL = "export" + atomic_files.PARTIAL_ENDING
# What the quantisation of a TFLite model costs, beside the model.
QUANTIZATION_FILE = "quantization.json"


class Format(enum.Enum):
  """What a model can be exported as; the value is the file that makes it one.

  A folder is a model of a format exactly if it holds this file.
  """

  SAVED_MODEL = "saved_model.pb"
  TFLITE = "model.tflite"
  ONNX = "model.onnx"

  @property
  def label(self) -> str:
    """How messages call a model of the format."""
    return {
      Format.SAVED_MODEL: "a SavedModel",
      Format.TFLITE: "a TFLite model",
      Format.ONNX: "an ONNX model",
    }[self]


def formats_in(folder: str | os.PathLike) -> list[Format]:
  """Returns the formats of which a folder holds a model."""
  return [f for f in Format if pathlib.Path(folder, f.value).is_file()]


def check(folder: str | os.PathLike, export_format: Format) -> None:
  """Fails if a model cannot be exported into a folder.

  Args:
    folder: the folder; it need not exist.
    export_format: what will be written.

  Raises:
    ValueError: if it is an address or no folder, holds a model of another
      format (`exported_model.load` would not know which is meant), or is that
      of records or of a run.
  """
  if not atomic_files.is_local(folder):
    raise ValueError(
      f"{folder} is an address. Export into a local folder and copy it there."
    )
  path = pathlib.Path(folder)
  if path.exists() and not path.is_dir():
    raise ValueError(f"{folder} is no folder. Give another for the export.")
  for other in formats_in(folder):
    if other is not export_format:
      raise ValueError(
        f"{folder} holds {other.label}, {other.value}. Export "
        f"{export_format.label} into a folder of its own."
      )
  facts = path / dataset_info.DATASET_FILE
  # An export that was killed may have left such a file, too.
  is_export = formats_in(folder) or (path / PARTIAL).exists()
  if facts.exists() and not is_export:
    raise ValueError(
      f"{facts} is of records or of a run, and the export would replace it. "
      "Export into a folder of its own."
    )


@contextlib.contextmanager
def replacing(
  folder: str | os.PathLike, export_format: Format
) -> Iterator[pathlib.Path]:
  """Lets an export be written, and takes it into its folder once it is whole.

  If writing fails, the folder keeps the model that it had. Otherwise the files
  of the export take the place of it and of the figures of its quantisation;
  what else lies there stays. At no moment does the folder hold a part of a
  model that passes for one.

  Args:
    folder: for the export, made if it does not exist.
    export_format: what is written.

  Yields:
    An empty folder for the files of the export.

  Raises:
    ValueError: as `check` does, or if a file lies where the export has a folder
      or the other way round.
  """
  check(folder, export_format)
  folder = pathlib.Path(folder)
  partial = folder / PARTIAL
  # What a process left that was killed.
  shutil.rmtree(partial, ignore_errors=True)
  partial.mkdir(parents=True)
  try:
    yield partial
    _move_into(folder, partial, export_format.value)
  finally:
    shutil.rmtree(partial, ignore_errors=True)


def _move_into(folder, partial, model_file):
  """Moves all files, the one that makes the folder a model at the end."""
  paths = sorted(
    partial.rglob("*"), key=lambda path: (path == partial / model_file, path)
  )
  targets = {path: folder / path.relative_to(partial) for path in paths}
  for path, target in targets.items():
    if target.exists() and target.is_dir() != path.is_dir():
      kinds = ("a folder", "a file")[:: -1 if path.is_dir() else 1]
      raise ValueError(
        f"{target} is {kinds[0]}, and the export needs {kinds[1]} there. Move "
        "it away, or export into another folder."
      )
  # The figures of an earlier model would be taken for those of the new one.
  for stale in (model_file, QUANTIZATION_FILE):
    (folder / stale).unlink(missing_ok=True)
  for path, target in targets.items():
    if path.is_dir():
      target.mkdir(exist_ok=True)
    else:
      path.replace(target)
