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

import json
import os
import tempfile

from absl.testing import parameterized
import hypothesis
from hypothesis import strategies as st
import numpy as np
from sklearn import metrics as sklearn_metrics
import tensorflow as tf

from deeplab_ssl.evaluation import metrics


def _labels(seed, classes=4, absent=()):
  rng = np.random.RandomState(seed)
  allowed = [c for c in range(classes) if c not in absent]
  labels = rng.choice(allowed, (2, 7, 5)).astype(np.int32)
  labels[rng.rand(*labels.shape) < 0.2] = 255
  return labels, rng.randint(0, classes, labels.shape).astype(np.int32)


class ConfusionMatrixTest(tf.test.TestCase, parameterized.TestCase):
  def test_equals_scikit_learn_and_skips_void(self):
    labels, predictions = _labels(0)
    matrix = metrics.ConfusionMatrix(4)
    for i in range(2):
      matrix.update_state(labels[i : i + 1], predictions[i : i + 1])
    valid = labels != 255
    expected = sklearn_metrics.confusion_matrix(
      labels[valid], predictions[valid], labels=range(4)
    )
    self.assertAllEqual(matrix.result(), expected)
    self.assertEqual(matrix.result().dtype, tf.int64)
    matrix.reset_state()
    self.assertAllEqual(matrix.result(), np.zeros([4, 4]))

  def test_counts_beyond_the_integers_of_float32(self):
    matrix = metrics.ConfusionMatrix(1)
    matrix.matrix.assign([[2**24]])
    matrix.update_state(np.zeros([1, 1, 1], np.int32), np.zeros([1, 1, 1], int))
    self.assertAllEqual(matrix.result(), [[2**24 + 1]])

  @parameterized.product(
    pair=[(7, 0), (3, 0), (-1, 0), (0, 3), (0, -1)], graph=[False, True]
  )
  def test_what_is_no_class_is_an_error(self, pair, graph):
    matrix = metrics.ConfusionMatrix(3)

    def update(labels, predictions):
      matrix.update_state(labels, predictions)

    with self.assertRaisesRegex(
      tf.errors.InvalidArgumentError, "is not in 0..2"
    ):
      call = tf.function(update) if graph else update
      call(*(tf.fill([1, 1, 2], value) for value in pair))
    self.assertAllEqual(matrix.result(), np.zeros([3, 3]))

  def test_a_prediction_at_void_may_be_any(self):
    matrix = metrics.ConfusionMatrix(3)
    matrix.update_state(np.full([1, 1, 2], 255), np.array([[[255, -1]]]))
    self.assertAllEqual(matrix.result(), np.zeros([3, 3]))


class ScoresTest(parameterized.TestCase):
  def test_equals_scikit_learn(self):
    labels, predictions = _labels(1)
    valid = labels != 255
    y, p = labels[valid], predictions[valid]
    scores = metrics.Scores(
      sklearn_metrics.confusion_matrix(y, p, labels=range(4)), "abcd"
    )
    np.testing.assert_allclose(
      scores.iou, sklearn_metrics.jaccard_score(y, p, average=None)
    )
    self.assertAlmostEqual(
      scores.pixel_accuracy, sklearn_metrics.accuracy_score(y, p)
    )
    self.assertAlmostEqual(
      scores.mean_accuracy, sklearn_metrics.balanced_accuracy_score(y, p)
    )
    np.testing.assert_allclose(
      scores.accuracy, sklearn_metrics.recall_score(y, p, average=None)
    )
    self.assertAlmostEqual(
      scores.frequency_weighted_iou,
      sklearn_metrics.jaccard_score(y, p, average="weighted"),
    )

  def test_absent_class_is_left_out_but_its_false_positives_count(self):
    scores = metrics.Scores([[3, 0, 1], [0, 0, 0], [0, 2, 2]], "abc")
    np.testing.assert_allclose(scores.iou, [3 / 4, np.nan, 2 / 5])
    self.assertAlmostEqual(scores.mean_iou, (3 / 4 + 2 / 5) / 2)
    self.assertNotIn("iou/b", scores.as_logs())
    self.assertIn("n/a", str(scores))
    self.assertIn("over 2 of 3 classes", str(scores))

  def test_void_with_a_channel_is_no_class_but_a_miss_of_others(self):
    matrix = np.array([[0, 0, 0], [2, 6, 0], [0, 1, 3]])
    counts = metrics.BoundaryCounts(0.02, np.pad(matrix, [0, 1]), {1: matrix})
    scores = metrics.Scores(matrix, ["void", "a", "b"], counts, ignore_label=0)
    self.assertEqual(scores.class_names, ("a", "b"))
    for iou in (scores.iou, scores.boundary_iou):
      np.testing.assert_allclose(iou, [6 / 9, 3 / 4])
    self.assertEqual(scores.pixels.tolist(), [8, 4])
    self.assertAlmostEqual(scores.mean_iou, (6 / 9 + 3 / 4) / 2)
    self.assertAlmostEqual(scores.trimap_mean_iou[1], scores.mean_iou)
    self.assertAlmostEqual(scores.pixel_accuracy, 9 / 12)
    self.assertAlmostEqual(
      scores.frequency_weighted_iou, (8 * 6 / 9 + 4 * 3 / 4) / 12
    )
    self.assertIn("over 2 of 2 classes", str(scores))
    self.assertCountEqual(scores.as_dict()["classes"], ["a", "b"])

  def test_perfect_prediction_scores_one_with_absent_classes(self):
    self.assertEqual(metrics.Scores(np.diag([5, 0, 2]), "abc").mean_iou, 1.0)

  def test_nothing_labelled_gives_nan_and_no_logs(self):
    scores = metrics.Scores(np.zeros([2, 2]), "ab")
    self.assertTrue(np.isnan(scores.mean_iou))
    self.assertEmpty(scores.as_logs())

  def test_wrong_shape_is_refused(self):
    with self.assertRaisesRegex(ValueError, r"\[3, 3\]"):
      metrics.Scores(np.zeros([2, 2]), "abc")

  def test_saved_scores_mark_absent_classes_as_null(self):
    path = os.path.join(tempfile.mkdtemp(), "scores.json")
    metrics.Scores(np.diag([5, 0]), ["a", "b"]).save(path)
    with open(path) as f:
      content = json.load(f)
    self.assertEqual(
      content["classes"]["a"], {"iou": 1.0, "accuracy": 1.0, "pixels": 5}
    )
    self.assertIsNone(content["classes"]["b"]["iou"])
    self.assertIsNone(content["classes"]["b"]["accuracy"])
    self.assertNotIn("mean_boundary_iou", content)

  def test_boundaries_are_shown_and_saved_where_they_were_counted(self):
    counts = metrics.BoundaryCounts(
      ratio=0.02,
      bands=np.array([[2, 0, 2], [0, 0, 0], [1, 0, 9]]),
      trimaps={8: np.array([[3, 0], [0, 0]]), 1: np.array([[1, 1], [0, 0]])},
    )
    scores = metrics.Scores([[6, 2], [0, 0]], ["a", "b"], counts)
    np.testing.assert_allclose(scores.boundary_iou, [2 / 5, np.nan])
    content = json.loads(json.dumps(scores.as_dict()))
    self.assertEqual(content["mean_boundary_iou"], 0.4)
    self.assertEqual(content["boundary_ratio"], 0.02)
    self.assertEqual(content["trimap_mean_iou"], {"8": 1.0, "1": 0.5})
    self.assertIsNone(content["classes"]["b"]["boundary_iou"])
    self.assertEqual(scores.as_logs()["mean_boundary_iou"], 0.4)
    table = [line.split() for line in str(scores).splitlines()]
    self.assertIn(["a", "75.00", "75.00", "40.00", "8"], table)
    self.assertIn(["b", "n/a", "n/a", "n/a", "0"], table)
    self.assertIn(["mean", "boundary", "IoU", "40.00"], table)
    self.assertIn(["mean", "IoU", "within", "1", "px", "50.00"], table)

  @hypothesis.given(
    st.lists(st.integers(0, 50), min_size=9, max_size=9), st.permutations("012")
  )
  def test_mean_iou_does_not_depend_on_the_order_of_classes(
    self, counts, order
  ):
    matrix = np.array(counts).reshape(3, 3)
    order = [int(i) for i in order]
    shuffled = metrics.Scores(matrix[np.ix_(order, order)], "abc").mean_iou
    np.testing.assert_allclose(shuffled, metrics.Scores(matrix, "abc").mean_iou)
