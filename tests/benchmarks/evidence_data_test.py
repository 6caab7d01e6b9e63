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

"""Tests of the halves of a validation split."""

import numpy as np
from PIL import Image
import pytest

from benchmarks import evidence_data
from deeplab_ssl.input import record_source
from deeplab_ssl.reproduction import requirements


def test_halves_are_the_first_and_the_second_part_of_the_list():
  frames = list("abcde")
  assert evidence_data.halves(frames) == {
    "val_a": ["a", "b"],
    "val_b": ["c", "d", "e"],
  }


def test_one_image_has_no_halves():
  with pytest.raises(ValueError, match="two validation images. Received: 1"):
    evidence_data.halves(["a"])


def test_records_have_the_halves_as_splits(tmp_path):
  (tmp_path / "few.yaml").write_text("name: few\nclass_names: [a, b]\n")
  for folder in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
    (tmp_path / folder).mkdir(parents=True)
  for split, names in (("train", "rs"), ("val", "tuv")):
    (tmp_path / f"ImageSets/Segmentation/{split}.txt").write_text(
      "\n".join(names)
    )
    for name in names:
      grey = np.full([5, 6], ord(name), np.uint8)
      Image.fromarray(np.stack([grey] * 3, -1)).save(
        tmp_path / f"JPEGImages/{name}.png"
      )
      Image.fromarray(grey % 2).save(tmp_path / f"SegmentationClass/{name}.png")
  evidence_data.convert(
    str(tmp_path), str(tmp_path / "few.yaml"), str(tmp_path / "records")
  )
  sizes = requirements.recorded_splits(tmp_path / "records")
  assert sizes == {"train": 2, "val": 3, "val_a": 1, "val_b": 2}
  found = {}
  for split in sizes:
    opened = record_source.open_split(tmp_path / "records", split)
    found[split] = "".join(
      chr(opened.decode(opened.read(i))["image"][0, 0, 0])
      for i in range(opened.size)
    )
  assert found == {"train": "rs", "val": "tuv", "val_a": "t", "val_b": "uv"}
