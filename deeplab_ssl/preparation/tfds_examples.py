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

"""What builders of TFDS share: features and examples of checked pairs."""

from collections.abc import Iterator
from collections.abc import Sequence
import io
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.preparation import histogram
from deeplab_ssl.preparation import layouts
from deeplab_ssl.preparation import samples

SUBSET = "subset"


def builder_configs() -> list[tfds.core.BuilderConfig]:
  """Returns the configurations of a builder whose splits have known sizes."""
  return [
    tfds.core.BuilderConfig(
      name="complete", description="Every split has all of its images."
    ),
    tfds.core.BuilderConfig(
      name=SUBSET, description="Splits have the images that are there."
    ),
  ]


def features(info: dataset_info.DatasetInfo) -> tfds.features.FeaturesDict:
  """Returns the features of an example.

  Args:
    info: the data set; its class names are kept with the labels. Void is not
      among them, unless it is a class of that name.
  """
  return tfds.features.FeaturesDict(
    {
      "image": tfds.features.Image(doc="As it is in the download."),
      "segmentation_label": tfds.features.LabeledImage(
        labels=list(info.class_names),
        shape=(None, None, 1),
        encoding_format="png",
        doc=f"The classes of {info.name}; {info.ignore_label} is void.",
      ),
      "filename": tfds.features.Text(doc="The id."),
    }
  )


def check_counts(
  pairs: dict[str, Sequence[samples.Pair]],
  info: dataset_info.DatasetInfo,
  config: tfds.core.BuilderConfig,
) -> None:
  """Fails if a split has another number of images than it should.

  Args:
    pairs: the pairs of each split.
    info: the data set.
    config: of `builder_configs`; "subset" takes any number.

  Raises:
    ValueError: for another number, and for none.
  """
  for split, of_split in pairs.items():
    if not of_split:
      raise ValueError(f"The split {split!r} has no images.")
    if config.name != SUBSET:
      layouts.check_count(info, split, len(of_split))


def examples(
  pairs: Sequence[samples.Pair],
  info: dataset_info.DatasetInfo,
  split: str,
  config: tfds.core.BuilderConfig,
  label_map: np.ndarray | None = None,
) -> Iterator[tuple[str, dict[str, Any]]]:
  """Yields keys and examples of one split.

  Args:
    pairs: images with masks.
    info: the data set.
    split: name of the split.
    config: of `builder_configs`; in "subset", classes may be missing.
    label_map: see `samples.read_pair`.

  Yields:
    (id, example), in the order of the pairs.

  Raises:
    samples.ConversionError: in the end, listing all that is wrong with any
      image or mask, or the classes that training cannot learn
      (`histogram.unlearnable`).
  """
  problems: list[str] = []
  total = histogram.Histogram.empty(info)
  for pair in pairs:
    sample, of_pair = samples.read_pair(pair, info, label_map)
    problems += of_pair
    if sample is not None:
      total.add(sample.counts)
      yield (
        sample.name,
        {
          "image": io.BytesIO(sample.image_data),
          "segmentation_label": io.BytesIO(masks.encode_mask(sample.label)),
          "filename": sample.name,
        },
      )
  learnt = config.name != SUBSET and histogram.is_learnt_from(split)
  if learnt and not problems:
    absent = histogram.unlearnable(info, total.pixels, total.void)
    problems += filter(None, [absent])
  if problems:
    raise samples.ConversionError(
      f"The split {split!r} was not built; problems", problems
    )
