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

"""ADE20K's scene parsing benchmark, 150 classes and void, for TFDS."""

import tensorflow_datasets as tfds

from deeplab_ssl.input import dataset_info
from deeplab_ssl.preparation import ade20k
from deeplab_ssl.preparation import tfds_examples


class Builder(tfds.core.GeneratorBasedBuilder):
  """Builds train and val."""

  VERSION = tfds.core.Version("1.0.0")
  RELEASE_NOTES = {"1.0.0": "First release."}
  BUILDER_CONFIGS = tfds_examples.builder_configs()
  MANUAL_DOWNLOAD_INSTRUCTIONS = """
  The folder is ADEChallengeData2016, with images and annotations, as
  ADEChallengeData2016.zip unpacks it.
  """

  def _info(self):
    info = dataset_info.get_dataset_info("ade20k")
    return self.dataset_info_from_configs(
      features=tfds_examples.features(info),
      supervised_keys=("image", "segmentation_label"),
      homepage="http://sceneparsing.csail.mit.edu/",
    )

  def _split_generators(self, dl_manager):
    pairs = {
      split: ade20k.split_pairs(dl_manager.manual_dir, split)
      for split in ade20k.FOLDERS
    }
    info = dataset_info.get_dataset_info("ade20k")
    tfds_examples.check_counts(pairs, info, self.builder_config)
    return {
      split: self._generate_examples(of_split, split)
      for split, of_split in pairs.items()
    }

  def _generate_examples(self, pairs, split):
    info = dataset_info.get_dataset_info("ade20k")
    return tfds_examples.examples(
      pairs, info, split, self.builder_config, ade20k.label_map()
    )
