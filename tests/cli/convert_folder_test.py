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

"""Tests of the converter of two folders as users run it."""

from absl.testing import absltest
import numpy as np
from PIL import Image

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from tests import converter_testing


class ConvertTest(
  converter_testing.FolderInputs, converter_testing.ConverterTestCase
):
  KIND = "folder"

  def test_list(self):
    path = self.dir / "mine.txt"
    path.write_text("img5\nimg2\n")
    self.convert(*self.args, f"--list={path}", "--split=val")
    self.assertEqual(self.ids("val"), ["img5", "img2"])

  def test_flags_that_would_do_nothing_are_refused(self):
    for given, message in (
      (
        ["--val_fraction=0.2", "--split=val"],
        "--split does nothing with --val",
      ),
      (["--seed=2"], "--seed does nothing without --val_fraction"),
      (["--nomasks"], "--mask_dir does nothing with --nomasks"),
      (["--label_map=255"], "must be VALUE:LABEL"),
    ):
      with self.subTest(message):
        result = self.convert(*self.args, *given, ok=False)
        self.assertIn(message, result.stdout + result.stderr)
    self.assertFalse(self.output.exists())

  def test_files_that_are_no_images_are_told(self):
    images = self.dir / "JPEGImages"
    (images / "img0.png").rename(images / "img0.Png")
    (images / "scan.tif").write_bytes(b"")
    result = self.convert(*self.args, "--split=val")
    self.assertIn("not taken for images: 1 with .tif.", result.stdout)
    self.assertEqual(self.ids("val"), self.names)

  def test_shards_are_counted_before_the_first_split_is_written(self):
    result = self.convert(
      *self.args[:-1], "--val_fraction=0.25", "--num_shards=4", ok=False
    )
    self.assertIn("must be in 1..2, the number of images", result.stderr)
    self.assertFalse(self.output.exists())

  def test_masks_of_0_and_255(self):
    info = self.dir / "pair.yaml"
    info.write_text("name: pair\nclass_names: [background, object]\n")
    for number, path in enumerate((self.dir / "SegmentationClass").iterdir()):
      label = np.array(Image.open(path)) % 2
      label[0, 0] = number % 2
      path.write_bytes(masks.encode_mask(255 * label))
    args = [arg for arg in self.args if "dataset" not in arg]
    args.append(f"--dataset={info}")
    result = self.convert(*args, ok=False)
    self.assertIn("no pixel is object", result.stderr)
    self.assertIn("--label_map=255:1", result.stderr)
    result = self.convert(*args, "--label_map=255:1")
    self.assertRegex(result.stdout, r"\n    1  object +[1-9]")
    self.assertRegex(result.stdout, r"255  \(void\) +0 ")
    written = dataset_info.dataset_of_folder(self.output)
    self.assertEqual(written.label_map, {255: 1})

  def test_masks_are_needed(self):
    args = [arg for arg in self.args if "mask_dir" not in arg]
    result = self.convert(*args, ok=False)
    self.assertIn("Give --mask_dir, or --nomasks", result.stderr)


if __name__ == "__main__":
  absltest.main()
