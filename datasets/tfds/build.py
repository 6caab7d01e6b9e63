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

r"""Builds VOC 2012 with SBD, Cityscapes or ADE20K as a data set of TFDS.

    python datasets/tfds/build.py --name=voc2012_sbd --manual_dir=downloads \
      --data_dir=tensorflow_datasets

`--manual_dir` is the folder with the unpacked downloads; what it holds is told
when something is missing, and in docs/datasets.md. The data set is then read
with `tfds_name: voc2012_sbd` or `tfds.load("voc2012_sbd", data_dir=...)`.
"""

import importlib
import os

from absl import flags

from deeplab_ssl.cli import runner

_NAME = flags.DEFINE_enum(
  "name",
  None,
  ["voc2012_sbd", "cityscapes_fine", "ade20k_scenes"],
  "The data set.",
  required=True,
)
_MANUAL_DIR = flags.DEFINE_string(
  "manual_dir", None, "Folder of the unpacked downloads.", required=True
)
_DATA_DIR = flags.DEFINE_string(
  "data_dir", None, "Where the data set goes; by default where TFDS looks."
)
_SUBSET = flags.DEFINE_bool(
  "subset", False, "Take splits with other numbers of images than they have."
)


def main():
  """Builds the data set and prints the sizes of its splits."""
  manual_dir = os.path.abspath(_MANUAL_DIR.value)
  if not os.path.isdir(manual_dir):
    raise FileNotFoundError(
      f"--manual_dir={manual_dir} is no folder; docs/datasets.md says what it "
      "must hold."
    )
  # Slow, and not for --help.
  import tensorflow_datasets as tfds

  module = importlib.import_module(
    f"{_NAME.value}.{_NAME.value}_dataset_builder"
  )
  builder = module.Builder(
    data_dir=_DATA_DIR.value, config="subset" if _SUBSET.value else "complete"
  )
  config = tfds.download.DownloadConfig(manual_dir=manual_dir)
  try:
    builder.download_and_prepare(download_config=config)
  except (ValueError, FileNotFoundError) as error:
    raise ValueError(
      f"{error}\n{builder.MANUAL_DOWNLOAD_INSTRUCTIONS}"
    ) from error
  for name, split in builder.info.splits.items():
    print(f"{name}: {split.num_examples} images")
  print(f"{builder.name} is in {builder.data_dir}")


if __name__ == "__main__":
  runner.run(main)
