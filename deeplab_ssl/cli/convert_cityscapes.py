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

r"""Converts Cityscapes as it is downloaded to TFRecords.

    python -m deeplab_ssl.convert cityscapes --cityscapes_dir=cityscapes \
      --output_dir=cityscapes_tfrecord --splits=train,val

The folder holds `leftImg8bit` and `gtFine`. Masks are the `labelIds` files; the
19 classes of the benchmark get their trainIds here, everything else is void.
The split test is converted without masks. See docs/datasets.md.
"""

from absl import flags

from deeplab_ssl.cli import converter_flags
from deeplab_ssl.cli import environment

flags.adopt_module_key_flags(converter_flags)

_CITYSCAPES_DIR = flags.DEFINE_string(
  "cityscapes_dir", None, "The folder of leftImg8bit and gtFine.", required=True
)
_SPLITS = flags.DEFINE_list(
  "splits", ["train", "val"], "Of train, val and test, those to convert."
)


def main():
  """Converts the splits one after the other; for `runner.run`."""
  environment.prepare()
  from deeplab_ssl.input import dataset_info
  from deeplab_ssl.preparation import cityscapes

  # The masks of test that are downloaded hold no class.
  pairs = {
    split: cityscapes.split_pairs(
      _CITYSCAPES_DIR.value,
      split,
      with_masks=converter_flags.with_masks() and split != "test",
    )
    for split in _SPLITS.value
  }
  converter_flags.convert(
    pairs,
    dataset_info.get_dataset_info("cityscapes"),
    cityscapes.label_map(),
  )
