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

"""The one converter: images and masks in, checked TFRecord shards out."""

from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import dataclasses
import functools
import hashlib
import itertools
import os
import pathlib
import shutil
import tempfile

import numpy as np
import tensorflow as tf

from deeplab_ssl.common import names as names_lib
from deeplab_ssl.input import dataset_info
from deeplab_ssl.input import masks
from deeplab_ssl.input import records
from deeplab_ssl.preparation import histogram
from deeplab_ssl.preparation import parallel
from deeplab_ssl.preparation import samples

_DEFAULT_SHARDS = 4


def _convert_pair(pair, info, label_map):
  """Returns ((serialized record, counts, turned) or None, problems)."""
  sample, problems = samples.read_pair(pair, info, label_map)
  if problems:
    return None, problems
  example = records.make_example(
    sample.image_data,
    filename=sample.name,
    image_format=sample.image_format,
    height=sample.height,
    width=sample.width,
    label_data=(
      None if sample.label is None else masks.encode_mask(sample.label)
    ),
  )
  # The checksum of records tells a run whether its images are the same. Fields
  # in whatever order would give each conversion another.
  record = example.SerializeToString(deterministic=True)
  return (record, sample.counts, sample.turned), []


def check_arguments(
  pairs: Sequence[samples.Pair],
  output_dir: str | os.PathLike,
  split: str,
  info: dataset_info.DatasetInfo,
  num_shards: int,
) -> None:
  """Refuses what can be refused before the first image is read.

  Args:
    pairs: as those of `convert_split`, as all arguments.
    output_dir: the folder for the shards.
    split: name of the split.
    info: the data set.
    num_shards: how many files the split is spread over.

  Raises:
    ConversionError: listing ids that are there twice or leave their folder.
    ValueError: for an argument that does not fit, or a folder that holds other
      records.
  """
  output_dir = pathlib.Path(output_dir)
  if not pairs:
    raise ValueError(f"The split {split!r} lists no images.")
  if not 1 <= num_shards <= len(pairs):
    raise ValueError(
      f"`num_shards` must be in 1..{len(pairs)}, the number of images. "
      f"Received: {num_shards}."
    )
  # The split names the shards, and evaluation names pictures after the ids.
  if not names_lib.is_safe_name(split) or "/" in split:
    raise ValueError(
      f"A split must have a name without folders. Received: {split!r}."
    )
  names = [pair.name for pair in pairs]
  unsafe = [f"{n!r}: {why}" for n in names if (why := names_lib.fault(n))]
  if unsafe:
    raise samples.ConversionError(
      f"Ids of {split!r} that cannot name a file", unsafe
    )
  if len(set(names)) < len(names):
    seen = set()
    twice = sorted({n for n in names if n in seen or seen.add(n)})
    raise samples.ConversionError(
      f"Ids that {split!r} lists more than once", twice
    )
  final = {
    os.path.basename(records.shard_path(output_dir, split, i, num_shards))
    for i in range(num_shards)
  }
  old = [
    path.name
    for path in output_dir.glob(f"{split}-?????-of-?????.tfrecord")
    if path.name not in final
  ]
  if old:
    raise ValueError(
      f"{output_dir} holds {len(old)} shards of {split!r} from a conversion "
      f"with another --num_shards, such as {min(old)}. Remove them or choose "
      "another folder."
    )
  if (output_dir / dataset_info.DATASET_FILE).is_file():
    other = dataset_info.dataset_of_folder(output_dir)
    # What test servers want to read is in no record.
    in_no_record = {"splits": {}, "eval_ids": ()}
    if dataclasses.replace(other, **in_no_record) != dataclasses.replace(
      info, **in_no_record
    ):
      raise ValueError(
        f"{output_dir} holds records of the data set {other.name!r} with "
        f"other classes, colours, void or label map than {info.name!r}. Choose "
        "another folder."
      )


def _shard_sizes(num_records, num_shards):
  """Splits evenly: sizes that differ by at most one."""
  quotient, rest = divmod(num_records, num_shards)
  return [quotient + (index < rest) for index in range(num_shards)]


def _check_written(paths, digests):
  """Reads the shards back and compares them with what was meant to be there."""
  dataset = tf.data.TFRecordDataset(list(map(str, paths)))
  found = [
    hashlib.sha256(record).digest() for record in dataset.as_numpy_iterator()
  ]
  if found != digests:
    raise OSError(
      f"{paths[0].parent} reads back {len(found)} records that are not the "
      f"{len(digests)} written. Check the disk and convert again."
    )


@contextlib.contextmanager
def _partial_dir(output_dir, split) -> Iterator[pathlib.Path]:
  """Makes a folder beside the shards and removes it in the end."""
  path = tempfile.mkdtemp(prefix=f".{split}.partial-", dir=output_dir)
  try:
    yield pathlib.Path(path)
  finally:
    shutil.rmtree(path, ignore_errors=True)


def _write_shards(converted, sizes, paths, info):
  """Writes and reads back the shards; returns their histogram and problems.

  After the first problem nothing is written any more, but every pair is still
  checked, so that all problems are reported at once.
  """
  problems, digests = [], []
  total = histogram.Histogram.empty(info)
  for size, path in zip(sizes, paths, strict=True):
    with tf.io.TFRecordWriter(str(path)) as writer:
      for result, wrong in itertools.islice(converted, size):
        problems += wrong
        if not problems:
          serialized, counts, turned = result
          writer.write(serialized)
          digests.append(hashlib.sha256(serialized).digest())
          total.add(counts, turned)
  if not problems:
    _check_written(paths, digests)
  return total, problems


def _merge_split_size(info, output_dir, split, size):
  splits = {}
  if (output_dir / dataset_info.DATASET_FILE).is_file():
    splits = dict(dataset_info.dataset_of_folder(output_dir).splits)
  splits[split] = size
  dataset_info.save_dataset_info(
    dataclasses.replace(info, splits=splits), output_dir
  )


def _checked_label_map(label_map):
  label_map = np.asarray(label_map)
  if (
    label_map.shape != (256,)
    or not np.isin(label_map, [*range(256), masks.ILLEGAL]).all()
  ):
    raise ValueError(
      "`label_map` must be 256 integers in 0..255, or masks.ILLEGAL. "
      f"Received: shape {label_map.shape}, {label_map.dtype}."
    )
  return label_map.astype(np.int16)


def _publish(moves):
  """Renames shards into place; no reader takes old and new ones for a set.

  The first shard of an older set is removed first and the new one comes last.
  Whenever this is cut short, a shard is missing, which readers refuse.
  """
  (first, first_path), *rest = moves
  if rest:
    first_path.unlink(missing_ok=True)
  for source, path in rest:
    os.replace(source, path)
  os.replace(first, first_path)


def convert_split(
  pairs: Sequence[samples.Pair],
  output_dir: str | os.PathLike,
  split: str,
  info: dataset_info.DatasetInfo,
  *,
  num_shards: int | None = None,
  num_workers: int | None = None,
  label_map: np.ndarray | None = None,
  subset: bool = False,
) -> histogram.Histogram:
  """Converts a split to shards, checking every image and every mask.

  Images are stored as they are, a BMP as a PNG of the same pixels; masks as
  8-bit grey PNGs of class indices. Either the whole split appears, read back
  and compared, or nothing does. A `dataset.yaml` with the classes and the sizes
  of the splits converted so far is written beside the shards.

  Args:
    pairs: (id, image path, mask path) of each record, in the order they get.
    output_dir: the folder for the shards; created if need be. Shards of the
      same split and number are replaced.
    split: name of the split, "train".
    info: the data set.
    num_shards: how many files the split is spread over; by default 4, or one
      per image where there are fewer.
    num_workers: threads that read and check; by default one per CPU, at most 8.
    label_map: `[256]` integers, the label that each value of a mask stands
      for, and `masks.ILLEGAL` for a value that no mask may hold; None for what
      the data set says (`masks.label_table`).
    subset: whether this is a part of the data, in which classes may be missing.

  Returns:
    The histogram of the labels.

  Raises:
    ConversionError: listing every file that cannot be read, every mask that is
      no mask of indices, holds other values than classes and void, or differs
      in size from its image, every id listed twice and every id that, as a
      path, would leave its folder; or the classes that training cannot learn
      (`histogram.unlearnable`).
    ValueError: for an argument that does not fit, or a folder that holds other
      records.
  """
  output_dir = pathlib.Path(output_dir)
  if num_shards is None:
    num_shards = min(_DEFAULT_SHARDS, len(pairs))
  check_arguments(pairs, output_dir, split, info, num_shards)
  if label_map is not None:
    label_map = _checked_label_map(label_map)
  output_dir.mkdir(parents=True, exist_ok=True)
  names = [
    os.path.basename(records.shard_path(output_dir, split, i, num_shards))
    for i in range(num_shards)
  ]
  with (
    _partial_dir(output_dir, split) as partial,
    contextlib.closing(
      parallel.ordered_map(
        functools.partial(_convert_pair, info=info, label_map=label_map),
        pairs,
        num_workers=num_workers,
        description=split,
        total=len(pairs),
      )
    ) as converted,
  ):
    total, problems = _write_shards(
      converted,
      _shard_sizes(len(pairs), num_shards),
      [partial / name for name in names],
      info,
    )
    if not problems and not subset and histogram.is_learnt_from(split):
      problems += filter(
        None, [histogram.unlearnable(info, total.pixels, total.void)]
      )
    if problems:
      raise samples.ConversionError(
        f"The split {split!r} was not converted; problems", problems
      )
    _publish([(partial / name, output_dir / name) for name in names])
  _merge_split_size(info, output_dir, split, len(pairs))
  return total
