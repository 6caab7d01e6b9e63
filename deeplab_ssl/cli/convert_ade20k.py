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

r"""Converts ADE20K's scene parsing benchmark to TFRecords.

    python -m deeplab_ssl.convert ade20k --ade20k_dir=ADEChallengeData2016 \
      --output_dir=ade20k_tfrecord --splits=train,val

The folder holds `images` and `annotations`, each with `training` and
`validation`. The labels stay as they are: 0 is void, 1 to 150 are the classes.
See docs/datasets.md.
"""

from absl import flags

from deeplab_ssl.cli import converter_flags
from deeplab_ssl.cli import environment

flags.adopt_module_key_flags(converter_flags)

_ADE20K_DIR = flags.DEFINE_string(
  "ade20k_dir", None, "The folder ADEChallengeData2016.", required=True
)
_SPLITS = flags.DEFINE_list(
  "splits", ["train", "val"], "Of train and val, those to convert."
)


def main():
  """Converts the splits one after the other; for `runner.run`."""
  environment.prepare()
  from deeplab_ssl.input import dataset_info
  from deeplab_ssl.preparation import ade20k

  pairs = {
    split: ade20k.split_pairs(
      _ADE20K_DIR.value, split, with_masks=converter_flags.with_masks()
    )
    for split in _SPLITS.value
  }
  converter_flags.convert(
    pairs, dataset_info.get_dataset_info("ade20k"), ade20k.label_map()
  )
