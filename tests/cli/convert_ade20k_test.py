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

"""Tests of the converter of ADE20K as users run it."""

from absl.testing import absltest
import numpy as np
from PIL import Image

from tests import converter_testing


class ConvertTest(
  converter_testing.Ade20kInputs, converter_testing.ConverterTestCase
):
  KIND = "ade20k"

  def test_count(self):
    result = self.convert(*self.args, ok=False)
    self.assertIn("'ade20k' has 20210 images; found 2.", result.stderr)
    self.assertFalse(self.output.exists())

  def test_wrong_values_leave_nothing(self):
    path = self.root / "annotations" / "validation" / "ADE_val_00000001.png"
    Image.fromarray(np.full((16, 32), 151, np.uint8)).save(path)
    result = self.convert(*self.args, "--splits=val", "--subset", ok=False)
    self.assertIn(f"{path}: holds the values 151", result.stderr)
    self.assertIn("the files of 'ade20k' hold 0..150", result.stderr)
    self.assertEmpty(list(self.output.glob("*")))

  def test_images_without_annotations(self):
    result = self.convert(
      *self.args, "--splits=val", "--subset", "--nomasks", ok=True
    )
    self.assertIn("val: 1 images", result.stdout)


if __name__ == "__main__":
  absltest.main()
