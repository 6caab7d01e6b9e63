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

"""Tests of the folder of an exported model."""

import os
import shutil

import pytest

from deeplab_ssl.prediction import export_folder

_FORMATS = list(export_folder.Format)


def _files(folder):
  """What all files hold, by their paths in the folder."""
  return {
    str(path.relative_to(folder)): path.read_text()
    for path in folder.rglob("*")
    if path.is_file()
  }


def _export(folder, export_format, text):
  with export_folder.replacing(folder, export_format) as partial:
    (partial / "variables").mkdir()
    (partial / "variables/data").write_text(text)
    (partial / "dataset.yaml").write_text(text)
    (partial / export_format.value).write_text(text)


@pytest.mark.parametrize("export_format", _FORMATS)
def test_an_export_replaces_an_earlier_one_and_nothing_else(
  export_format, tmp_path
):
  folder = tmp_path / "above" / "export"
  _export(folder, export_format, "old")
  (folder / "notes.txt").write_text("mine")
  (folder / "variables/mine").write_text("mine")
  _export(folder, export_format, "new")
  assert _files(folder) == {
    "notes.txt": "mine",
    "variables/mine": "mine",
    "variables/data": "new",
    "dataset.yaml": "new",
    export_format.value: "new",
  }
  assert not (folder / export_folder.PARTIAL).exists()
  assert export_folder.formats_in(folder) == [export_format]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("export_format", _FORMATS)
def test_what_fails_leaves_the_earlier_model(export_format, error, tmp_path):
  def fail():
    with export_folder.replacing(tmp_path, export_format) as partial:
      (partial / export_format.value).write_text("half")
      raise error("stop")

  with pytest.raises(error, match="stop"):
    fail()
  assert not list(tmp_path.iterdir())
  _export(tmp_path, export_format, "old")
  before = _files(tmp_path)
  with pytest.raises(error, match="stop"):
    fail()
  assert _files(tmp_path) == before


@pytest.mark.parametrize("export_format", _FORMATS)
def test_files_are_moved_to_a_folder_that_passes_for_no_model(
  export_format, tmp_path, monkeypatch
):
  _export(tmp_path, export_format, "old")
  moved = []
  replace = os.replace

  def watch(source, target):
    moved.append(target.name)
    assert not export_folder.formats_in(tmp_path)
    replace(source, target)

  monkeypatch.setattr(
    export_folder.pathlib.Path, "replace", lambda *paths: watch(*paths)
  )
  _export(tmp_path, export_format, "new")
  assert moved == ["dataset.yaml", "data", export_format.value]


@pytest.mark.parametrize("name", ["variables", "dataset.yaml"])
def test_what_lies_in_the_way_is_told_and_the_model_kept(name, tmp_path):
  _export(tmp_path, export_folder.Format.ONNX, "old")
  path = tmp_path / name
  if path.is_dir():
    shutil.rmtree(path)
    path.write_text("mine")
    message = f"{name} is a file, and the export needs a folder"
  else:
    path.unlink()
    path.mkdir()
    message = f"{name} is a folder, and the export needs a file"
  before = _files(tmp_path)
  with pytest.raises(ValueError, match=message):
    _export(tmp_path, export_folder.Format.ONNX, "new")
  assert _files(tmp_path) == before


def test_what_a_killed_export_left_is_no_part_of_the_next(tmp_path):
  left = tmp_path / export_folder.PARTIAL
  left.mkdir()
  (left / "variables").write_text("left")
  _export(tmp_path, export_folder.Format.ONNX, "new")
  assert not left.exists()
  assert (tmp_path / "variables/data").read_text() == "new"


@pytest.mark.parametrize("there", _FORMATS)
@pytest.mark.parametrize("wanted", _FORMATS)
def test_a_folder_takes_a_model_of_one_format(there, wanted, tmp_path):
  export_folder.check(tmp_path, wanted)
  _export(tmp_path, there, "old")
  if there is wanted:
    export_folder.check(tmp_path, wanted)
    return
  with pytest.raises(ValueError, match=f"holds {there.label}, {there.value}"):
    export_folder.check(tmp_path, wanted)
  with pytest.raises(ValueError, match=f"Export {wanted.label} into a folder"):
    _export(tmp_path, wanted, "new")


def test_what_is_no_local_folder_is_refused(tmp_path):
  (tmp_path / "file").write_text("mine")
  for path, message in (
    (tmp_path / "file", "is no folder"),
    ("gs://bucket/export", "is an address"),
  ):
    with pytest.raises(ValueError, match=message):
      _export(path, export_folder.Format.SAVED_MODEL, "new")
  assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("export_format", _FORMATS)
def test_the_facts_of_records_and_runs_are_not_replaced(
  export_format, tmp_path
):
  facts = tmp_path / "dataset.yaml"
  facts.write_text("of the records")
  with pytest.raises(ValueError, match=f"{facts} is of records or of a run"):
    _export(tmp_path, export_format, "new")
  assert _files(tmp_path) == {"dataset.yaml": "of the records"}
  # A killed export has left it.
  (tmp_path / export_folder.PARTIAL).mkdir()
  _export(tmp_path, export_format, "new")
  assert facts.read_text() == "new"
