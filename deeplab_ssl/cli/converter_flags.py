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

"""What the converters share: flags, the loop over splits, errors."""

from absl import flags

_OUTPUT_DIR = flags.DEFINE_string(
  "output_dir", None, "Where the shards go.", required=True
)
_NUM_SHARDS = flags.DEFINE_integer(
  "num_shards", 4, "Files per split.", lower_bound=1
)
_NUM_WORKERS = flags.DEFINE_integer(
  "num_workers",
  None,
  "Threads that read and check; by default one per CPU, at most 8.",
  lower_bound=1,
)
_SUBSET = flags.DEFINE_bool(
  "subset",
  False,
  "Convert a part of the data: a split that has another number of images than "
  "it should, or lacks classes beside void.",
)
_MASKS = flags.DEFINE_bool(
  "masks", True, "Whether the splits have masks; --nomasks for test splits."
)


def with_masks() -> bool:
  """Returns whether masks are wanted."""
  return _MASKS.value


def convert(pairs, info, label_map=None) -> None:
  """Converts splits as the flags say and prints what is in them.

  What can be told without reading images is told of all splits before the first
  is converted.

  Args:
    pairs: {split: `preparation.samples.Pair`s}.
    info: `input.dataset_info.DatasetInfo` of the data set.
    label_map: see `conversion.convert_split`.

  Raises:
    ValueError: if a split has another number of images than it should have, and
      for all that is wrong with images and masks.
  """
  from deeplab_ssl.preparation import conversion
  from deeplab_ssl.preparation import layouts

  for split, of_split in pairs.items():
    if not _SUBSET.value:
      layouts.check_count(info, split, len(of_split))
    conversion.check_arguments(
      of_split, _OUTPUT_DIR.value, split, info, _NUM_SHARDS.value
    )
  for split, of_split in pairs.items():
    histogram = conversion.convert_split(
      of_split,
      _OUTPUT_DIR.value,
      split,
      info,
      num_shards=_NUM_SHARDS.value,
      num_workers=_NUM_WORKERS.value,
      label_map=label_map,
      subset=_SUBSET.value,
    )
    print(f"\n{split}: {histogram.num_images} images")
    if any(pair.mask_path is not None for pair in of_split):
      print(histogram)
    if histogram.num_turned:
      print(
        f"Viewers turn {histogram.num_turned} of the images after their EXIF "
        "data. Pixels count as they are stored, and so must their masks."
      )
