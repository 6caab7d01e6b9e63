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

"""From shards to batches: the tf.data pipelines of training and evaluation."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from deeplab_ssl.input import preprocess
from deeplab_ssl.input import records

# Shards read side by side. More does not help a local disk, and with shuffling
# it is what mixes the shards before the buffer does.
_CYCLE_LENGTH = 4


def _check_label(record, num_classes, ignore_label):
  """Returns the label once it holds nothing but classes and void."""
  label = record["label"]
  wrong = ((label < 0) | (label >= num_classes)) & (label != ignore_label)
  values = tf.unique(tf.boolean_mask(label, wrong)).y
  check = tf.debugging.Assert(
    tf.equal(tf.size(values), 0),
    [
      f"A label outside the {num_classes} classes (and not the ignore label "
      f"{ignore_label}): file, values:",
      record["filename"],
      values,
    ],
    summarize=20,
  )
  with tf.control_dependencies([check] if check is not None else []):
    return tf.identity(label)


def _one_of_several(input_context):
  return input_context is not None and input_context.num_input_pipelines > 1


def train_dataset(
  shards: Sequence[str],
  *,
  crop_size: tuple[int, int],
  batch_size: int,
  num_classes: int,
  min_scale_factor: float = 0.5,
  max_scale_factor: float = 2.0,
  scale_factor_step_size: float = 0.25,
  flip: bool = True,
  pad_value=preprocess.MEAN_PIXEL,
  ignore_label: int = 255,
  seed: int | None = None,
  shuffle_buffer: int = 1000,
  input_context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
  """Builds the endless stream of augmented training batches.

  Args:
    shards: paths of the records, as `records.find_shards` returns them.
    crop_size: (height, width) of the crops.
    batch_size: images in each batch this pipeline yields: the global batch for
      `experimental_distribute_dataset`, the batch of one replica (see
      `input_context.get_per_replica_batch_size`) for
      `distribute_datasets_from_function`.
    num_classes: the number of classes, without void.
    min_scale_factor: the smallest scale.
    max_scale_factor: the largest scale.
    scale_factor_step_size: distance of the scales; 0 draws uniformly.
    flip: whether to mirror half of the images.
    pad_value: what images are padded with, a number or one per channel.
    ignore_label: the label of void, also what labels are padded with.
    seed: with a seed the stream is the same in every run (of the same
      `tf.random.set_seed`, if there is one), however the threads are timed.
    shuffle_buffer: how many encoded records are held for shuffling.
    input_context: where there are several input pipelines, each reads its own
      shards, or its own records if there are fewer shards than pipelines.

  Returns:
    {"image": float32 `[batch, height, width, 3]` in 0..255, "label": int32
    `[batch, height, width, 1]`}; never ends.

  Raises:
    ValueError: if there are no shards or a size is not positive.
    tf.errors.InvalidArgumentError: from the iteration, if a label is neither a
      class nor void; names the file and the values.
  """
  shards = list(shards)
  if not shards or batch_size < 1 or min(crop_size) < 1:
    raise ValueError(
      "Training needs shards, a batch and a crop. Received: "
      f"{len(shards)} shards, batch_size={batch_size}, crop_size={crop_size}."
    )
  deterministic = seed is not None
  if seed is None:
    seed = int(np.random.default_rng().integers(2**31))
  pipeline_id = 0
  files = tf.data.Dataset.from_tensor_slices(shards)
  several = _one_of_several(input_context)
  by_file = several and len(shards) >= input_context.num_input_pipelines
  if several:
    pipeline_id = input_context.input_pipeline_id
  if by_file:
    files = files.shard(input_context.num_input_pipelines, pipeline_id)
  if by_file or not several:
    files = files.shuffle(len(shards), seed=seed)
  dataset = files.interleave(
    tf.data.TFRecordDataset,
    cycle_length=min(_CYCLE_LENGTH, len(shards)),
    num_parallel_calls=tf.data.AUTOTUNE,
    deterministic=deterministic or several,
  )
  if several and not by_file:
    # All pipelines must see the same order here, or they would share records
    # and lose others; hence no shuffling above.
    dataset = dataset.shard(input_context.num_input_pipelines, pipeline_id)
  # Encoded records are shuffled, not decoded ones: 1000 take some 100 MB.
  dataset = dataset.shuffle(shuffle_buffer, seed=seed).repeat().enumerate()

  def prepare(index, serialized):
    record = records.parse_record(serialized)
    label = _check_label(record, num_classes, ignore_label)
    # The seed follows the place in the stream, not the thread that works on it.
    image, label = preprocess.augment(
      tf.cast(record["image"], tf.float32),
      label,
      tf.random.experimental.stateless_fold_in([seed, pipeline_id], index),
      crop_size=tuple(crop_size),
      min_scale_factor=min_scale_factor,
      max_scale_factor=max_scale_factor,
      scale_factor_step_size=scale_factor_step_size,
      flip=flip,
      pad_value=pad_value,
      ignore_label=ignore_label,
    )
    return {"image": image, "label": label}

  return (
    dataset.map(
      prepare,
      num_parallel_calls=tf.data.AUTOTUNE,
      deterministic=deterministic,
    )
    .batch(batch_size, drop_remainder=True)
    .prefetch(tf.data.AUTOTUNE)
  )


def eval_dataset(
  shards: Sequence[str],
  *,
  num_classes: int,
  ignore_label: int = 255,
  with_label: bool = True,
  input_context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
  """Builds one pass over the records at their original size, in file order.

  Args:
    shards: paths of the records, as `records.find_shards` returns them.
    num_classes: the number of classes, without void.
    ignore_label: the label of void.
    with_label: False leaves the labels out, for records that have none.
    input_context: where there are several input pipelines, each reads every
      n-th record; their numbers of records may differ by one.

  Returns:
    Batches of one: {"image": float32 `[1, height, width, 3]` in 0..255,
    "label": int32 `[1, height, width, 1]` (missing if `with_label` is False),
    "filename": string `[1]`}.

  Raises:
    ValueError: if there are no shards.
    tf.errors.InvalidArgumentError: from the iteration, if a label is neither a
      class nor void; names the file and the values.
  """
  shards = list(shards)
  if not shards:
    raise ValueError("Evaluation needs at least one shard. Received: none.")
  dataset = tf.data.TFRecordDataset(shards)
  if _one_of_several(input_context):
    dataset = dataset.shard(
      input_context.num_input_pipelines, input_context.input_pipeline_id
    )

  def prepare(serialized):
    record = records.parse_record(serialized, with_label=with_label)
    example = {
      "image": tf.cast(record["image"], tf.float32),
      "filename": record["filename"],
    }
    if with_label:
      example["label"] = _check_label(record, num_classes, ignore_label)
    return example

  return (
    dataset.map(
      prepare, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )
    .batch(1)
    .prefetch(tf.data.AUTOTUNE)
  )
