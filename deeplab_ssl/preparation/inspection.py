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

"""What is in a data set, and whether training on it may start."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import functools
import hashlib
import os
import pathlib
import random
import re

import tensorflow as tf

from deeplab_ssl.common import op_errors
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import records
from deeplab_ssl.preparation import data_report
from deeplab_ssl.preparation import histogram
from deeplab_ssl.preparation import parallel
from deeplab_ssl.preparation import samples

# Splits that share images by design.
_NESTED = (
  {"train", "trainval"},
  {"val", "trainval"},
  {"train", "trainaug"},
  {"trainaug", "trainval"},
)
# A label, or void, with a larger share of a split than this is suspicious.
_DOMINANT = 0.99
_MAX_LISTED = 20
# How splits are called that a training reads; others may be without masks.
_LEARNT_FROM = ("train", "val")


# === One split ===


def _inspect_split(
  checked: Iterable[tuple[samples.Sample | None, Sequence[str]]],
  info: dataset_info.DatasetInfo,
  num_pictures: int,
) -> data_report.SplitReport:
  """Gathers what the checks of the images of a split give."""
  report = data_report.SplitReport(histogram.Histogram.empty(info))
  draw = random.Random(0)
  kept = []
  for sample, problems in checked:
    report.bad += problems
    if sample is None:
      continue
    report.labels.add(sample.counts)
    report.sizes[sample.height, sample.width] += 1
    report.without_mask += sample.counts is None
    if sample.turned:
      report.turned.append(sample.name)
    report.ids[sample.name] += 1
    digest = hashlib.sha256(sample.image_data).digest()
    report.digests.setdefault(digest, sample.name)
    # Every image has the same chance to stay, without knowing their number.
    position = report.labels.num_images - 1
    slot = position if position < num_pictures else draw.randint(0, position)
    if slot < num_pictures:
      kept[slot : slot + 1] = [(position, sample)]
  kept.sort(key=lambda item: item[0])
  report.pictures = [sample for _, sample in kept]
  return report


def _read_shards(paths, bad) -> Iterator[tuple[bytes, str]]:
  """Yields (record, place); a damaged shard ends and is told."""
  for path in paths:
    number = 0
    try:
      for record in tf.data.TFRecordDataset(path).as_numpy_iterator():
        yield record, f"{path}, record {number}"
        number += 1
    except tf.errors.DataLossError as error:
      bad.append(
        f"{path}: damaged after {number} records ({op_errors.reason(error)}); "
        "convert the split again"
      )


def _read_record(item, info):
  return samples.read_record(item[0], info, item[1])


# === All splits ===


def _shared(name, names, what):
  listed = ", ".join(map(repr, sorted(names)[:_MAX_LISTED]))
  more = f" and {len(names) - _MAX_LISTED} more" * (len(names) > _MAX_LISTED)
  return f"{name} share {len(names)} {what}: {listed}{more}"


def _compare(report, first, second):
  """Notes what two splits share, unless they are meant to."""
  if {first, second} in _NESTED:
    return
  a, b = report.splits[first], report.splits[second]
  name = f"{first} and {second}"
  shared = a.ids.keys() & b.ids.keys()
  if shared:
    report.problems.append(_shared(name, shared, "ids"))
  same = {
    f"{a.digests[digest]} = {b.digests[digest]}"
    for digest in a.digests.keys() & b.digests.keys()
    if a.digests[digest] not in shared
  }
  if same:
    report.problems.append(_shared(name, same, "images under other ids"))


def _judge_split(report, name, subset):
  """Notes what is wrong or odd in one split."""
  split, labels = report.splits[name], report.splits[name].labels
  report.problems += [f"{name}: {line}" for line in split.bad]
  report.problems += [
    f"{name}: the id {id_!r} occurs {count} times"
    for id_, count in split.ids.items()
    if count > 1
  ]
  if not labels.num_images:
    report.problems.append(f"{name}: holds no image that can be used")
  if 0 < split.without_mask < labels.num_images:
    report.problems.append(
      f"{name}: {split.without_mask} of {labels.num_images} images are without "
      "a mask"
    )
  if split.turned:
    report.warnings.append(
      f"{name}: viewers turn {len(split.turned)} images, such as "
      f"{split.turned[0]!r}, after their EXIF data; pixels count as they are "
      "stored, and so must their masks"
    )
  if split.without_mask == labels.num_images:
    if labels.num_images and name.startswith(_LEARNT_FROM):
      report.problems.append(
        f"{name}: is without masks, and so can be neither trained on nor scored"
      )
    elif labels.num_images:
      report.warnings.append(f"{name}: is without masks, for prediction only")
    return
  absent = [
    report.info.class_names[label]
    for label in report.info.scored_labels
    if not labels.images[label]
  ]
  missing = histogram.unlearnable(report.info, labels.pixels, labels.void)
  if missing and histogram.is_learnt_from(name) and not subset:
    report.problems.append(f"{name}: {missing}")
  elif absent:
    report.warnings.append(f"{name}: never shows {', '.join(absent)}")
  total = int(labels.pixels.sum()) + labels.void
  if split.void_share > _DOMINANT:
    report.problems.append(f"{name}: {split.void_share:.2%} of it is void")
  for label, pixels in enumerate(labels.pixels):
    if pixels > _DOMINANT * total:
      report.warnings.append(
        f"{name}: {pixels / total:.2%} of it is "
        f"{report.info.class_names[label]}"
      )


def _judge(report, subset):
  names = list(report.splits)
  for i, name in enumerate(names):
    _judge_split(report, name, subset)
    for other in names[i + 1 :]:
      _compare(report, name, other)
  if all(s.without_mask == s.labels.num_images for s in report.splits.values()):
    report.problems.append("No split has masks, so there is nothing to learn")


def _inspect(
  info: dataset_info.DatasetInfo,
  splits: Mapping[str, tuple[Callable, Iterable, list[str]]],
  num_pictures: int,
  num_workers: int | None,
  subset: bool,
) -> data_report.Report:
  """Runs the check of each split over its items; see the callers."""
  report = data_report.Report(info)
  for name, (check, items, bad) in splits.items():
    checked = parallel.ordered_map(
      check, items, num_workers=num_workers, description=name
    )
    report.splits[name] = _inspect_split(checked, info, num_pictures)
    report.splits[name].bad += bad
  _judge(report, subset)
  return report


def _splits_of(data_dir):
  """The splits whose shards lie in a folder, train first."""
  names = {
    match[1]
    for path in pathlib.Path(data_dir).glob("*.tfrecord")
    if (match := re.fullmatch(r"(.+)-\d{5}-of-\d{5}\.tfrecord", path.name))
  }
  return sorted(names, key=lambda name: (not name.startswith("train"), name))


def inspect_records(
  data_dir: str | os.PathLike,
  splits: Sequence[str] | None = None,
  info: dataset_info.DatasetInfo | None = None,
  *,
  num_pictures: int = 0,
  num_workers: int | None = None,
  subset: bool = False,
) -> data_report.Report:
  """Reads every record of a folder and judges it.

  Args:
    data_dir: the folder of the shards.
    splits: the splits to look at; by default all that are there.
    info: the data set; by default that of the folder's dataset.yaml.
    num_pictures: how many samples per split to keep for pictures.
    num_workers: threads; by default one per CPU, at most 8.
    subset: whether the data are a part, in which classes may be missing.

  Returns:
    The report.

  Raises:
    FileNotFoundError: if there are no records, or no dataset.yaml and no info.
  """
  given = info or dataset_info.dataset_of_folder(data_dir)
  names = splits or _splits_of(data_dir)
  if not names:
    raise FileNotFoundError(f"{data_dir} holds no records.")
  sources, problems = {}, []
  for name in names:
    try:
      paths = records.find_shards(data_dir, name)
    except (FileNotFoundError, ValueError) as error:
      problems.append(f"{name}: {error}")
      continue
    bad = []
    sources[name] = (
      functools.partial(_read_record, info=given),
      _read_shards(paths, bad),
      bad,
    )
  report = _inspect(given, sources, num_pictures, num_workers, subset)
  if info is None:
    for name, split in report.splits.items():
      expected = given.splits.get(name)
      found = sum(split.ids.values())
      if not split.bad and expected not in (None, found):
        problems.append(
          f"{name}: {found} records; {dataset_info.DATASET_FILE} says "
          f"{expected}"
        )
  report.problems[:0] = problems
  return report


def inspect_pairs(
  pairs: Mapping[str, Sequence[samples.Pair]],
  info: dataset_info.DatasetInfo,
  *,
  num_pictures: int = 0,
  num_workers: int | None = None,
  subset: bool = False,
) -> data_report.Report:
  """Reads every image and mask before a conversion and judges them.

  Args:
    pairs: the pairs of each split.
    info: the data set.
    num_pictures: how many samples per split to keep for pictures.
    num_workers: threads; by default one per CPU, at most 8.
    subset: whether the data are a part, in which classes may be missing.

  Returns:
    The report.
  """
  check = functools.partial(samples.read_pair, info=info)
  sources = {name: (check, items, []) for name, items in pairs.items()}
  return _inspect(info, sources, num_pictures, num_workers, subset)
