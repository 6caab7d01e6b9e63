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

"""Tests of the command check_data as users run it."""

import json
import os

import numpy as np
from PIL import Image
import pytest

from deeplab_ssl.input import masks
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import layouts
from tests import commands
from tests import input_testing


@pytest.fixture
def devkit(tmp_path):
  input_testing.write_devkit(tmp_path / "devkit", {"train": ["a"], "val": "bc"})
  (tmp_path / "pets.yaml").write_text(
    "name: pets\nclass_names: [background, cat, dog]\n"
  )
  return tmp_path / "devkit"


def _run(folder, *args):
  return commands.run("-m", "deeplab_ssl.check_data", *args, folder=folder)


def test_records_that_are_right(devkit, tmp_path):
  for split in ("train", "val"):
    conversion.convert_split(
      layouts.devkit_pairs(devkit, split),
      tmp_path / "records",
      split,
      input_testing.PETS,
      num_shards=1,
    )
  result = _run(
    tmp_path, "--data_dir=records", "--picture=p.png", "--output=r.json"
  )
  assert result.returncode == 0, result.stderr
  assert "Training may start." in result.stdout
  assert json.loads((tmp_path / "r.json").read_text())["ready"]
  assert Image.open(tmp_path / "p.png").size[0] > 500


@pytest.mark.parametrize(
  "args, message",
  [
    (["--data_dir=r", "--mask_dir=m"], "--mask_dir does nothing without --im"),
    (
      ["--image_dir=i", "--dataset=camvid", "--splits=val"],
      "--splits does nothing with --image_dir",
    ),
    (["--data_dir=r", "--num_pictures=2"], "--num_pictures does nothing witho"),
    (
      ["--data_dir=r", "--label_map=255:1"],
      "--label_map does nothing with --data_dir",
    ),
    (["--data_dir=camvid"], "The folder camvid does not exist"),
  ],
)
def test_wrong_arguments(args, message, tmp_path):
  result = _run(tmp_path, *args)
  assert result.returncode == 1
  assert message in result.stdout + result.stderr
  assert "Traceback" not in result.stderr


def test_the_report_comes_before_files_that_cannot_be_written(devkit, tmp_path):
  (tmp_path / "taken").write_text("")
  args = [f"--devkit_dir={devkit}", "--dataset=pets.yaml"]
  result = _run(tmp_path, *args, "--output=taken/report.json")
  assert result.returncode == 1
  assert "Training may start." in result.stdout
  assert "Error: [Errno" in result.stderr
  assert "Traceback" not in result.stderr
  result = _run(tmp_path, *args, "--output=new/r.json", "--picture=new/sheet")
  assert result.returncode == 0, result.stderr
  assert json.loads((tmp_path / "new" / "r.json").read_text())["ready"]
  assert Image.open(tmp_path / "new" / "sheet").format == "PNG"


def test_without_a_right_image_no_picture_is_drawn(devkit, tmp_path):
  (devkit / "JPEGImages" / "a.png").write_bytes(b"no image")
  result = _run(
    tmp_path,
    *(f"--devkit_dir={devkit}", "--dataset=pets.yaml", "--splits=train"),
    "--picture=p.png",
  )
  assert result.returncode == 1
  assert "p.png was not drawn: no image is right." in result.stdout
  assert not (tmp_path / "p.png").exists()


def test_two_folders_with_a_bad_mask(devkit, tmp_path):
  mask = devkit / "SegmentationClass" / "b.png"
  Image.new("RGB", (9, 9)).save(mask)
  result = _run(
    tmp_path,
    f"--image_dir={devkit / 'JPEGImages'}",
    f"--mask_dir={devkit / 'SegmentationClass'}",
    "--dataset=pets.yaml",
    "--output=r.json",
  )
  assert result.returncode == 1
  assert "Traceback" not in result.stderr
  assert f"{mask}: is a colour picture" in result.stdout
  assert "Training must not start." in result.stdout
  assert not json.loads((tmp_path / "r.json").read_text())["ready"]


def test_masks_of_0_and_255(devkit, tmp_path):
  (tmp_path / "pair.yaml").write_text(
    "name: pair\nclass_names: [background, object]\n"
  )
  for path in (devkit / "SegmentationClass").iterdir():
    label = np.array(Image.open(path)) % 2
    path.write_bytes(masks.encode_mask(255 * label))
  args = [f"--devkit_dir={devkit}", "--dataset=pair.yaml"]
  result = _run(tmp_path, *args)
  assert result.returncode == 1
  assert "train: no pixel is object" in result.stdout
  assert "--label_map=255:1" in result.stdout
  assert _run(tmp_path, *args, "--label_map=255:1").returncode == 0
  result = _run(tmp_path, *args, "--subset")
  assert "train: never shows object\n" in result.stdout
  assert result.returncode == 0


def test_a_name_in_another_encoding(devkit, tmp_path):
  for folder in (devkit / "JPEGImages", devkit / "SegmentationClass"):
    (folder / "b.png").rename(folder / os.fsdecode(b"caf\xe9.png"))
  result = _run(
    tmp_path,
    f"--image_dir={devkit / 'JPEGImages'}",
    f"--mask_dir={devkit / 'SegmentationClass'}",
    "--dataset=pets.yaml",
  )
  assert result.returncode == 1
  assert "Traceback" not in result.stderr
  assert r"caf\udce9.png: is not written in UTF-8" in result.stderr
