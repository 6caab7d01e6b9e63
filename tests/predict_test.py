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

"""Tests of the command predict."""

import os

import numpy as np
from PIL import Image
import pytest

from deeplab_ssl.input import dataset_info
from deeplab_ssl.prediction import serving
from tests import commands
from tests import models


def _run(folder, *args):
  return commands.run("-m", "deeplab_ssl.predict", *args, folder=folder)


def _picture(path):
  Image.fromarray(np.full([8, 6, 3], 255, np.uint8)).save(path)
  return path


def test_the_command_ends_with_the_failures(tmp_path):
  export_dir = tmp_path / "export"
  serving.ServingModule(models.Blocks()).save(export_dir)
  (tmp_path / "cut.png").write_bytes(b"no image")
  command = [
    *("-m", "deeplab_ssl.predict"),
    f"--model={export_dir}",
    f"--output_dir={tmp_path / 'out'}",
    f"--dataset={tmp_path / 'three.yaml'}",
    str(_picture(tmp_path / "a.png")),
    str(tmp_path / "cut.png"),
  ]
  classes = dataset_info.DatasetInfo("three", tuple("abc"))
  dataset_info.save_dataset_info(classes, tmp_path / "three.yaml")
  done = commands.run(*command, folder=tmp_path)
  assert done.returncode == 1
  assert "Wrote masks of 1 of 2 images" in done.stdout
  assert "cut.png: is no image of a known format" in done.stderr
  assert (tmp_path / "out" / "overlays" / "a.png").is_file()


def test_strange_files_are_named_and_the_others_predicted(tmp_path):
  serving.ServingModule(models.Blocks()).save(tmp_path / "export")
  classes = dataset_info.DatasetInfo("three", tuple("abc"))
  dataset_info.save_dataset_info(classes, tmp_path / "export")
  folder = tmp_path / "in"
  folder.mkdir()
  _picture(folder / os.fsdecode(b"caf\xe9.png"))
  exif = Image.Exif()
  exif[0x0112] = 6
  Image.new("RGB", (6, 8)).save(folder / "phone.jpg", exif=exif)
  Image.new("CMYK", (6, 8)).save(folder / "print.jpg")
  os.mkfifo(folder / "pipe.jpg")
  (folder / os.fsdecode(b"cut\xe9.png")).write_bytes(b"\x89PNG\r\n\x1a\n")
  done = _run(tmp_path, "--model=export", "--output_dir=out", "in")
  assert done.returncode == 1
  assert "Wrote masks of 2 of 5 images" in done.stdout
  assert "Viewers turn 1 of the images" in done.stdout
  assert "such as in/phone.jpg" in done.stdout
  assert "in/print.jpg: is a JPEG of 4 channels" in done.stderr
  assert "in/pipe.jpg: is a named pipe, not a file" in done.stderr
  assert r"in/cut\udce9.png: is a PNG that is cut short" in done.stderr
  assert "Traceback" not in done.stderr


def test_masks_that_are_there_are_kept_where_that_is_wanted(tmp_path):
  serving.ServingModule(models.Blocks()).save(tmp_path / "export")
  classes = dataset_info.DatasetInfo("three", tuple("abc"))
  dataset_info.save_dataset_info(classes, tmp_path / "export")
  (tmp_path / "in").mkdir()
  for name in "ab":
    _picture(tmp_path / "in" / f"{name}.png")
  (tmp_path / "in" / "notes.txt").touch()
  args = ("--model=export", "--output_dir=out", "--nooverlays", "in")

  first = _run(tmp_path, *args)
  assert first.returncode == 0, first.stderr
  assert "not taken for images: 1 with .txt" in first.stdout
  assert "Wrote masks of 2 of 2 images to out\n" in first.stdout
  assert not (tmp_path / "out" / "overlays").exists()

  (tmp_path / "out" / "masks" / "a.png").unlink()
  again = _run(tmp_path, *args, "--existing=skip")
  assert "Wrote masks of 1 of 2 images to out; 1 had one\n" in again.stdout
  refused = _run(tmp_path, *args)
  assert refused.returncode == 1
  assert "--existing=overwrite" in refused.stderr


@pytest.mark.parametrize(
  "args, message",
  [
    (["a.png"], "--model must have a value"),
    (["--model=m", "a.png"], "--output_dir must have a value"),
    (["--model=m", "--output_dir=o"], "Give images or folders of images"),
    (["--model=m", "--output_dir=o", "a.png"], "a.png does not exist"),
    (["--model=m", "--output_dir=o", "there.png"], "m is no exported model"),
    (["--model=m", "--output_dir=o", "--existing=keep", "a"], "<refuse|skip|"),
  ],
)
def test_wrong_arguments_are_told(args, message, tmp_path):
  _picture(tmp_path / "there.png")
  result = _run(tmp_path, *args)
  assert result.returncode == 1
  assert message in result.stderr
  assert "Traceback" not in result.stderr
