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

r"""Converts a folder of images and a folder of masks to TFRecords.

    python -m deeplab_ssl.convert folder --image_dir=images --mask_dir=masks \
      --dataset=my_data.yaml --output_dir=records --val_fraction=0.2

A mask has the name of its image, `ID.jpg` (or .jpeg, .png, .bmp) and `ID.png`.
With `--val_fraction` the images are split at random into train and val;
without, all go to `--split`. `--list` takes only the ids that a text file
names. Masks that hold other numbers than the classes, such as 0 and 255, need
`--label_map=255:1`, or `label_map` in the YAML file. See docs/datasets.md.
"""

from absl import flags

from deeplab_ssl.cli import converter_flags
from deeplab_ssl.cli import environment
from deeplab_ssl.cli import label_map_flag
from deeplab_ssl.cli import runner

flags.adopt_module_key_flags(converter_flags)
flags.adopt_module_key_flags(label_map_flag)

_IMAGE_DIR = flags.DEFINE_string(
  "image_dir", None, "The folder of the images.", required=True
)
_MASK_DIR = flags.DEFINE_string(
  "mask_dir", None, "The folder of the masks; not needed with --nomasks."
)
_DATASET = flags.DEFINE_string(
  "dataset",
  None,
  "The path of a YAML file, or voc2012, cityscapes, camvid, ade20k or digits.",
  required=True,
)
_SPLIT = flags.DEFINE_string("split", "train", "What the records are for.")
_LIST = flags.DEFINE_string(
  "list", None, "A text file with one id a line; by default all images."
)
_VAL_FRACTION = flags.DEFINE_float(
  "val_fraction", None, "Share of the images that becomes val, the rest train."
)
_SEED = flags.DEFINE_integer(
  "seed", 1, "Of the random split; with another seed another split."
)


def main():
  """Finds the pairs, splits them if asked to and converts them.

  For `runner.run`.
  """
  environment.prepare()
  from deeplab_ssl.input import dataset_info
  from deeplab_ssl.preparation import layouts

  info = label_map_flag.apply(dataset_info.get_dataset_info(_DATASET.value))
  if converter_flags.with_masks() and _MASK_DIR.value is None:
    raise ValueError("Give --mask_dir, or --nomasks for images without masks.")
  runner.refuse_idle(
    _MASK_DIR, not converter_flags.with_masks(), "with --nomasks"
  )
  runner.refuse_idle(
    label_map_flag.flag(), not converter_flags.with_masks(), "with --nomasks"
  )
  split_at_random = _VAL_FRACTION.value is not None
  runner.refuse_idle(_SPLIT, split_at_random, "with --val_fraction")
  runner.refuse_idle(_SEED, not split_at_random, "without --val_fraction")
  pairs = layouts.folder_pairs(
    _IMAGE_DIR.value,
    _MASK_DIR.value if converter_flags.with_masks() else None,
    layouts.read_ids(_LIST.value) if _LIST.value else None,
  )
  if not _LIST.value:
    if others := layouts.describe_other_files(_IMAGE_DIR.value):
      print(others)
  splits = {_SPLIT.value: pairs}
  if split_at_random:
    train, val = layouts.random_split(
      [pair.name for pair in pairs], _VAL_FRACTION.value, _SEED.value
    )
    by_name = {pair.name: pair for pair in pairs}
    splits = {
      "train": [by_name[name] for name in train],
      "val": [by_name[name] for name in val],
    }
  converter_flags.convert(splits, info)
