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

"""Tests of the table of the model zoo."""

import collections
import inspect

from absl.testing import absltest
from absl.testing import parameterized

from deeplab_ssl import modeling
from deeplab_ssl.input import dataset_info
from deeplab_ssl.model_zoo import entries
from deeplab_ssl.modeling import option_checks
from deeplab_ssl.modeling.backbones import factory
from tests import models
from tests import original


class EntriesTest(parameterized.TestCase):
  def test_names_and_archives_are_unique(self):
    names = [entry.name for entry in entries.ENTRIES]
    archives = [entry.archive for entry in entries.ENTRIES]
    self.assertLen(set(names), len(names))
    self.assertLen(set(archives), len(archives))
    # The 22 of the zoo's page and the MobileNetV2 that it refers to.
    self.assertLen(names, 23)

  @parameterized.named_parameters((e.name, e) for e in entries.ENTRIES)
  def test_the_model_of_an_entry_can_be_described(self, entry):
    self.assertIn(entry.backbone, factory.NAMES)
    arguments = inspect.signature(modeling.build_deeplab).parameters
    self.assertContainsSubset(entry.options, arguments)
    defaults = {name: value.default for name, value in arguments.items()}
    given = {"backbone": entry.backbone, "num_classes": 0} | entry.options
    option_checks.check(defaults | given)
    self.assertIn(entry.modules, ("all", "backbone"))

  @parameterized.parameters(*entries.ENTRIES)
  def test_scope(self, entry):
    self.assertEqual(entry.scope, factory.row_of(entry.backbone).scope)

  @parameterized.parameters(
    ("mobilenetv2_dm05_coco_voc_trainaug", "mnv2h_base"),
    ("mobilenetv2_coco_voc_trainaug", "mobilenetv2_os16"),
    ("xception65_coco_voc_trainaug", "xception65_v3plus_os16"),
    ("mobilenetv3_large_cityscapes_trainfine", "mnv3large_zoo_os32"),
    ("mobilenetv3_small_cityscapes_trainfine", "mnv3small_zoo_os32"),
    ("xception71_dpc_cityscapes_trainfine", "xception71_dpc_os16"),
    ("EdgeTPU-DeepLab", "edgetpu_os16"),
    ("EdgeTPU-DeepLab-slim", "edgetpu_slim_os16"),
  )
  def test_the_variables_are_those_of_the_originals_graph(self, name, model):
    if not original.manifest_exists(model):
      self.skipTest(f"{model} is external data, which is not there.")
    entry = entries.find(name)
    manifest = original.manifest(model)
    classes = manifest["model_options"]["outputs_to_num_classes"]["semantic"]
    with models.without_initial_values():
      ours = modeling.build_deeplab(
        backbone=entry.backbone, num_classes=classes, **entry.options
      )
    shapes = {k: v.shape.as_list() for k, v in ours.slim_variables().items()}
    wanted = dict(manifest["variables"])
    wanted.pop("global_step", None)
    self.assertEqual(shapes, wanted)

  def test_each_head_is_of_a_known_data_set(self):
    heads = [entry for entry in entries.ENTRIES if entry.modules == "all"]
    found = collections.Counter(entry.dataset for entry in heads)
    self.assertEqual(found, {"voc2012": 6, "cityscapes": 8, "ade20k": 2})
    # That of ADE20K has a channel for void.
    ade20k = dataset_info.get_dataset_info(heads[-1].dataset)
    self.assertEqual(ade20k.num_classes, 151)
    self.assertEqual(
      {e.dataset for e in entries.ENTRIES if e not in heads}, {""}
    )

  def test_url(self):
    entry = entries.find("xception_41_imagenet")
    archive = "xception_41_2018_05_09.tar.gz"
    self.assertEqual(entry.url(), f"{entries.URL_BASE}/{archive}")
    self.assertEqual(entry.url("http://a/b/"), f"http://a/b/{archive}")

  def test_unknown_name(self):
    with self.assertRaisesRegex(
      ValueError, "mean 'xception65_coco_voc_trainaug'"
    ):
      entries.find("xception_coco_voc_trainaug")
    with self.assertRaisesRegex(ValueError, r"no checkpoint '\?'\. --list"):
      entries.find("?")

  def test_table(self):
    lines = entries.table().splitlines()
    self.assertLen(lines, 1 + len(entries.ENTRIES))
    for line, entry in zip(lines[1:], entries.ENTRIES, strict=True):
      self.assertStartsWith(line, entry.name)
      self.assertIn(entry.mean_iou, line)
      self.assertIn(entry.dataset, line)


if __name__ == "__main__":
  absltest.main()
