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

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from deeplab_ssl.losses import encoded_labels
from deeplab_ssl.losses.on_tensorflow import labels as labels_lib

SPARSE = np.array([[[0, 1, 2], [255, 2, 0]]])
ENCODED = np.array([[[0, 1, 2], [-1, 2, 0]]])


def one_hot(classes, num_classes=3):
  return tf.one_hot(classes, num_classes)


class LabelsTest(parameterized.TestCase):
  @parameterized.parameters(
    tf.uint8, tf.uint16, tf.int32, tf.int64, tf.float32, tf.bfloat16
  )
  def test_layouts_agree_in_any_dtype(self, dtype):
    sparse = tf.cast(SPARSE, dtype)
    rows = tf.cast(one_hot(ENCODED), dtype)
    for labels in (sparse, sparse[..., None], rows):
      encoded = labels_lib.encode_labels(labels, 3, 255)
      np.testing.assert_array_equal(encoded.classes, ENCODED)
      np.testing.assert_array_equal(encoded.valid, ENCODED >= 0)
      self.assertFalse(np.any(encoded.illegal))

  @parameterized.parameters((0, [-1, 1]), (1, [0, -1]), (-1, [0, 1]))
  def test_the_ignore_class_may_be_any_number(self, ignore_class, expected):
    labels = tf.constant([[[0, 1, ignore_class]]])
    encoded = labels_lib.encode_labels(labels, 2, ignore_class)
    np.testing.assert_array_equal(encoded.classes, [[[*expected, -1]]])
    if ignore_class >= 0:
      encoded = labels_lib.encode_labels(one_hot([[[0, 1]]]), 3, ignore_class)
      np.testing.assert_array_equal(encoded.classes, [[expected]])

  def test_without_ignore_class_255_is_illegal(self):
    with self.assertRaisesRegex(tf.errors.InvalidArgumentError, "255"):
      labels_lib.encode_labels(SPARSE, 3, None)

  @parameterized.parameters(255, 0, -1)
  def test_a_row_of_zeros_is_ignored(self, ignore_class):
    rows = one_hot([[[1, 255, 2]]])
    encoded = labels_lib.encode_labels(rows, 3, ignore_class)
    np.testing.assert_array_equal(encoded.classes, [[[1, -1, 2]]])

  def test_a_row_of_zeros_is_no_label_where_no_pixel_is_ignored(self):
    rows = one_hot([[[1, 0, 2]]])
    encoded = labels_lib.encode_labels(rows, 3, None)
    np.testing.assert_array_equal(encoded.classes, [[[1, 0, 2]]])
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError, "may be there with an `ignore_class`"
    ):
      labels_lib.encode_labels(one_hot([[[1, 255, 2]]]), 3, None)

  @parameterized.product(
    offender=(
      ("3", np.int32(3)),
      ("-1", np.int64(-1)),
      ("254", np.uint8(254)),
      # Would be class 0 after a plain cast to int32.
      ("4\\.2949", np.int64(2**32)),
      ("1.5", np.float32(1.5)),
      ("nan", np.float32("nan")),
    ),
    compiled=(False, True),
  )
  def test_an_illegal_label_is_named(self, offender, compiled):
    name, value = offender

    def encode(labels):
      return labels_lib.encode_labels(labels, 3, 255).classes

    encode = tf.function(encode) if compiled else encode
    labels = np.zeros([2, 2, 2], value.dtype)
    encode(tf.constant(labels))
    labels[1, 0, 1] = value
    with self.assertRaisesRegex(tf.errors.InvalidArgumentError, name):
      encode(tf.constant(labels))

  def test_both_extremes_are_named(self):
    labels = tf.constant([[[0, 7, 1, 99, 42, 255]]])
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError,
      r"in \[0, 3\) or the ignore class \(255\).*offender: 7 and 99",
    ):
      labels_lib.encode_labels(labels, 3, 255)

  def test_a_single_class_has_index_0(self):
    labels = tf.constant([[[[0], [255]]]])
    encoded = labels_lib.encode_labels(labels, 1, 255)
    np.testing.assert_array_equal(encoded.classes, [[[0, -1]]])
    with self.assertRaisesRegex(tf.errors.InvalidArgumentError, "1 and 1"):
      labels_lib.encode_labels(tf.constant([[[[1]]]]), 1, 255)

  @parameterized.parameters(
    ([0.3, 0.7, 0],), ([1, 1, 0],), ([-1, 1, 1],), ([float("nan"), 0, 1],)
  )
  def test_rows_that_are_not_one_hot_are_refused(self, row):
    labels = tf.constant([[[row, [0.0, 0, 1]]]])
    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError, "single 1 per pixel"
    ):
      labels_lib.encode_labels(labels, 3, 255)

  def test_forced_labels_hold_whatever_the_ignore_class_is(self):
    forced = [encoded_labels.FORCE_IGNORED, encoded_labels.FORCE_ILLEGAL]
    for dtype in (tf.int32, tf.float16, tf.bfloat16):
      encode = tf.function(labels_lib.encode_labels, jit_compile=True)
      encoded = encode(tf.cast([[forced]], dtype), 3, None)
      np.testing.assert_array_equal(encoded.classes, [[[-1, -1]]])
      np.testing.assert_array_equal(encoded.illegal, [[[False, True]]])

  @parameterized.parameters(
    ([4, 4],), ([1, 4, 4, 2],), ([1, 4, 4, 4],), ([1, 1, 4, 4, 3],), ([],)
  )
  def test_refuses_other_shapes(self, shape):
    with self.assertRaisesRegex(
      ValueError, r"one-hot \[batch, height, width, 3\].*Received labels of"
    ):
      labels_lib.encode_labels(tf.zeros(shape, tf.int32), 3, 255)


if __name__ == "__main__":
  absltest.main()
