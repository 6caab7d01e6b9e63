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

"""The report on a data set: numbers, problems, warnings."""

import collections
import dataclasses

from deeplab_ssl.common import names
from deeplab_ssl.input import dataset_info
from deeplab_ssl.preparation import histogram
from deeplab_ssl.preparation import samples

_MAX_LISTED = 100


@dataclasses.dataclass
class SplitReport:
  """What is in a split.

  Attributes:
    labels: how often each label occurs.
    sizes: number of images per (height, width).
    without_mask: number of images without a mask.
    bad: one line per record or pair that cannot be used, with the reason.
    ids: number of occurrences per id.
    digests: id of the first image with this content, by its hash.
    pictures: a few samples, drawn at random.
    turned: ids of the images that viewers turn or mirror after their EXIF data.
  """

  labels: histogram.Histogram
  sizes: collections.Counter = dataclasses.field(
    default_factory=collections.Counter
  )
  without_mask: int = 0
  bad: list[str] = dataclasses.field(default_factory=list)
  ids: collections.Counter = dataclasses.field(
    default_factory=collections.Counter
  )
  digests: dict[bytes, str] = dataclasses.field(default_factory=dict)
  pictures: list[samples.Sample] = dataclasses.field(default_factory=list)
  turned: list[str] = dataclasses.field(default_factory=list)

  @property
  def void_share(self) -> float:
    """Share of the labelled pixels that is void."""
    total = int(self.labels.pixels.sum()) + self.labels.void
    return self.labels.void / total if total else 0.0

  def as_dict(self) -> dict:
    """Returns numbers and texts for JSON."""
    return {
      "images": self.labels.num_images,
      "without_mask": self.without_mask,
      "void_share": self.void_share,
      "classes": [
        {
          "label": label,
          "name": self.labels.info.class_names[label],
          "pixels": int(self.labels.pixels[label]),
          "images": int(self.labels.images[label]),
        }
        for label in self.labels.info.scored_labels
      ],
      "void_pixels": self.labels.void,
      "sizes": [
        {"height": height, "width": width, "images": count}
        for (height, width), count in self.sizes.most_common()
      ],
      "turned": self.turned,
      "bad": self.bad,
    }

  def __str__(self):
    lines = [f"{self.labels.num_images} images, {len(self.bad)} bad"]
    if self.without_mask:
      lines[0] += f", {self.without_mask} without a mask"
    if self.sizes:
      (height, width), count = self.sizes.most_common(1)[0]
      heights, widths = zip(*self.sizes, strict=True)
      lines.append(
        f"sizes (width x height): {len(self.sizes)}, most often "
        f"{width}x{height} ({count}); width {min(widths)} to {max(widths)}, "
        f"height {min(heights)} to {max(heights)}"
      )
    if self.without_mask < self.labels.num_images:
      lines.append(str(self.labels))
    return "\n".join(lines)


@dataclasses.dataclass
class Report:
  """What is in a data set.

  Attributes:
    info: the data set.
    splits: what is in each split.
    problems: what has to be mended before training.
    warnings: what may be meant so, and should be looked at.
  """

  info: dataset_info.DatasetInfo
  splits: dict[str, SplitReport] = dataclasses.field(default_factory=dict)
  problems: list[str] = dataclasses.field(default_factory=list)
  warnings: list[str] = dataclasses.field(default_factory=list)

  @property
  def ready(self) -> bool:
    """Whether training may start."""
    return not self.problems

  def as_dict(self) -> dict:
    """Returns numbers and texts for JSON."""
    return {
      "name": self.info.name,
      "num_classes": self.info.num_classes,
      "ready": self.ready,
      "problems": self.problems,
      "warnings": self.warnings,
      "splits": {name: split.as_dict() for name, split in self.splits.items()},
    }

  def __str__(self):
    lines = []
    for name, split in self.splits.items():
      lines += [f"{name}: {split}", ""]
    for title, found in (
      ("Warnings", self.warnings),
      ("Problems", self.problems),
    ):
      if found:
        lines.append(f"{title} ({len(found)}):")
        lines += [f"  {line}" for line in found[:_MAX_LISTED]]
        if len(found) > _MAX_LISTED:
          lines.append(f"  and {len(found) - _MAX_LISTED} more")
        lines.append("")
    lines.append(
      "Training may start." if self.ready else "Training must not start."
    )
    # A folder that is not UTF-8 must not keep the report from being printed.
    return names.printable("\n".join(lines))
