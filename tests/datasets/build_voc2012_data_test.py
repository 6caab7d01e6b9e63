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

"""Tests of the script that converts VOC."""

from absl.testing import absltest

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import records
from deeplab_ssl.preparation import digit_scenes
from tests import converter_testing


class ScriptTest(converter_testing.ScriptTestCase):
  SCRIPT = "build_voc2012_data"

  def setUp(self):
    super().setUp()
    self.devkit = self.dir / "devkit"

  def test_generated_devkit_with_an_own_yaml(self):
    digit_scenes.write_devkit(self.devkit, 4, 3, size=65)
    names = ", ".join(f"class{i}" for i in range(11))
    yaml = self.dir / "mine.yaml"
    yaml.write_text(f"name: mine\nclass_names: [{names}]\n")
    result = self.convert(
      f"--devkit_dir={self.devkit}",
      f"--dataset={yaml}",
      "--num_shards=2",
      "--subset",
      anew=True,
    )
    self.assertIn("val: 3 images", result.stdout)
    self.assertRegex(result.stdout, r"255 +\(void\)")
    info = dataset_info.get_dataset_info(self.output)
    self.assertEqual(info.name, "mine")
    self.assertEqual(dict(info.splits), {"train": 4, "val": 3})
    for split, count in info.splits.items():
      shards = records.find_shards(self.output, split)
      self.assertLen(shards, 2)
      dataset = pipeline.eval_dataset(shards, num_classes=11)
      self.assertLen(list(dataset), count)


if __name__ == "__main__":
  absltest.main()
