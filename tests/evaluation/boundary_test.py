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

import hypothesis
from hypothesis import strategies as st
import numpy as np
import pytest
from scipy import ndimage
from sklearn import metrics as sklearn_metrics

from deeplab_ssl.evaluation import boundary
from deeplab_ssl.evaluation import metrics

CLASSES = 4
VOID = 255


def label_map(rng, height, width, void=0.0):
  """Blocks of classes, some of them void, `[1, height, width]`."""
  coarse = rng.integers(0, CLASSES, (height // 4 + 1, width // 4 + 1))
  coarse[rng.random(coarse.shape) < void] = VOID
  blocks = coarse.repeat(4, 0).repeat(4, 1)[:height, :width]
  return blocks[None].astype(np.int32)


def mistaken(rng, labels):
  """A prediction: the labels moved by two pixels, and a tenth at random."""
  moved = np.roll(labels, (1, 2), (1, 2))
  guess = rng.integers(0, CLASSES, labels.shape)
  wrong = (rng.random(labels.shape) < 0.1) | (moved == VOID)
  return np.where(wrong, guess, moved).astype(np.int32)


def count(pairs, settings):
  matrices = boundary.BoundaryMatrices(CLASSES, settings)
  for labels, predictions in pairs:
    matrices.update_state(labels, predictions)
  return matrices.result()


def scores(pairs, settings):
  matrix = np.zeros([CLASSES, CLASSES], np.int64)
  return metrics.Scores(matrix, "abcd", count(pairs, settings))


def boundary_by_erosion(mask, ratio):
  """The mask without what is left of it after d erosions in a frame of 0."""
  steps = max(1, int(round(ratio * np.hypot(*mask.shape))))
  eroded = ndimage.binary_erosion(
    np.pad(mask, 1), np.ones([3, 3]), iterations=steps, border_value=1
  )
  return mask & ~eroded[1:-1, 1:-1]


@pytest.mark.parametrize("ratio", [0.001, 0.02, 0.06, 0.3, 1.0])
def test_boundary_iou_is_that_of_eroded_masks(ratio):
  rng = np.random.default_rng(0)
  pairs = []
  for size in ((40, 61), (35, 22), (1, 50)):
    labels = label_map(rng, *size, void=0.1)
    pairs.append((labels, mistaken(rng, labels)))
  expected = []
  for c in range(CLASSES):
    intersection = union = 0
    for labels, predictions in pairs:
      truth = boundary_by_erosion(labels[0] == c, ratio)
      inside = (predictions == c) & (labels != VOID)
      found = boundary_by_erosion(inside[0], ratio)
      intersection += (truth & found).sum()
      union += (truth | found).sum()
    expected.append(intersection / union)
  found = scores(pairs, boundary.Settings(ratio))
  np.testing.assert_allclose(found.boundary_iou, expected)
  assert found.mean_boundary_iou == pytest.approx(np.mean(expected))
  assert 0.01 < found.mean_boundary_iou < 0.99


def test_trimaps_are_confusion_matrices_near_other_labels():
  rng = np.random.default_rng(1)
  labels = label_map(rng, 40, 61, void=0.05)
  predictions = mistaken(rng, labels)
  distance = np.zeros(labels[0].shape, int)
  for value in np.unique(labels):
    mask = labels[0] == value
    distance += mask * ndimage.distance_transform_cdt(mask, "chessboard")
  found = count([(labels, predictions)], boundary.Settings(0.02, (1, 3, 7)))
  previous = 0
  for width, matrix in found.trimaps.items():
    near = (distance <= width) & (labels[0] != VOID)
    expected = sklearn_metrics.confusion_matrix(
      labels[0][near], predictions[0][near], labels=range(CLASSES)
    )
    np.testing.assert_array_equal(matrix, expected)
    assert previous < matrix.sum() <= (labels != VOID).sum()
    previous = matrix.sum()


def test_the_border_of_the_image_bounds_a_mask_but_is_no_trimap():
  labels = np.zeros([1, 9, 9], np.int32)
  for border, expected in ((True, 81 - 25), (False, 0)):
    near = boundary.near_another_label(labels, 2, border=border)
    assert np.sum(near) == expected


def test_width_is_a_share_of_the_diagonal_and_at_least_one():
  assert boundary.boundary_width(1024, 2048, 0.02) == 46
  assert boundary.boundary_width(375, 500, 0.02) == 12
  assert boundary.boundary_width(5, 5, 0.02) == 1


def test_absent_class_has_no_boundary_iou():
  labels = np.zeros([1, 6, 6], np.int32)
  predictions = labels.copy()
  predictions[0, :3] = 1
  found = scores([(labels, predictions)], boundary.Settings())
  assert np.isnan(found.boundary_iou[1:]).all()
  assert found.mean_boundary_iou == found.boundary_iou[0] < 1


def test_reset_starts_anew():
  labels = np.eye(5, dtype=np.int32)[None]
  matrices = boundary.BoundaryMatrices(CLASSES, boundary.Settings())
  matrices.update_state(labels, labels)
  once = matrices.result()
  assert once.bands.sum() == 25 and once.trimaps[4].sum() == 25
  matrices.reset_state()
  matrices.update_state(labels, labels)
  np.testing.assert_array_equal(matrices.result().bands, once.bands)
  np.testing.assert_array_equal(matrices.result().trimaps[4], once.trimaps[4])


def test_illegal_prediction_is_an_error():
  labels = np.zeros([1, 4, 4], np.int32)
  matrices = boundary.BoundaryMatrices(CLASSES, boundary.Settings(0.3, ()))
  with pytest.raises(Exception, match="is not in 0"):
    matrices.update_state(labels, labels + CLASSES + 1)


@pytest.mark.parametrize(
  "attributes, message",
  [
    ({"ratio": 0.0}, "ratio=0.0"),
    ({"ratio": 1.5}, "ratio=1.5"),
    ({"ratio": float("nan")}, "ratio=nan"),
    ({"trimap_widths": (0, 1)}, r"trimap_widths=\(0, 1\)"),
    ({"trimap_widths": (2, 2)}, r"trimap_widths=\(2, 2\)"),
  ],
)
def test_wrong_settings_are_refused(attributes, message):
  with pytest.raises(ValueError, match=message):
    boundary.Settings(**attributes)


images = st.tuples(
  st.integers(0, 1000), st.integers(2, 14), st.integers(2, 14)
).map(lambda t: (np.random.default_rng(t[0]), *t[1:]))
property_test = hypothesis.settings(max_examples=15)


@property_test
@hypothesis.given(images, st.sampled_from([0.02, 0.2]))
def test_a_perfect_prediction_scores_one_whatever_it_says_of_void(image, ratio):
  labels = label_map(*image, void=0.3)
  hypothesis.assume((labels != VOID).any())
  guess = image[0].integers(0, CLASSES, labels.shape)
  predictions = np.where(labels == VOID, guess, labels)
  found = scores([(labels, predictions)], boundary.Settings(ratio, (1, 5)))
  assert found.mean_boundary_iou == 1
  for value in found.trimap_mean_iou.values():
    assert value == 1 or np.isnan(value)


@property_test
@hypothesis.given(images)
def test_void_around_an_image_changes_nothing(image):
  labels = label_map(*image)
  predictions = mistaken(image[0], labels)
  frame = [[0, 0], [3, 9], [0, 2]]
  framed = np.pad(labels, frame, constant_values=VOID)
  guess = np.pad(predictions, frame, "edge")
  # 1 % of such small diagonals is less than a pixel, so that d is 1 for both.
  narrow = boundary.Settings(0.01, ())
  np.testing.assert_array_equal(
    count([(framed, guess)], narrow).bands[:-1, :-1],
    count([(labels, predictions)], narrow).bands[:-1, :-1],
  )


@property_test
@hypothesis.given(images)
def test_boundary_iou_does_not_ask_which_is_the_label(image):
  labels = label_map(*image)
  predictions = mistaken(image[0], labels)
  settings = boundary.Settings(0.1, ())
  np.testing.assert_array_equal(
    count([(labels, predictions)], settings).bands,
    count([(predictions, labels)], settings).bands.T,
  )


@property_test
@hypothesis.given(images)
def test_the_widest_trimap_is_the_plain_confusion_matrix(image):
  labels = label_map(*image, void=0.1)
  hypothesis.assume(np.unique(labels).size > 1)
  predictions = mistaken(image[0], labels)
  matrix = metrics.ConfusionMatrix(CLASSES)
  matrix.update_state(labels, predictions)
  found = count([(labels, predictions)], boundary.Settings(0.02, (14,)))
  np.testing.assert_array_equal(found.trimaps[14], matrix.result())
