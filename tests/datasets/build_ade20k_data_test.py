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

"""Tests of the script that converts ADE20K."""

from absl.testing import absltest
import numpy as np

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import records
from tests import converter_testing


class ScriptTest(
  converter_testing.Ade20kInputs, converter_testing.ScriptTestCase
):
  SCRIPT = "build_ade20k_data"

  def test_all_splits(self):
    result = self.convert(*self.args, "--subset", anew=True)
    self.assertIn("val: 1 images", result.stdout)
    info = dataset_info.get_dataset_info(self.output)
    self.assertEqual((info.num_classes, info.ignore_label), (151, 0))
    self.assertEqual(dict(info.splits), {"train": 2, "val": 1})
    (batch,) = pipeline.eval_dataset(
      records.find_shards(self.output, "val"), num_classes=151, ignore_label=0
    )
    np.testing.assert_array_equal(
      batch["label"][0, ..., 0], self.labels["ADE_val_00000001"]
    )


if __name__ == "__main__":
  absltest.main()
