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

    python datasets/build_voc2012_data.py --devkit_dir=VOCdevkit/VOC2012 \
      --output_dir=voc2012_tfrecord --splits=train,val

The folder holds `ImageSets/Segmentation/SPLIT.txt`, `JPEGImages` and
`SegmentationClass`; see docs/datasets.md.
"""

from absl import app
from absl import flags

from deeplab_ssl.input import conversion
from deeplab_ssl.input import dataset_info

_DEVKIT_DIR = flags.DEFINE_string(
  "devkit_dir", None, "The folder in VOC layout.", required=True
)
_OUTPUT_DIR = flags.DEFINE_string(
  "output_dir", None, "Where the shards go.", required=True
)
_SPLITS = flags.DEFINE_list(
  "splits", ["train", "val"], "Lists in ImageSets/Segmentation to convert."
)
_DATASET = flags.DEFINE_string(
  "dataset",
  "voc2012",
  "voc2012, cityscapes, camvid, digits or the path of a YAML file.",
)
_NUM_SHARDS = flags.DEFINE_integer(
  "num_shards", 4, "Files per split.", lower_bound=1
)
_MASKS = flags.DEFINE_bool(
  "masks", True, "Whether the splits have masks; --nomasks for test splits."
)


def main(argv):
  """Converts the splits one after the other."""
  if len(argv) > 1:
    raise app.UsageError(
      f"Unexpected arguments {argv[1:]}. Write --flag=value without spaces."
    )
  info = dataset_info.get_dataset_info(_DATASET.value)
  # All lists first: a missing file of the last split should not show after
  # the first one has been converted.
  pairs = {
    split: conversion.devkit_pairs(
      _DEVKIT_DIR.value, split, with_masks=_MASKS.value
    )
    for split in _SPLITS.value
  }
  for split, split_pairs in pairs.items():
    histogram = conversion.convert_split(
      split_pairs,
      _OUTPUT_DIR.value,
      split,
      info,
      num_shards=_NUM_SHARDS.value,
    )
    print(f"\n{split}: {histogram.num_images} images")
    if _MASKS.value:
      print(histogram)


def run():
  """Runs main; what is wrong with the data is told without a traceback."""

  def guarded(argv):
    try:
      main(argv)
    except (ValueError, FileNotFoundError) as error:
      raise SystemExit(f"\nError: {error}") from error

  app.run(guarded)


if __name__ == "__main__":
  run()
