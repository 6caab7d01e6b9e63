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

"""Predictions of a stand-in for a model, from the records of `conftest`."""

import tensorflow as tf

from deeplab_ssl.evaluation import submission
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import records
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


def submit(layout, folder, origin=ORIGIN):
  info = layout.info
  examples = read(folder, layout.split, info, with_label=False)
  return submission.write_predictions(layout, examples, predictor(info), origin)
