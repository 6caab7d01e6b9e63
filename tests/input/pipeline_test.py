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

"""Tests of the tf.data pipelines."""

import itertools

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from deeplab_ssl.input import masks
from deeplab_ssl.input import pipeline
from deeplab_ssl.input import preprocess
from deeplab_ssl.input import record_source
from deeplab_ssl.input import records
from deeplab_ssl.input import source as source_lib
from tests import image_kinds
from tests import input_testing
from tests import replicas

NUM_RECORDS = 12
NUM_SHARDS = 4


def _write_shards(directory, poison=None):
  """Record i is a uniform image of value 10 i with class i modulo 3."""
  shards = []
  for shard in range(NUM_SHARDS):
    shards.append(records.shard_path(directory, "train", shard, NUM_SHARDS))
    with tf.io.TFRecordWriter(shards[-1]) as writer:
      for index in range(shard, NUM_RECORDS, NUM_SHARDS):
        size = (20 + index, 24)
        label = np.full(size, index % 3, np.uint8)
        label[0] = 255
        if index == poison:
          label[3, :2] = 77, 3
        image = np.full((*size, 3), 10 * index, np.uint8)
        example = records.make_example(
          tf.io.encode_png(image).numpy(),
          filename=f"img{index}",
          image_format="png",
          height=size[0],
          width=size[1],
          label_data=masks.encode_mask(label),
        )
        writer.write(example.SerializeToString())
  return shards


def _context(pipelines, index):
  return tf.distribute.InputContext(pipelines, index, pipelines)


class _Whole(source_lib.Source):
  """Knows no more than to decode the whole of another source's images."""

  def __init__(self, other):
    self._other = other
    self.size, self.fingerprint = other.size, other.fingerprint

  def read(self, index):
    return self._other.read(index)

  def decode(self, element, *, with_label=True):
    return self._other.decode(element, with_label=with_label)


class _Labels(source_lib.Source):
  """One image, a row of the labels given."""

  size, fingerprint = 1, "labels"

  def __init__(self, labels):
    self._labels = np.int32(labels)[None, :, None]

  def read(self, index):
    return index

  def decode(self, element, *, with_label=True):
    image = tf.zeros([1, self._labels.size, 3], tf.uint8)
    decoded = {"image": image, "filename": tf.constant("file")}
    return decoded | (
      {"label": tf.constant(self._labels)} if with_label else {}
    )


class _Random(source_lib.Source):
  """Images of several sizes with random pixels and labels."""

  sizes = ((30, 47), (52, 21), (40, 40))
  size, fingerprint = len(sizes), "random"

  def __init__(self, num_classes=3):
    random = np.random.RandomState(1)
    self.images = [
      random.randint(0, 256, [*size, 3]).astype(np.uint8) for size in self.sizes
    ]
    self.labels = [
      random.randint(0, num_classes, [*size, 1]).astype(np.int32)
      for size in self.sizes
    ]

  def read(self, index):
    return index

  def decode(self, element, *, with_label=True):
    def look_up(index):
      return self.images[index], self.labels[index]

    image, label = tf.numpy_function(look_up, [element], [tf.uint8, tf.int32])
    decoded = {
      "image": tf.ensure_shape(image, [None, None, 3]),
      "filename": tf.strings.as_string(element),
    }
    label = tf.ensure_shape(label, [None, None, 1])
    return decoded | ({"label": label} if with_label else {})


def _resize(values, size, method):
  """Resizes as the original does, by TensorFlow's function of that time."""
  methods = tf.compat.v1.image.ResizeMethod
  return tf.compat.v1.image.resize(
    values, size, method=getattr(methods, method), align_corners=True
  ).numpy()


def _padded(values, size, value):
  room = [(0, new - old) for new, old in zip(size, values.shape, strict=False)]
  return np.pad(values, [*room, (0, 0)], constant_values=value)


class ResizingTest(parameterized.TestCase):
  """Images of another size than their own, beside two calls of TensorFlow's."""

  # {the range: the sizes that the images get by the original's rule}.
  RANGE = preprocess.SizeRange(24, 33, 8)
  RESIZED = ((25, 33), (33, 17), (25, 25))

  @parameterized.parameters(1.0, 1.5, 0.625)
  def test_training_images_are_resized_and_then_scaled(self, scale):
    source, crop = _Random(), (64, 64)
    dataset = pipeline.train_dataset(
      source,
      crop_size=crop,
      batch_size=3,
      num_classes=3,
      size_range=self.RANGE,
      min_scale_factor=scale,
      max_scale_factor=scale,
      flip=False,
      seed=3,
    )
    batch = next(iter(dataset))
    found = {tuple(np.ravel(image)[:30].round(2)) for image in batch["image"]}
    self.assertLen(found, 3)
    for i, size in enumerate(self.RESIZED):
      scaled = [int(np.float32(side) * np.float32(scale)) for side in size]
      image, label = source.images[i].astype(np.float32), source.labels[i]
      for target in (size, scaled):
        image = _resize(image, target, "BILINEAR")
        label = _resize(label, target, "NEAREST_NEIGHBOR")
      expected = _padded(image, crop, 127.5), _padded(label, crop, 255)
      near = [
        np.abs(ours - expected[0]).max() < 1e-3
        and np.array_equal(truth, expected[1])
        for ours, truth in zip(
          batch["image"].numpy(), batch["label"].numpy(), strict=True
        )
      ]
      self.assertEqual(sum(near), 1, (i, near))

  def test_a_crop_of_a_resized_image_is_part_of_it(self):
    options = {
      "batch_size": 3,
      "num_classes": 3,
      "size_range": self.RANGE,
      "seed": 3,
    }
    whole = pipeline.train_dataset(
      _Random(),
      crop_size=(128, 128),
      min_scale_factor=1.0,
      max_scale_factor=1.0,
      flip=False,
      **options,
    )
    part = pipeline.train_dataset(
      _Random(),
      crop_size=(9, 11),
      min_scale_factor=1.0,
      max_scale_factor=1.0,
      flip=False,
      **options,
    )
    for large, small in zip(
      next(iter(whole))["image"].numpy(),
      next(iter(part))["image"].numpy(),
      strict=True,
    ):
      windows = np.lib.stride_tricks.sliding_window_view(large, (9, 11, 3))
      gaps = np.abs(windows[:, :, 0] - small).max((2, 3, 4))
      self.assertEqual(gaps.min(), 0)

  @parameterized.parameters(1, 2)
  def test_images_are_evaluated_in_the_same_size(self, batch_size):
    source = _Random()
    found = {}
    for example in pipeline.eval_dataset(
      source, num_classes=3, size_range=self.RANGE, batch_size=batch_size
    ):
      for image, label, name in zip(
        *(example[key].numpy() for key in ("image", "label", "filename")),
        strict=True,
      ):
        found[int(name)] = image, label
    for i, size in enumerate(self.RESIZED):
      image, label = found[i]
      pixels = source.images[i].astype(np.float32)
      np.testing.assert_allclose(
        image, _resize(pixels, size, "BILINEAR"), atol=1e-3
      )
      np.testing.assert_array_equal(
        label, _resize(source.labels[i], size, "NEAREST_NEIGHBOR")
      )

  def test_others_may_resize(self):
    examples = pipeline.eval_dataset(
      _Random(), num_classes=3, size_range=self.RANGE, resizes=False
    )
    shapes = [tuple(e["image"].shape[1:3]) for e in examples]
    self.assertEqual(shapes, list(_Random.sizes))

  @parameterized.parameters(True, False)
  def test_an_image_that_is_too_large_is_named(self, resizes):
    def sizes(**options):
      dataset = pipeline.eval_dataset(
        _Random(), num_classes=3, resizes=resizes, **options
      )
      return [tuple(e["image"].shape[1:3]) for e in dataset]

    self.assertLen(sizes(largest_size=(52, 47)), 3)
    self.assertLen(sizes(largest_size=(33, 33), size_range=self.RANGE), 3)
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError, r"(?s)larger than 51 x 47.*\[52 21\]"
    ) as refused:
      sizes(largest_size=(51, 47))
    self.assertRegex(str(refused.exception), r"--eval_crop_size.*\b1\b")
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError, r"(?s)larger than 33 x 32.*\[25 33\]"
    ):
      sizes(largest_size=(33, 32), size_range=self.RANGE)


class PipelineTest(parameterized.TestCase):
  def setUp(self):
    super().setUp()
    self.dir = input_testing.temp_dir(self)
    self.shards = _write_shards(self.dir)

  def train(self, shards=None, **kwargs):
    settings = {"crop_size": (17, 33), "batch_size": 3, "num_classes": 3}
    return pipeline.train_dataset(shards or self.shards, **settings | kwargs)

  def seen(self, count, **kwargs):
    """The records of the first batches, told apart by their grey value."""
    dataset = self.train(pad_value=0, **kwargs)
    return [
      int(image.max() / 10)
      for batch in dataset.take(count).as_numpy_iterator()
      for image in batch["image"]
    ]

  def test_batches(self):
    dataset = self.train()
    self.assertEqual(dataset.cardinality(), tf.data.INFINITE_CARDINALITY)
    self.assertEqual(
      dataset.element_spec,
      {
        "image": tf.TensorSpec([3, 17, 33, 3], tf.float32),
        "label": tf.TensorSpec([3, 17, 33, 1], tf.int32),
      },
    )
    for batch in dataset.take(10):
      void = (batch["label"] == 255)[..., 0]
      padded = tf.reduce_all(batch["image"] == 127.5, -1)
      # Padding of the image is padding of the label.
      self.assertTrue(bool(tf.reduce_all(void | ~padded)))

  def test_same_seed_same_stream(self):
    first, second, other = (
      list(self.train(seed=s).take(12).as_numpy_iterator()) for s in (1, 1, 2)
    )
    for a, b in zip(first, second, strict=True):
      np.testing.assert_array_equal(a["image"], b["image"])
      np.testing.assert_array_equal(a["label"], b["label"])
    self.assertFalse(
      all(
        np.array_equal(a["image"], b["image"])
        for a, b in zip(first, other, strict=True)
      )
    )

  def test_without_a_seed_streams_differ(self):
    first, second = self.seen(8), self.seen(8)
    self.assertNotEqual(first, second)

  @parameterized.parameters(None, 3)
  def test_every_epoch_holds_every_record_in_new_order(self, seed):
    options = {"flip": False, "seed": seed, "crop_size": (80, 80)}
    seen = self.seen(3 * NUM_RECORDS // 3, **options)
    epochs = np.array(seen).reshape(3, NUM_RECORDS)
    for epoch in epochs:
      self.assertEqual(sorted(epoch), list(range(NUM_RECORDS)))
    self.assertFalse((epochs[0] == epochs[1]).all())

  def test_a_stream_begins_anywhere(self):
    stream = list(self.train(seed=5).take(9).as_numpy_iterator())
    # In the first epoch, between two, and in a later one.
    for batches in (1, 4, 6):
      later = self.train(seed=5, first_place=3 * batches).take(2)
      for a, b in zip(
        stream[batches:], later.as_numpy_iterator(), strict=False
      ):
        np.testing.assert_array_equal(a["image"], b["image"])
        np.testing.assert_array_equal(a["label"], b["label"])

  @parameterized.parameters((1, 2), (2, 2), (2, 6), (3, 3))
  def test_a_global_batch_is_the_same_on_any_replicas(self, pipelines, count):
    expected = list(self.train(seed=5, batch_size=6).take(4))
    parts = []
    for index in range(pipelines):
      context = tf.distribute.InputContext(pipelines, index, count)
      data = self.train(
        seed=5,
        batch_size=context.get_per_replica_batch_size(6),
        input_context=context,
      )
      # The replicas of a pipeline take its batches by turns.
      parts.append(data.batch(count // pipelines).take(4))
    for whole, *blocks in zip(expected, *parts, strict=True):
      images = [tf.reshape(b["image"], [-1, 17, 33, 3]) for b in blocks]
      np.testing.assert_array_equal(whole["image"], tf.concat(images, 0))

  def test_orders_are_uniform(self):
    orders = [tuple(pipeline.epoch_order(e, 3, 7).numpy()) for e in range(3000)]
    counts = [orders.count(order) for order in itertools.permutations(range(3))]
    self.assertEqual(sum(counts), 3000)
    # Five standard deviations of a binomial distribution.
    np.testing.assert_allclose(counts, 500, atol=5 * np.sqrt(500 * 5 / 6))

  @parameterized.parameters(1, 2, 12, 10582)
  def test_each_epoch_has_an_order_of_its_own(self, size):
    orders = [pipeline.epoch_order(e, size, 3).numpy() for e in range(40)]
    for order in orders:
      np.testing.assert_array_equal(np.sort(order), np.arange(size))
    if size > 2:
      self.assertLen(set(map(tuple, orders)), 40)

  def test_several_pipelines_need_a_seed(self):
    with self.assertRaisesRegex(ValueError, "seed"):
      self.train(input_context=_context(2, 0))

  def test_wrong_labels_are_named(self):
    shards = _write_shards(self.dir, poison=5)
    message = r"(?s)outside the 3 classes.*img5.*77 3"
    with self.assertRaisesRegex(tf.errors.InvalidArgumentError, message):
      list(self.train(shards).take(20))
    with self.assertRaisesRegex(tf.errors.InvalidArgumentError, message):
      list(pipeline.eval_dataset(shards, num_classes=3))

  def test_a_wrong_label_is_told_wherever_the_crop_lies(self):
    shards = _write_shards(self.dir, poison=5)
    # Two pixels are wrong; of hundreds a crop shows one.
    for seed in range(3):
      data = self.train(shards, crop_size=(1, 1), seed=seed).take(4)
      with self.assertRaisesRegex(
        tf.errors.InvalidArgumentError, r"(?s)outside.*img5.*77 3"
      ):
        list(data)

  @parameterized.parameters(
    (3, 255, 300), (3, 255, -1), (3, -1, -2), (256, 255, 256)
  )
  def test_labels_that_are_no_bytes(self, num_classes, ignore_label, wrong):
    source = _Labels([0, ignore_label, 2])
    settings = {"num_classes": num_classes, "ignore_label": ignore_label}
    train = {"crop_size": (1, 3), "min_scale_factor": 1.0, "seed": 1}
    train |= {"max_scale_factor": 1.0, "flip": False, "batch_size": 1}
    (batch,) = pipeline.train_dataset(source, **settings, **train).take(1)
    np.testing.assert_array_equal(
      batch["label"].numpy().ravel(), [0, ignore_label, 2]
    )
    source = _Labels([0, wrong, ignore_label])
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError, rf"(?s)outside.*file.*\[{wrong}\]"
    ):
      list(pipeline.train_dataset(source, **settings, **train).take(1))

  @parameterized.parameters("png", "jpeg", "progressive jpeg")
  def test_parts_are_read_as_if_the_whole_were(self, kind):
    path = records.shard_path(self.dir, "photos", 0, 1)
    rng = np.random.default_rng(0)
    with tf.io.TFRecordWriter(path) as writer:
      for index in range(3):
        height, width = 40 + 9 * index, 61
        image = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
        label = rng.integers(0, 3, (height, width)).astype(np.uint8)
        example = records.make_example(
          image_kinds.saved(
            Image.fromarray(image),
            "PNG" if kind == "png" else "JPEG",
            progressive=kind.startswith("progressive"),
          ),
          filename=f"photo{index}",
          image_format=kind.split()[-1],
          height=height,
          width=width,
          label_data=masks.encode_mask(label),
        )
        writer.write(example.SerializeToString())
    parts = record_source.RecordSource([path])
    streams = [
      self.train(s, seed=3, crop_size=(41, 50), batch_size=4).take(10)
      for s in (parts, _Whole(parts))
    ]
    for part, whole in zip(*streams, strict=True):
      np.testing.assert_array_equal(part["image"], whole["image"])
      np.testing.assert_array_equal(part["label"], whole["label"])

  def test_a_damaged_record_is_named(self):
    with open(self.shards[2], "r+b") as file:
      file.seek(100)
      byte = file.read(1)[0]
      file.seek(100)
      file.write(bytes([byte ^ 4]))
    for data in (
      self.train().take(8),
      pipeline.eval_dataset(self.shards, num_classes=3),
    ):
      with self.assertRaisesRegex(
        tf.errors.InvalidArgumentError, "(?s)damaged.*train-00002-of-00004"
      ):
        list(data)

  def test_other_ignore_label(self):
    with self.assertRaisesRegex(tf.errors.InvalidArgumentError, "255"):
      list(pipeline.eval_dataset(self.shards, num_classes=3, ignore_label=9))

  def test_evaluation_in_file_order_at_full_size(self):
    dataset = pipeline.eval_dataset(self.shards, num_classes=3)
    order = [
      index
      for shard in range(NUM_SHARDS)
      for index in range(shard, NUM_RECORDS, NUM_SHARDS)
    ]
    batches = list(dataset)
    self.assertLen(batches, NUM_RECORDS)
    for index, batch in zip(order, batches, strict=True):
      self.assertEqual(batch["filename"].numpy()[0], f"img{index}".encode())
      self.assertEqual(batch["image"].shape, [1, 20 + index, 24, 3])
      self.assertEqual(batch["image"].dtype, tf.float32)
      np.testing.assert_array_equal(batch["image"], 10 * index)
      np.testing.assert_array_equal(batch["label"][:, 1:], index % 3)

  def test_images_of_one_size_are_evaluated_together(self):
    for index in (0, 1):
      label = masks.encode_mask(np.ones([20, 24], np.uint8))
      path = records.shard_path(self.dir, "more", index, 2)
      with tf.io.TFRecordWriter(path) as writer:
        for _ in range(2):
          example = records.make_example(
            tf.io.encode_png(np.full([20, 24, 3], index, np.uint8)).numpy(),
            filename=f"more{index}",
            image_format="png",
            height=20,
            width=24,
            label_data=label,
          )
          writer.write(example.SerializeToString())
    shards = self.shards + records.find_shards(self.dir, "more")
    expected = {}
    for example in pipeline.eval_dataset(shards, num_classes=3):
      name = example["filename"].numpy()[0]
      expected.setdefault(name, []).append(example)
    batches = list(pipeline.eval_dataset(shards, num_classes=3, batch_size=3))
    sizes = sorted(len(batch["filename"]) for batch in batches)
    # The first record is as large as the four.
    self.assertEqual(sizes, [1] * (NUM_RECORDS - 1) + [2, 3])
    for batch in batches:
      self.assertEqual(batch["image"].dtype, tf.float32)
      self.assertEqual(batch["label"].dtype, tf.int32)
      for i, name in enumerate(batch["filename"].numpy()):
        one = expected[name].pop()
        for key in ("image", "label"):
          np.testing.assert_array_equal(batch[key][i], one[key][0])
    self.assertFalse(any(expected.values()))
    with self.assertRaisesRegex(ValueError, "Received: 0"):
      pipeline.eval_dataset(shards, num_classes=3, batch_size=0)

  def test_evaluation_pipelines_share_the_records(self):
    names = []
    for index in range(5):
      dataset = pipeline.eval_dataset(
        self.shards, num_classes=3, input_context=_context(5, index)
      )
      names += [batch["filename"].numpy()[0].decode() for batch in dataset]
    self.assertCountEqual(names, [f"img{i}" for i in range(NUM_RECORDS)])

  def test_no_thread_tunes_a_pipeline(self):
    for dataset in (
      self.train(),
      pipeline.eval_dataset(self.shards, num_classes=3),
    ):
      # Its thread sleeps for up to a minute, and a destructor joins it.
      self.assertIs(dataset.options().autotune.enabled, False)

  def test_refuses(self):
    with self.assertRaisesRegex(ValueError, "0 shards"):
      pipeline.train_dataset([], crop_size=(9, 9), batch_size=1, num_classes=3)
    with self.assertRaisesRegex(ValueError, "batch_size=0"):
      self.train(batch_size=0)
    with self.assertRaisesRegex(ValueError, "At least one shard"):
      pipeline.eval_dataset([], num_classes=3)

  def test_mirrored_strategy(self):
    strategy = replicas.two_replicas()
    distributed = strategy.distribute_datasets_from_function(
      lambda context: self.train(
        batch_size=context.get_per_replica_batch_size(4),
        input_context=context,
      )
    )
    batch = next(iter(distributed))
    local = strategy.experimental_local_results(batch["image"])
    self.assertLen(local, 2)
    for image in local:
      self.assertEqual(image.shape, [2, 17, 33, 3])


if __name__ == "__main__":
  absltest.main()
