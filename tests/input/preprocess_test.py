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

"""Tests of resizing and padding, against the original and by properties."""

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
    resized = preprocess.SizeRange(**args).resize(*_pair())
    self.assert_pair(resized, {"image": image, "label": label})

  def test_resize_to_range_truncates_float32(self):
    # 60 / 53 * 53 is 59.99 in float32, and the original's side is 59.
    case = UNITS["resize_to_range"][-1]
    resized, none = preprocess.SizeRange(50, 60).resize(_pair()[0])
    self.assertEqual(list(resized.shape), case["image"]["shape"])
    self.assertIsNone(none)

  def test_pad(self):
    image, label = _pair()
    mean, void = UNITS["pad_to_bounding_box"][1:3]
    padded = preprocess.pad_to_size(image, 65, 65, pad_value=mean["args"][-1])
    input_testing.assert_like_fixture(self, padded, mean["out"])
    padded = preprocess.pad_to_size(label, 65, 65, pad_value=255)
    input_testing.assert_like_fixture(self, padded, void["out"])

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
        image, label = preprocess.SizeRange(**resize).resize(image, label)
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

  def test_a_strip_in_a_range_of_sizes(self):
    image, _ = preprocess.SizeRange(8, 16).resize(tf.ones([1, 90, 3]))
    self.assertEqual(image.shape, (1, 16, 3))

  def test_padding_is_exact_and_leaves_larger_images(self):
    image, label = _pair()
    padded = preprocess.pad_to_size(image, 50, 40).numpy()
    self.assertEqual(padded.shape, (50, 53, 3))
    np.testing.assert_array_equal(padded[:37, :53], image)
    np.testing.assert_array_equal(padded[37:], 127.5)
    same = preprocess.pad_to_size(label, 10, 10, pad_value=255)
    np.testing.assert_array_equal(same, label)

  def test_padding_on_all_sides_with_a_value_per_channel(self):
    image, _ = _pair()
    means = np.float32([123.15, 115.9, 103.06])
    padded = preprocess.pad(image, [[1, 2], [3, 0]], pad_value=means).numpy()
    self.assertEqual(padded.shape, (40, 56, 3))
    np.testing.assert_array_equal(padded[1:38, 3:], image)
    padded[1:38, 3:] = means
    np.testing.assert_array_equal(padded, np.broadcast_to(means, (40, 56, 3)))


if __name__ == "__main__":
  absltest.main()
