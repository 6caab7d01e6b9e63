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

"""The original's VOC checkpoint on real VOC images."""

from deeplab_ssl.input import dataset_info
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import layouts
from deeplab_ssl.runs import trained_run
from tests import external_data
from tests import input_testing

_CONFIG = str(input_testing.ROOT / "configs" / "voc2012_mnv2.yaml")


def test_zoo_checkpoint_scores_as_its_quantised_original(tmp_path):
  conversion.convert_split(
    layouts.devkit_pairs(external_data.require("data/voc_sample"), "trainval"),
    tmp_path,
    "trainval",
    dataset_info.get_dataset_info("voc2012"),
    subset=True,
  )
  run = trained_run.TrainedRun.describe(
    [_CONFIG],
    str(external_data.require("checkpoints/deeplabv3_mnv2_pascal")),
    data_dir=str(tmp_path),
    split="trainval",
  )
  scores = run.evaluate()
  assert (scores.pixels > 0).sum() == 16
  # The quantised model has 0.743 and 0.922 on these 25 images.
  assert 0.743 < scores.mean_iou < 0.77
  assert 0.922 < scores.pixel_accuracy < 0.93
