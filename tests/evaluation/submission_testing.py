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

"""Records, and the predictions of a stand-in for a model."""

import tensorflow as tf

from deeplab_ssl.evaluation import submission
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import records
from deeplab_ssl.preparation import cityscapes
from deeplab_ssl.preparation import conversion
from deeplab_ssl.preparation import layouts
from tests import input_testing

VOC = dataset_info.get_dataset_info("voc2012")
CITYSCAPES = dataset_info.get_dataset_info("cityscapes")
PETS = input_testing.PETS
ORIGIN = {"checkpoint": "ckpt-1", "method": ""}
CITY_NAMES = ["aachen_000000_000019", "ulm_000002_000019"]


def read(folder, split, info, with_label=True):
  return pipeline.eval_dataset(
    records.find_shards(folder, split),
    num_classes=info.num_classes,
    with_label=with_label,
  )


def predictor(info):
  """A model that gives every brightness of red some class."""
  return lambda images: tf.cast(images[..., 0], tf.int32) % info.num_classes


def voc_records(folder):
  """Three labelled images of val and two of test without labels."""
  devkit = folder / "devkit"
  input_testing.write_devkit(devkit, {"val": "abc", "test": "de"}, VOC)
  for split, masks in (("val", True), ("test", False)):
    pairs = layouts.devkit_pairs(devkit, split, with_masks=masks)
    conversion.convert_split(
      pairs, folder / "records", split, VOC, num_shards=1
    )
  return folder / "records"


def city_records(folder):
  """Two labelled images of val."""
  input_testing.write_cityscapes(folder / "cityscapes", {"val": CITY_NAMES})
  conversion.convert_split(
    cityscapes.split_pairs(folder / "cityscapes", "val"),
    folder / "records",
    "val",
    CITYSCAPES,
    num_shards=1,
    label_map=cityscapes.label_map(),
  )
  return folder / "records"


def submit(layout, folder, origin=ORIGIN):
  info = layout.info
  examples = read(folder, layout.split, info, with_label=False)
  return submission.write_predictions(layout, examples, predictor(info), origin)
