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

"""Tests of preprocessing against the original and by its properties."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl.input import preprocess
from deeplab_ssl.input import records
from tests import external_data
from tests import input_testing

UNITS = input_testing.load_json("preprocess_units.json")
VOC_EVAL = input_testing.load_json("voc_preprocess_eval.json")
SEED = tf.constant([1, 2])


def _pair(height=37, width=53):
  return (
    tf.constant(input_testing.synth_image(1, height, width)),
    tf.constant(input_testing.synth_label(1, height, width, 21)),
  )


class OriginalTest(parameterized.TestCase):
  """Values that the original's graph gave."""

  def assert_pair(self, pair, fixture):
    input_testing.assert_like_fixture(self, pair[0], fixture["image"])
    input_testing.assert_like_fixture(self, pair[1], fixture["label"])

  def test_input_of_the_fixtures(self):
    self.assert_pair(_pair(), UNITS["input"])

  @parameterized.parameters(
    case
    for case in UNITS["resize_to_range"]
    if "align_corners" not in case["args"]
  )
  def test_resize_to_range(self, args, image, label):
    resized = preprocess.resize_to_range(*_pair(), **args)
    self.assert_pair(resized, {"image": image, "label": label})

  def test_resize_to_range_truncates_float32(self):
    # 60 / 53 * 53 is 59.99 in float32, and the original's side is 59.
    case = UNITS["resize_to_range"][-1]
    resized, none = preprocess.resize_to_range(
      _pair()[0], min_size=50, max_size=60
    )
    self.assertEqual(list(resized.shape), case["image"]["shape"])
    self.assertIsNone(none)

  @parameterized.parameters(*UNITS["randomly_scale_image_and_label"])
  def test_scale(self, scale, image, label):
    fixture = {"image": image, "label": label}
    self.assert_pair(preprocess.scale_by(*_pair(), scale), fixture)
    drawn = preprocess.randomly_scale(
      *_pair(), SEED, min_scale_factor=scale, max_scale_factor=scale
    )
    self.assert_pair(drawn, fixture)

  @parameterized.parameters(
    case
    for case in UNITS["get_random_scale"]
    if isinstance(case["support"], list)
  )
  def test_random_scale_support(self, args, result_rank, support):
    del result_rank
    drawn = {
      float(preprocess.get_random_scale(*args, [seed, 0]))
      for seed in range(100)
    }
    np.testing.assert_allclose(sorted(drawn), support, rtol=1e-7)

  @parameterized.parameters(*UNITS["random_crop"]["cases"])
  def test_crop(self, offset, crop, image, label):
    cropped = preprocess.crop(*_pair(), offset, crop)
    self.assert_pair(cropped, {"image": image, "label": label})

  def test_flip(self):
    flipped = preprocess.flip_left_right(*_pair())
    self.assert_pair(flipped, UNITS["flip_dim"])

  def test_pad(self):
    image, label = _pair()
    mean, void = UNITS["pad_to_bounding_box"][1:3]
    padded = preprocess.pad_to_size(image, 65, 65, pad_value=mean["args"][-1])
    input_testing.assert_like_fixture(self, padded, mean["out"])
    padded = preprocess.pad_to_size(label, 65, 65, pad_value=255)
    input_testing.assert_like_fixture(self, padded, void["out"])

  @parameterized.parameters(*UNITS["preprocess_train_pinned"]["cases"])
  def test_training_with_pinned_draws(
    self, model_variant, scale, crop_offset, flip_draw, flipped, crop, **fixture
  ):
    del flip_draw
    mean = (
      [123.15, 115.9, 103.06] if model_variant == "resnet_v1_101" else 127.5
    )
    image, label = _pair()
    image = tf.cast(tf.cast(image, tf.uint8), tf.float32)
    image, label = preprocess.scale_by(image, label, scale)
    image = preprocess.pad_to_size(image, *crop, pad_value=mean)
    label = preprocess.pad_to_size(label, *crop, pad_value=255)
    image, label = preprocess.crop(image, label, crop_offset, crop)
    if flipped:
      image, label = preprocess.flip_left_right(image, label)
    self.assert_pair((image, label), fixture)

  @parameterized.parameters(
    ("crop513_mobilenet_v2", {}, 127.5),
    ("crop513_resnet_v1_50_nonbeta_mean", {}, [123.15, 115.9, 103.06]),
    (
      "minmax_321_513_factor16",
      {"min_size": 321, "max_size": 513, "factor": 16},
      127.5,
    ),
  )
  def test_evaluation_of_the_original_record(self, name, resize, mean):
    path = external_data.require(
      "data/deeplab_tfrecord/val-00000-of-00001.tfrecord"
    )
    examples = VOC_EVAL[name]["examples"]
    dataset = tf.data.TFRecordDataset(str(path))
    for serialized, fixture in zip(dataset, examples, strict=True):
      record = records.parse_record(serialized)
      image, label = tf.cast(record["image"], tf.float32), record["label"]
      if resize:
        image, label = preprocess.resize_to_range(image, label, **resize)
      image = preprocess.pad_to_size(image, 513, 513, pad_value=mean)
      label = preprocess.pad_to_size(label, 513, 513, pad_value=255)
      self.assert_pair((image, label), fixture)


class PropertiesTest(parameterized.TestCase):
  def test_resize_keeps_corners_and_identity(self):
    image, label = _pair()
    resized = preprocess.resize_align_corners(image, (80, 90)).numpy()
    np.testing.assert_allclose(resized[0, 0], image[0, 0], rtol=1e-5)
    np.testing.assert_allclose(resized[-1, -1], image[-1, -1], rtol=1e-5)
    same = preprocess.resize_align_corners(image, (37, 53))
    np.testing.assert_array_equal(same, image)
    nearest = preprocess.resize_align_corners(label, (80, 90), method="nearest")
    self.assertEqual(nearest.dtype, tf.int32)
    self.assertContainsSubset(np.unique(nearest), np.unique(label))

  def test_resize_takes_batches(self):
    image, _ = _pair()
    batch = preprocess.resize_align_corners(tf.stack([image, image]), (9, 9))
    single = preprocess.resize_align_corners(image, (9, 9))
    np.testing.assert_array_equal(batch[1], single)

  def test_resize_refuses(self):
    with self.assertRaisesRegex(ValueError, "Received: 'cubic'"):
      preprocess.resize_align_corners(
        tf.zeros([4, 4, 3]), (2, 2), method="cubic"
      )
    with self.assertRaisesRegex(ValueError, r"shape \(4, 4\)"):
      preprocess.resize_align_corners(tf.zeros([4, 4]), (2, 2))

  def test_flip_twice_is_nothing(self):
    pair = _pair()
    again = preprocess.flip_left_right(*preprocess.flip_left_right(*pair))
    np.testing.assert_array_equal(again[0], pair[0])
    np.testing.assert_array_equal(again[1], pair[1])

  def test_flip_half_of_the_time_and_both_alike(self):
    image = tf.reshape(tf.range(12.0), [2, 2, 3])
    label = tf.constant([[[0], [1]], [[0], [1]]])
    flips = 0
    for seed in range(200):
      new, new_label = preprocess.random_flip(image, label, [seed, 0])
      flipped = bool(new_label[0, 0, 0] == 1)
      self.assertEqual(flipped, bool(new[0, 0, 0] == 3))
      flips += flipped
    self.assertBetween(flips, 70, 130)

  def test_crop_lies_inside_and_reaches_all_places(self):
    grid = tf.stack(tf.meshgrid(range(5), range(7), indexing="ij"), -1)
    image = tf.cast(tf.concat([grid, grid[..., :1]], -1), tf.float32)
    label = grid[..., :1] * 10 + grid[..., 1:]
    places = set()
    for seed in range(150):
      new, new_label = preprocess.random_crop(image, label, (3, 4), [seed, 3])
      top, left = new.numpy()[0, 0, :2]
      np.testing.assert_array_equal(
        new, image[int(top) : int(top) + 3, int(left) : int(left) + 4]
      )
      np.testing.assert_array_equal(
        new_label[..., 0], new[..., 0] * 10 + new[..., 1]
      )
      places.add((top, left))
    self.assertLen(places, 3 * 4)

  @parameterized.product(size=((1, 9), (9, 1), (1, 1)), scale=(0.25, 0.5, 0.99))
  def test_a_side_of_one_pixel_stays(self, size, scale):
    image, label = preprocess.scale_by(
      tf.ones([*size, 3]), tf.ones([*size, 1], tf.int32), tf.constant(scale)
    )
    expected = [max(1, int(side * scale)) for side in size]
    self.assertEqual(image.shape, (*expected, 3))
    self.assertEqual(label.shape, (*expected, 1))

  def test_a_strip_in_a_range_of_sizes(self):
    image, _ = preprocess.resize_to_range(
      tf.ones([1, 90, 3]), min_size=8, max_size=16
    )
    self.assertEqual(image.shape, (1, 16, 3))

  def test_crop_larger_than_the_image_is_refused(self):
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError, "smaller than the crop"
    ):
      preprocess.random_crop(*_pair(), (38, 20), SEED)

  def test_padding_is_exact_and_leaves_larger_images(self):
    image, label = _pair()
    padded = preprocess.pad_to_size(image, 50, 40).numpy()
    self.assertEqual(padded.shape, (50, 53, 3))
    np.testing.assert_array_equal(padded[:37, :53], image)
    np.testing.assert_array_equal(padded[37:], 127.5)
    same = preprocess.pad_to_size(label, 10, 10, pad_value=255)
    np.testing.assert_array_equal(same, label)

  def test_uniform_scale_is_a_scalar_in_range(self):
    drawn = [
      preprocess.get_random_scale(0.5, 2.0, 0, [seed, 0]) for seed in range(50)
    ]
    self.assertEqual(drawn[0].shape, [])
    self.assertBetween(min(drawn), 0.5, 0.7)
    self.assertBetween(max(drawn), 1.8, 2.0)

  @parameterized.parameters((0, 1, 0.1), (2, 1, 0.1), (1, 2, -1))
  def test_scales_are_validated(self, *args):
    with self.assertRaisesRegex(ValueError, "min_scale_factor"):
      preprocess.get_random_scale(*args, SEED)

  def test_augment_depends_on_the_seed_alone(self):
    pair = _pair()
    settings = {"crop_size": (33, 65)}
    eager = preprocess.augment(*pair, SEED, **settings)
    graph = tf.function(preprocess.augment)(*pair, SEED, **settings)
    other = preprocess.augment(*pair, tf.constant([1, 3]), **settings)
    self.assertEqual(eager[0].shape, [33, 65, 3])
    self.assertEqual(graph[1].shape, [33, 65, 1])
    np.testing.assert_allclose(eager[0], graph[0], atol=1e-3)
    np.testing.assert_array_equal(eager[1], graph[1])
    self.assertGreater(np.abs(eager[0] - other[0]).max(), 1)

  def test_augment_keeps_image_and_label_together(self):
    # A step from 0 to 1: bilinear and nearest are at most half a step apart.
    label = tf.cast(tf.range(53)[None, :, None] >= 20, tf.int32)
    label = tf.repeat(label, 37, axis=0)
    image = tf.repeat(tf.cast(label, tf.float32), 3, axis=-1)
    for seed in range(10):
      new, new_label = preprocess.augment(
        image,
        label,
        [seed, 0],
        crop_size=(60, 60),
        scale_factor_step_size=0,
        pad_value=-1,
      )
      void = new_label == 255
      np.testing.assert_array_equal(new[..., :1] == -1, void)
      apart = tf.abs(new[..., :1] - tf.cast(new_label, tf.float32))[~void]
      self.assertLessEqual(float(tf.reduce_max(apart)), 0.501)


if __name__ == "__main__":
  absltest.main()
