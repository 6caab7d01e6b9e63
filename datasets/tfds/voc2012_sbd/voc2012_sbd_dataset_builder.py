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

"""PASCAL VOC 2012 with the masks of SBD, for TFDS."""

import pathlib

import tensorflow_datasets as tfds

from deeplab_ssl.input import dataset_info
from deeplab_ssl.preparation import layouts
from deeplab_ssl.preparation import tfds_examples
from deeplab_ssl.preparation import trainaug

_SPLITS = ("train", "val", "trainval")
_MASKS = "SegmentationClassAug"
_SBD = "benchmark_RELEASE"


class Builder(tfds.core.GeneratorBasedBuilder):
  """Builds train, trainaug, val and trainval."""

  VERSION = tfds.core.Version("1.0.0")
  RELEASE_NOTES = {"1.0.0": "First release."}
  BUILDER_CONFIGS = tfds_examples.builder_configs()
  MANUAL_DOWNLOAD_INSTRUCTIONS = f"""
  The folder holds VOCdevkit/VOC2012 as VOCtrainval_11-May-2012.tar unpacks it,
  and the masks of SBD: either {_SBD} as benchmark.tgz unpacks it, or
  the PNGs in {_MASKS} with ImageSets/Segmentation/trainaug.txt in
  VOC2012.
  """

  def _info(self):
    return self.dataset_info_from_configs(
      features=tfds_examples.features(dataset_info.get_dataset_info("voc2012")),
      supervised_keys=("image", "segmentation_label"),
      homepage="http://host.robots.ox.ac.uk/pascal/VOC/voc2012/",
    )

  def _split_generators(self, dl_manager):
    root = pathlib.Path(dl_manager.manual_dir)
    devkit = root / "VOCdevkit" / "VOC2012"
    aug_masks = root / _MASKS
    has_masks = aug_masks.is_dir()
    pairs = {
      trainaug.SPLIT: trainaug.trainaug_pairs(
        devkit,
        aug_mask_dir=aug_masks if has_masks else None,
        sbd_dir=None if has_masks else root / _SBD,
      )
    }
    for split in _SPLITS:
      pairs[split] = layouts.devkit_pairs(devkit, split)
    info = dataset_info.get_dataset_info("voc2012")
    tfds_examples.check_counts(pairs, info, self.builder_config)
    return {
      split: self._generate_examples(of_split, split)
      for split, of_split in pairs.items()
    }

  def _generate_examples(self, pairs, split):
    info = dataset_info.get_dataset_info("voc2012")
    return tfds_examples.examples(pairs, info, split, self.builder_config)
