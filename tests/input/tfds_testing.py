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

"""Small data sets of TFDS, made by the tests that read them."""

import io

import numpy as np
from PIL import Image
import tensorflow_datasets as tfds

IMAGE = tfds.features.Image()
MASK = tfds.features.Image(shape=(None, None, 1), encoding_format="png")


def scene(index, size=(20, 24), labels=(1, 2, 3)):
  """An image of value 10 i and a label map in which all labels occur."""
  image = np.full((*size, 3), 10 * index, np.uint8)
  label = np.resize(np.array(labels, np.uint8), (*size, 1))
  return image, label


def png(array, mode="L"):
  """An encoded PNG of an array `[height, width]`."""
  buffer = io.BytesIO()
  image = Image.fromarray(array)
  if mode == "P":
    image.putpalette(bytes(range(256)) * 3)
  image.save(buffer, "PNG")
  return io.BytesIO(buffer.getvalue())


def prepare(data_dir, features, splits, name="tiny", num_shards=2):
  """Prepares a data set whose code nobody can import afterwards.

  Args:
    data_dir: where.
    features: {key: feature}.
    splits: {split: list of examples}.
    name: of the data set, lower case letters.
    num_shards: files per split.
  """

  class Tiny(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
      return self.dataset_info_from_configs(
        features=tfds.features.FeaturesDict(features)
      )

    def _split_generators(self, dl_manager):
      return {s: self._generate_examples(s) for s in splits}

    def _generate_examples(self, split):
      yield from enumerate(splits[split])

  Tiny.name = name
  config = tfds.download.DownloadConfig(num_shards=num_shards)
  Tiny(data_dir=data_dir).download_and_prepare(download_config=config)


def prepare_scenes(data_dir, num_train=8, num_test=3, size=(20, 24)):
  """Prepares scenes labelled 1 to 3, as Oxford-IIIT Pet labels its images."""

  def examples(indices):
    for i in indices:
      image, label = scene(i, size)
      yield {
        "image": image,
        "segmentation_mask": label,
        "file_name": f"scene{i}",
        "species": "cat",
      }

  prepare(
    data_dir,
    {
      "image": IMAGE,
      "segmentation_mask": MASK,
      "file_name": tfds.features.Text(),
      "species": tfds.features.ClassLabel(names=["cat", "dog"]),
    },
    {
      "train": list(examples(range(num_train))),
      "test": list(examples(range(num_train, num_train + num_test))),
    },
    name="scenes",
  )
