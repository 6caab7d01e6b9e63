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
    --shrink=2 --output_dir=data/camvid_half

The suites with rows of their own read such records: a search of the learning
rate chooses on the half `val_a` and reports on `val_b`.

`--shrink=2` halves the sides of the images first: a quarter of the time.
"""

import pathlib
import tempfile

from absl import flags
from PIL import Image

from deeplab_ssl.cli import environment
from deeplab_ssl.cli import runner

# Defined where this is run: a test that imports it has the flags of others.
_FLAGS = {
  "devkit_dir": "Folder in the layout of VOC with lists train and val.",
  "dataset": "Registered name or YAML file of the data set.",
  "output_dir": "Where the shards go.",
}
_SHRINK = "shrink"


def shrunk(image: Image.Image, factor: int) -> Image.Image:
  """Returns an image with sides divided by an integer.

  Args:
    image: colours (mode RGB) are averaged over `factor` x `factor` pixels. Any
      other mode holds labels, which cannot be averaged: of each such block the
      pixel at its centre, or below and right of it, is kept.
    factor: at least 1. Pixels beyond a multiple of it, right and below, are
      left out.

  Raises:
    ValueError: if a side is shorter than `factor`.
  """
  width, height = (side // factor for side in image.size)
  if not width or not height:
    raise ValueError(
      f"An image of {image.size} (width, height) cannot be shrunk by {factor}."
    )
  whole = image.crop((0, 0, width * factor, height * factor))
  if image.mode == "RGB":
    return whole.reduce(factor)
  # Nearest takes the pixel at the centre of the block.
  return whole.resize((width, height), Image.Resampling.NEAREST)


def shrink_pair(pair, factor: int, folder: pathlib.Path):
  """Writes an image and its mask, shrunk, as PNG; returns the new pair.

  Raises:
    ValueError: naming the file, if it is smaller than `factor`.
  """
  paths = []
  for kind, path in (("image", pair.image_path), ("mask", pair.mask_path)):
    with Image.open(path) as image:
      try:
        small = shrunk(
          image if kind == "mask" else image.convert("RGB"), factor
        )
      except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    paths.append(folder / f"{pair.name}_{kind}.png")
    small.save(paths[-1])
  return pair._replace(image_path=paths[0], mask_path=paths[1])


def convert(
  devkit_dir: str, dataset: str, output_dir: str, shrink: int = 1
) -> None:
  """Converts train, val and the halves of val; prints their sizes.

  Args:
    devkit_dir: the folder in the layout of VOC.
    dataset: registered name or YAML file of the data set.
    output_dir: folder for the shards.
    shrink: by what the sides of the images and masks are divided first.

  Raises:
    ValueError: if a split has another number of images than it should, or an
      image is smaller than `shrink`.
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
  with tempfile.TemporaryDirectory() as folder:
    if shrink > 1:
      splits = {
        split: [
          shrink_pair(pair, shrink, pathlib.Path(folder)) for pair in pairs
        ]
        for split, pairs in splits.items()
      }
    splits |= layouts.halves(splits["val"])
    for split, pairs in splits.items():
      histogram = conversion.convert_split(
        pairs,
        output_dir,
        split,
        info,
        subset=True,  # A half of the validation may lack a class.
      )
      print(f"{split}: {histogram.num_images} images", flush=True)


def main():
  """Converts what the flags name; for `runner.run`."""
  environment.prepare()
  convert(**{name: flags.FLAGS[name].value for name in (*_FLAGS, _SHRINK)})


if __name__ == "__main__":
  for _name, _meaning in _FLAGS.items():
    flags.DEFINE_string(_name, None, _meaning, required=True)
  flags.DEFINE_integer(
    _SHRINK, 1, "Divides the sides of images and masks.", lower_bound=1
  )
  runner.run(main)
