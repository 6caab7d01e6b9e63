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

"""From a source to batches: the pipelines of training and evaluation."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from deeplab_ssl.input import augmentation
from deeplab_ssl.input import cropping
from deeplab_ssl.input import preprocess
from deeplab_ssl.input import record_source
from deeplab_ssl.input import source as source_lib

# What is drawn from a seed must not repeat what else is.
_AUGMENTATION, _ORDER = 0, 1
_ENDLESS = tf.data.INFINITE_CARDINALITY


def _check_label(record, num_classes, ignore_label):
  """Returns the label once it holds nothing but classes and void."""
  label = record["label"]
  # In the dtype of the label, since a label of bytes is searched fast.
  wrong = label > num_classes - 1
  if label.dtype.min < 0:
    wrong |= label < 0
  if label.dtype.min <= ignore_label <= label.dtype.max:
    wrong &= label != ignore_label
  values = tf.cond(
    tf.reduce_any(wrong),
    lambda: tf.unique(tf.boolean_mask(label, wrong)).y,
    lambda: tf.zeros([0], label.dtype),
  )
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


def _check_size(image, size, filename, largest_size):
  """Returns an image once its size is no larger than it may be."""
  check = tf.debugging.Assert(
    tf.reduce_all(size <= largest_size),
    [
      "An image is larger than {} x {}, to which images are padded. Give "
      "--eval_crop_size a larger HEIGHT,WIDTH, or leave it out. File, height "
      "and width:".format(*largest_size),
      filename,
      size,
    ],
  )
  with tf.control_dependencies([check] if check is not None else []):
    return tf.identity(image)


def _source(source):
  if isinstance(source, source_lib.Source):
    return source
  return record_source.RecordSource(source)


def _share(batch_size, input_context):
  """Returns the size of a global batch and which part of it a pipeline yields.

  So which image comes at which place depends on no number of pipelines or
  replicas.
  """
  if input_context is None:
    return batch_size, slice(0, batch_size)
  replicas = input_context.num_replicas_in_sync
  block = batch_size * replicas // input_context.num_input_pipelines
  first = block * input_context.input_pipeline_id
  return batch_size * replicas, slice(first, first + block)


def epoch_order(epoch: tf.Tensor, size: int, seed: int) -> tf.Tensor:
  """Returns the order of the images in an epoch, int64 `[size]`.

  Args:
    epoch: scalar int64, from 0.
    size: how many images there are.
    seed: the seed of the stream.
  """
  epoch_seed = tf.random.experimental.stateless_fold_in(
    tf.constant([seed, _ORDER], tf.int64), epoch
  )
  indices = tf.range(size, dtype=tf.int64)
  return tf.random.experimental.stateless_shuffle(indices, epoch_seed)


def _places(size, seed, first_place):
  """The endless stream of (place, index of the image that comes there)."""
  order = tf.data.Dataset.counter(first_place // size).flat_map(
    lambda epoch: tf.data.Dataset.from_tensor_slices(
      epoch_order(epoch, size, seed)
    )
  )
  # What is skipped are numbers; no image is read for it.
  order = order.skip(first_place % size)
  return tf.data.Dataset.zip((tf.data.Dataset.counter(first_place), order))


def train_dataset(
  source: source_lib.Source | Sequence[str],
  *,
  crop_size: tuple[int, int],
  batch_size: int,
  num_classes: int,
  size_range: preprocess.SizeRange | None = None,
  min_scale_factor: float = 0.5,
  max_scale_factor: float = 2.0,
  scale_factor_step_size: float = 0.25,
  flip: bool = True,
  pad_value=preprocess.MEAN_PIXEL,
  ignore_label: int = 255,
  seed: int | None = None,
  first_place: int = 0,
  input_context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
  """Builds the endless stream of augmented training batches.

  Which image comes at which place of the stream, and how it is augmented,
  depends on the seed and the place alone.

  Args:
    source: where images and labels come from; paths of shards, as
      `records.find_shards` returns them, stand for a `RecordSource`.
    crop_size: (height, width) of the crops.
    batch_size: images in each batch this pipeline yields: the global batch for
      `experimental_distribute_dataset`, the batch of one replica (see
      `input_context.get_per_replica_batch_size`) for
      `distribute_datasets_from_function`.
    num_classes: the number of classes, without void.
    size_range: to which size images and labels are resized first; None leaves
      them as they are.
    min_scale_factor: the smallest scale.
    max_scale_factor: the largest scale.
    scale_factor_step_size: distance of the scales; 0 draws uniformly.
    flip: whether to mirror half of the images.
    pad_value: what images are padded with, a number or one per channel.
    ignore_label: the label of void, also what labels are padded with.
    seed: of the stream; None draws one.
    first_place: where the stream begins: the number of images that a training
      which goes on has seen.
    input_context: where there are several input pipelines, each yields its
      block of every global batch.

  Returns:
    {"image": float32 `[batch, height, width, 3]` in 0..255, "label": int32
    `[batch, height, width, 1]`}; never ends.

  Raises:
    ValueError: if there are no shards, a size is not positive, or there are
      several input pipelines and no seed.
    tf.errors.InvalidArgumentError: from the iteration, if a record is damaged
      or a label is neither a class nor void; names the file.
  """
  source = _source(source)
  if batch_size < 1 or min(crop_size) < 1:
    raise ValueError(
      "Training needs a batch and a crop. Received: "
      f"batch_size={batch_size}, crop_size={crop_size}."
    )
  if seed is None:
    if input_context and input_context.num_input_pipelines > 1:
      raise ValueError(
        "Several input pipelines share one stream only by a `seed` that all of "
        "them are given. Received: None."
      )
    seed = draw_seed()
  global_batch, share = _share(batch_size, input_context)

  def draw(place, image_size):
    return augmentation.draw(
      image_size,
      tf.random.experimental.stateless_fold_in(
        tf.constant([seed, _AUGMENTATION], tf.int64), place
      ),
      crop_size=tuple(crop_size),
      min_scale_factor=min_scale_factor,
      max_scale_factor=max_scale_factor,
      scale_factor_step_size=scale_factor_step_size,
      flip=flip,
    )

  def decode(place, element):
    """Returns the crop, what it shows of the image, and all of the label."""
    crop = draw(place, source.image_size(element))
    record = source.decode_box(element, cropping.source_box(crop))
    # All of the label, so that what is an error depends on no draw.
    label = _check_label(record, num_classes, ignore_label)
    return crop, record["image"], label

  def decode_resized(place, element):
    """Likewise; the crop is one of the resized image."""
    record = source.decode(element)
    label = _check_label(record, num_classes, ignore_label)
    image, label = size_range.resize(record["image"], label)
    crop = draw(place, tf.shape(image)[:2])
    top, left, height, width = tf.unstack(cropping.source_box(crop))
    return crop, image[top : top + height, left : left + width], label

  def prepare(place, index):
    take = decode if size_range is None else decode_resized
    crop, box, label = take(place, source.read(index))
    return {
      "image": cropping.cut_image(box, crop, pad_value=pad_value),
      "label": cropping.cut_label(label, crop, ignore_label=ignore_label),
    }

  return (
    _places(source.size, seed, first_place)
    .batch(global_batch)
    .map(lambda places, indices: (places[share], indices[share]))
    .unbatch()
    .apply(tf.data.experimental.assert_cardinality(_ENDLESS))
    .map(prepare, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    .batch(batch_size, drop_remainder=True)
    .prefetch(tf.data.AUTOTUNE)
    .with_options(untuned())
  )


def untuned() -> tf.data.Options:
  """Returns options by which whoever drops an iterator waits less.

  tf.data tunes a pipeline in a thread that sleeps for ever longer, up to a
  minute. An iterator that ends wakes it before it is marked as cancelled: where
  the thread looks too early, as on few cores, it sleeps on, and is waited for.
  Ends of trainings on one core took half a minute on average. Without the
  thread, `AUTOTUNE` calls in parallel what the CPUs can take, up to 16, and
  still sizes the buffer of a `prefetch`.

  A distribution strategy copies batches to its devices by an iterator of its
  own, with a thread of its own that no option reaches.
  """
  options = tf.data.Options()
  options.autotune.enabled = False
  return options


def draw_seed() -> int:
  """Draws a seed where none is given."""
  return int(np.random.default_rng().integers(2**31))


def eval_dataset(
  source: source_lib.Source | Sequence[str],
  *,
  num_classes: int,
  ignore_label: int = 255,
  with_label: bool = True,
  size_range: preprocess.SizeRange | None = None,
  resizes: bool = True,
  largest_size: tuple[int, int] | None = None,
  batch_size: int = 1,
  input_context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
  """Builds one pass over a source, image by image, in its own order.

  Args:
    source: where images and labels come from; paths of shards, as
      `records.find_shards` returns them, stand for a `RecordSource`.
    num_classes: the number of classes, without void.
    ignore_label: the label of void.
    with_label: False leaves the labels out, for images that have none.
    size_range: to which size images and labels are resized; None is their own.
    resizes: whether that is done here. If not, they come at their own size, and
      whoever asks about them does it.
    largest_size: (height, width) that no image may exceed once it is resized;
      None for any.
    batch_size: above 1, images of one size come together, at most so many; the
      order is no longer that of the source, and up to `batch_size - 1` images
      of each size wait in memory.
    input_context: where there are several input pipelines, each reads its
      own part; their numbers of images may differ by one.

  Returns:
    {"image": float32 `[batch, height, width, 3]` in 0..255, "label": int32
    `[batch, height, width, 1]` (missing if `with_label` is False), "filename":
    string `[batch]`}.

  Raises:
    ValueError: if there are no shards, or the batch is not positive.
    tf.errors.InvalidArgumentError: from the iteration, if a label is neither a
      class nor void, or an image too large; names the file.
  """
  source = _source(source)
  if batch_size < 1:
    raise ValueError(f"batch_size must be positive. Received: {batch_size}.")

  def prepare(index):
    record = source.decode(source.read(index), with_label=with_label)
    image, label, filename = record["image"], None, record["filename"]
    if with_label:
      # Bytes until they leave, since many may wait for others of their size.
      label = tf.cast(_check_label(record, num_classes, ignore_label), tf.uint8)
    size = tf.shape(image)[:2]
    if size_range is not None:
      size = size_range.size_of(size)
    if largest_size is not None:
      image = _check_size(image, size, filename, largest_size)
    if size_range is not None and resizes:
      image, label = size_range.resize(image, label)
    example = {"image": image, "filename": filename}
    return example | ({"label": label} if with_label else {})

  def convert(example):
    converted = example | {"image": tf.cast(example["image"], tf.float32)}
    if with_label:
      converted["label"] = tf.cast(example["label"], tf.int32)
    return converted

  indices = tf.data.Dataset.range(source.size)
  if input_context is not None:
    indices = indices.shard(
      input_context.num_input_pipelines, input_context.input_pipeline_id
    )
  dataset = indices.map(
    prepare, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
  )
  if batch_size == 1:
    dataset = dataset.batch(1)
  else:
    dataset = dataset.group_by_window(
      key_func=_size_key,
      reduce_func=lambda _, same_size: same_size.batch(batch_size),
      window_size=batch_size,
    )
  return dataset.map(convert).prefetch(tf.data.AUTOTUNE).with_options(untuned())


def _size_key(example):
  shape = tf.shape(example["image"], out_type=tf.int64)
  return shape[0] * 2**31 + shape[1]
