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

"""Tests of the masks of SBD."""

from absl.testing import absltest
import numpy as np
import scipy.io

from deeplab_ssl.input import masks
from deeplab_ssl.preparation import sbd
from tests import input_testing


class MatTest(absltest.TestCase):
  def mat(self, content):
    path = input_testing.temp_dir(self) / "a.mat"
    scipy.io.savemat(path, content)
    return path.read_bytes()

  def test_damaged(self):
    path = input_testing.temp_dir(self)
    input_testing.write_sbd(
      path, {"a": (np.zeros((9, 9, 3), np.uint8), np.ones((9, 9), np.uint8))}
    )
    data = (path / "dataset" / "cls" / "a.mat").read_bytes()
    self.assertEqual(sbd.decode_mask(data).shape, (9, 9))
    for damaged in (b"", b"nothing", data[:200], data[:-20]):
      with self.assertRaisesRegex(masks.MaskError, "no MATLAB file"):
        sbd.decode_mask(damaged)

  def test_other_content(self):
    for content in ({"GTinst": {"a": 1}}, {"GTcls": {"Boundaries": 1}}):
      with self.assertRaisesRegex(masks.MaskError, "no GTcls.Segmentation"):
        sbd.decode_mask(self.mat(content))
    label = np.zeros((2, 3), np.float64)
    with self.assertRaisesRegex(masks.MaskError, r"float64 \[2, 3\]"):
      sbd.decode_mask(self.mat({"GTcls": {"Segmentation": label}}))


if __name__ == "__main__":
  absltest.main()
