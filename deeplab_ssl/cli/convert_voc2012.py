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

r"""Converts PASCAL VOC 2012, or any folder in its layout, to TFRecords.

    python -m deeplab_ssl.convert voc2012 --devkit_dir=VOCdevkit/VOC2012 \
      --output_dir=voc2012_tfrecord --splits=train,val

The folder holds `ImageSets/Segmentation/SPLIT.txt`, `JPEGImages` and
`SegmentationClass`. The split trainaug, the usual training set, needs the masks
of SBD, as PNGs or as they are downloaded:

    python -m deeplab_ssl.convert voc2012 --devkit_dir=VOCdevkit/VOC2012 \
      --output_dir=voc2012_tfrecord --splits=trainaug,val \
      --aug_mask_dir=SegmentationClassAug   # or --sbd_dir=benchmark_RELEASE

See docs/datasets.md.
"""

from absl import flags

from deeplab_ssl.cli import converter_flags
from deeplab_ssl.cli import environment
from deeplab_ssl.cli import label_map_flag
from deeplab_ssl.cli import runner

flags.adopt_module_key_flags(converter_flags)
flags.adopt_module_key_flags(label_map_flag)

_DEVKIT_DIR = flags.DEFINE_string(
  "devkit_dir", None, "The folder in VOC layout.", required=True
)
_SPLITS = flags.DEFINE_list(
  "splits", ["train", "val"], "Lists in ImageSets/Segmentation to convert."
)
_DATASET = flags.DEFINE_string(
  "dataset",
  "voc2012",
  "voc2012, cityscapes, camvid, ade20k, digits or the path of a YAML file.",
)
_AUG_MASK_DIR = flags.DEFINE_string(
  "aug_mask_dir", None, "For trainaug: the folder SegmentationClassAug."
)
_SBD_DIR = flags.DEFINE_string(
  "sbd_dir", None, "For trainaug: SBD's download, which holds dataset/cls."
)


def _pairs(split, is_voc):
  from deeplab_ssl.preparation import layouts
  from deeplab_ssl.preparation import trainaug

  if is_voc and split == trainaug.SPLIT and converter_flags.with_masks():
    return trainaug.trainaug_pairs(
      _DEVKIT_DIR.value,
      aug_mask_dir=_AUG_MASK_DIR.value,
      sbd_dir=_SBD_DIR.value,
    )
  # The masks of VOC's test are with its evaluation server.
  with_masks = converter_flags.with_masks() and not (is_voc and split == "test")
  return layouts.devkit_pairs(_DEVKIT_DIR.value, split, with_masks=with_masks)


def main():
  """Converts the splits one after the other; for `runner.run`."""
  environment.prepare()
  from deeplab_ssl.input import dataset_info
  from deeplab_ssl.preparation import trainaug

  info = label_map_flag.apply(dataset_info.get_dataset_info(_DATASET.value))
  is_voc = info.name == "voc2012"
  masks = converter_flags.with_masks()
  runner.refuse_idle(label_map_flag.flag(), not masks, "with --nomasks")
  for flag in (_AUG_MASK_DIR, _SBD_DIR):
    runner.refuse_idle(flag, not is_voc, "for other data sets than voc2012")
    runner.refuse_idle(
      flag, trainaug.SPLIT not in _SPLITS.value, "without the split trainaug"
    )
    runner.refuse_idle(flag, not masks, "with --nomasks")
  # All lists first: a missing file of the last split should not show after
  # the first one has been converted.
  pairs = {split: _pairs(split, is_voc) for split in _SPLITS.value}
  converter_flags.convert(pairs, info)
