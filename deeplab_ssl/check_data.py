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

"""Says whether training on your data may start: `... check_data --help`.

Records, as the converters write them:

  python -m deeplab_ssl.check_data --data_dir=records

A folder in the layout of PASCAL VOC, or one of images and one of masks, before
the conversion:

  python -m deeplab_ssl.check_data --devkit_dir=DIR --dataset=my_data.yaml
  python -m deeplab_ssl.check_data --image_dir=DIR --mask_dir=DIR \\
    --dataset=my_data.yaml

Prints how often each class occurs, the share of void, the sizes and all that is
wrong. `--picture` draws a few images with their masks; look at it. The exit
status is 0 if training may start, 1 if not.
"""

from absl import app
from absl import flags

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import label_map_flag
from deeplab_ssl.cli import runner
from deeplab_ssl.common import atomic_files

flags.adopt_module_key_flags(label_map_flag)

_DATA_DIR = flags.DEFINE_string("data_dir", None, "Folder of records.")
_DEVKIT_DIR = flags.DEFINE_string("devkit_dir", None, "Folder in VOC layout.")
_IMAGE_DIR = flags.DEFINE_string("image_dir", None, "Folder of images.")
_MASK_DIR = flags.DEFINE_string("mask_dir", None, "Folder of their masks.")
_DATASET = flags.DEFINE_string(
  "dataset",
  None,
  "A known data set or a YAML file; for records, by default their "
  "dataset.yaml.",
)
_SPLITS = flags.DEFINE_list(
  "splits",
  [],
  "Splits to look at; by default all of a folder of records, and train and val "
  "of a folder in VOC layout.",
)
_SUBSET = flags.DEFINE_bool(
  "subset",
  False,
  "Look at a part of the data, in which classes may be missing beside void.",
)
_PICTURE = flags.DEFINE_string(
  "picture", None, "PNG for a few images with their masks."
)
_NUM_PICTURES = flags.DEFINE_integer(
  "num_pictures", 9, "Images per split in it.", lower_bound=1
)
_OUTPUT = flags.DEFINE_string("output", None, "File for the report as JSON.")
runner.only_json(_OUTPUT)


def main():
  given = [_DATA_DIR.value, _DEVKIT_DIR.value, _IMAGE_DIR.value]
  if sum(value is not None for value in given) != 1:
    raise app.UsageError(
      "Give one of --data_dir, --devkit_dir and --image_dir."
    )
  if _DATA_DIR.value is None and _DATASET.value is None:
    raise app.UsageError("Files before the conversion need --dataset.")
  runner.refuse_idle(_MASK_DIR, not _IMAGE_DIR.value, "without --image_dir")
  runner.refuse_idle(
    label_map_flag.flag(), bool(_DATA_DIR.value), "with --data_dir"
  )
  runner.refuse_idle(_SPLITS, bool(_IMAGE_DIR.value), "with --image_dir")
  runner.refuse_idle(_NUM_PICTURES, not _PICTURE.value, "without --picture")
  environment.prepare()
  report = _inspect()
  # Before the files: one that cannot be written must not cost the report.
  print(f"\n{report}")
  if _OUTPUT.value:
    atomic_files.write_json(_OUTPUT.value, report.as_dict())
  if _PICTURE.value:
    _draw(report)
  return 0 if report.ready else 1


def _inspect():
  from deeplab_ssl.input import dataset_info
  from deeplab_ssl.preparation import inspection
  from deeplab_ssl.preparation import layouts

  info = _DATASET.value and dataset_info.get_dataset_info(_DATASET.value)
  number = _NUM_PICTURES.value if _PICTURE.value else 0
  if _DATA_DIR.value:
    return inspection.inspect_records(
      _DATA_DIR.value,
      _SPLITS.value,
      info,
      num_pictures=number,
      subset=_SUBSET.value,
    )
  info = label_map_flag.apply(info)
  if _DEVKIT_DIR.value:
    pairs = {
      split: layouts.devkit_pairs(_DEVKIT_DIR.value, split)
      for split in _SPLITS.value or ("train", "val")
    }
  else:
    pairs = {"all": layouts.folder_pairs(_IMAGE_DIR.value, _MASK_DIR.value)}
    if others := layouts.describe_other_files(_IMAGE_DIR.value):
      print(others)
  return inspection.inspect_pairs(
    pairs, info, num_pictures=number, subset=_SUBSET.value
  )


def _draw(report):
  from deeplab_ssl.preparation import samples
  from deeplab_ssl.visualization import contact_sheet

  pictures = [
    contact_sheet.Picture(
      f"{name}: {sample.name}", samples.decode_image(sample), sample.label
    )
    for name, split in report.splits.items()
    for sample in split.pictures
  ]
  if not pictures:
    print(f"{_PICTURE.value} was not drawn: no image is right.")
  else:
    contact_sheet.save_contact_sheet(
      _PICTURE.value, pictures, report.info.class_names, report.info.colormap
    )


if __name__ == "__main__":
  runner.run(main)
