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


def test_colours_are_averaged_and_labels_are_not():
  pixels = np.random.default_rng(0).integers(0, 256, [7, 9, 3], np.uint8)
  small = np.asarray(evidence_data.shrunk(Image.fromarray(pixels), 2))
  means = pixels[:6, :8].astype(float).reshape(3, 2, 4, 2, 3).mean((1, 3))
  np.testing.assert_allclose(small, means, atol=0.5)
  labels = Image.fromarray(pixels[..., 0])
  labels.putpalette(list(range(256)) * 3)
  for factor, first in ((2, 1), (3, 1)):
    kept = np.asarray(evidence_data.shrunk(labels, factor))
    expected = pixels[first::factor, first::factor, 0]
    np.testing.assert_array_equal(kept, expected[: 7 // factor, : 9 // factor])


def _write_devkit(folder):
  (folder / "few.yaml").write_text("name: few\nclass_names: [a, b]\n")
  for name in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
    (folder / name).mkdir(parents=True)
  for split, names in (("train", "rs"), ("val", "tuv")):
    (folder / f"ImageSets/Segmentation/{split}.txt").write_text(
      "\n".join(names)
    )
    for name in names:
      grey = np.full([5, 6], ord(name), np.uint8)
      Image.fromarray(np.stack([grey] * 3, -1)).save(
        folder / f"JPEGImages/{name}.png"
      )
      Image.fromarray(grey % 2).save(folder / f"SegmentationClass/{name}.png")


def test_records_are_of_shrunk_images_and_labels(tmp_path):
  _write_devkit(tmp_path)
  arguments = (
    str(tmp_path),
    str(tmp_path / "few.yaml"),
    str(tmp_path / "half"),
  )
  evidence_data.convert(*arguments, shrink=2)
  opened = record_source.open_split(tmp_path / "half", "train")
  sample = opened.decode(opened.read(0))
  assert sample["image"].shape == (2, 3, 3)
  np.testing.assert_array_equal(sample["image"], ord("r"))
  with pytest.raises(ValueError, match=r"r\.png: An image of \(6, 5\).* by 6"):
    evidence_data.convert(*arguments, shrink=6)


def test_records_have_the_halves_as_splits(tmp_path):
  _write_devkit(tmp_path)
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
