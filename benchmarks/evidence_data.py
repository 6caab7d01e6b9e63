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

"""Converts a devkit with its validation split also in two halves.

  python -m benchmarks.evidence_data --devkit_dir=camvid --dataset=camvid \\
    --output_dir=data/camvid_all

The suites with rows of their own read such records: a search of the learning
rate chooses on the half `val_a` and reports on `val_b`. The halves are the
first and the second half of the list, not every other image of it: neighbouring
frames of a film are alike, and what is chosen on one must not know the other.
"""

from collections.abc import Sequence

from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import runner

# Defined where this is run: a test that imports it has the flags of others.
_FLAGS = {
  "devkit_dir": "Folder in the layout of VOC with lists train and val.",
  "dataset": "Registered name or YAML file of the data set.",
  "output_dir": "Where the shards go.",
}
_NUM_SHARDS = 4


def halves(pairs: Sequence) -> dict[str, Sequence]:
  """Returns {"val_a": first half, "val_b": second half} of a list.

  Raises:
    ValueError: if there are fewer than two.
  """
  if len(pairs) < 2:
    raise ValueError(
      f"Two halves need two validation images. Received: {len(pairs)}."
    )
  middle = len(pairs) // 2
  return {"val_a": pairs[:middle], "val_b": pairs[middle:]}


def convert(devkit_dir: str, dataset: str, output_dir: str) -> None:
  """Converts train, val and the halves of val; prints their sizes.

  Args:
    devkit_dir: the folder in the layout of VOC.
    dataset: registered name or YAML file of the data set.
    output_dir: folder for the shards.

  Raises:
    ValueError: if a split has another number of images than it should.
    FileNotFoundError: if a list is missing.
  """
  from deeplab_ssl.input import dataset_info
  from deeplab_ssl.preparation import conversion
  from deeplab_ssl.preparation import layouts

  info = dataset_info.get_dataset_info(dataset)
  splits = {
    split: layouts.devkit_pairs(devkit_dir, split) for split in ("train", "val")
  }
  for split, pairs in splits.items():
    layouts.check_count(info, split, len(pairs))
  splits |= halves(splits["val"])
  for split, pairs in splits.items():
    histogram = conversion.convert_split(
      pairs,
      output_dir,
      split,
      info,
      num_shards=min(_NUM_SHARDS, len(pairs)),
      subset=True,  # A half of the validation may lack a class.
    )
    print(f"{split}: {histogram.num_images} images", flush=True)


def main():
  """Converts what the flags name; for `runner.run`."""
  environment.prepare()
  convert(**{name: flags.FLAGS[name].value for name in _FLAGS})


if __name__ == "__main__":
  for _name, _meaning in _FLAGS.items():
    flags.DEFINE_string(_name, None, _meaning, required=True)
  runner.run(main)
