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

"""Counts, layouts and errors of all metrics of confusion."""

import doctest

import keras
from keras import ops
import numpy as np
import pytest

from deeplab_ssl import losses
from deeplab_ssl import metrics
from deeplab_ssl.metrics import mean_iou
from tests.losses import backends
from tests.losses import inputs
from tests.losses import reference
from tests.metrics import testing


@testing.EACH
def test_counts_over_batches_of_any_size(name):
  metric = testing.METRICS[name]()
  for labels, predictions in testing.batches():
    metric.update_state(labels, predictions)
  expected = testing.expected(name, 2)
  assert float(metric.result()) == pytest.approx(expected, rel=1e-6)
  per_class = ops.convert_to_numpy(metric.per_class())
  assert np.isnan(per_class[3]) and not np.isnan(per_class[:3]).any()
  metric.reset_state()
  assert np.isnan(float(metric.result()))


@testing.EACH
def test_logits_one_hot_labels_and_channels_first_are_alike(name):
  plain, other, first = (
    testing.METRICS[name](),
    testing.METRICS[name](),
    testing.METRICS[name](data_format="channels_first"),
  )
  for labels, predictions in testing.batches():
    scores = np.eye(testing.CLASSES, dtype=np.float32)[predictions]
    plain.update_state(labels, predictions)
    other.update_state(backends.one_hot(labels, testing.CLASSES), scores)
    first.update_state(labels[:, None], np.moveaxis(scores, -1, 1))
  assert float(plain.result()) == float(other.result()) == float(first.result())


@testing.EACH
def test_what_does_not_fit_is_an_error(name):
  metric = testing.METRICS[name]()
  labels, predictions = next(testing.batches())
  with pytest.raises(backends.LABEL_ERRORS, match="ignore class"):
    metric.update_state(np.full_like(labels, 9), predictions)
  for number in (-1, 4, 9):
    with pytest.raises(ValueError, match=rf"classes in \[0, 4\).*{number}"):
      metric.update_state(labels, np.full_like(labels, number))
  with pytest.raises(ValueError, match="num_classes` is 4"):
    metric.update_state(labels, np.zeros([1, 20, 17, 5], np.float32))
  with pytest.raises(ValueError, match="upsample the logits"):
    metric.update_state(labels[:, 1:], predictions)
  with pytest.raises(ValueError, match="sample_weight"):
    metric.update_state(labels, predictions, sample_weight=1.0)


@pytest.mark.parametrize(
  ("make", "message"),
  [
    (lambda: metrics.MeanIoU(0), "`num_classes` must be a positive integer"),
    (lambda: metrics.MeanIoU(2.0), "num_classes"),
    (lambda: metrics.MeanIoU(True), "num_classes"),
    (lambda: metrics.TrimapIoU(2, width=True), "width"),
    (lambda: metrics.BoundaryIoU(2, ratio="a"), "`ratio` must be a number"),
    (lambda: metrics.MeanIoU(2, data_format="first"), "data_format"),
    (lambda: metrics.TrimapIoU(2, width=0), "`width` must be a positive"),
    (lambda: metrics.BoundaryIoU(2, ratio=0), r"`ratio` must be in \(0, 1\]"),
    (lambda: metrics.StructuralError("median"), "`statistic` must be one of"),
    (lambda: metrics.StructuralError(beta=1), "beta"),
  ],
)
def test_arguments_out_of_range_are_errors(make, message):
  with pytest.raises(ValueError, match=message):
    make()


@pytest.mark.parametrize(
  "metric",
  [
    metrics.MeanIoU(3, ignore_class=None, name="mine"),
    metrics.TrimapIoU(3, width=7),
    metrics.BoundaryIoU(3, ratio=0.1, data_format="channels_first"),
    metrics.StructuralError("hard_fraction", region_size=7, beta=0.2),
  ],
  ids=lambda metric: type(metric).__name__,
)
def test_metrics_can_be_serialised(metric):
  again = keras.metrics.deserialize(keras.metrics.serialize(metric))
  assert type(again) is type(metric)
  assert again.get_config() == metric.get_config()


def test_fit_shows_them():
  rng = np.random.default_rng(0)
  images = np.float32(rng.normal(size=[5, 12, 10, 3]))
  labels = inputs.blocks([5, 12, 10], testing.CLASSES - 1)
  model = keras.Sequential(
    [keras.Input([12, 10, 3]), keras.layers.Dense(testing.CLASSES)]
  )
  model.compile(
    loss=losses.StructuralSimilarityLoss(),
    metrics=[make() for make in testing.METRICS.values()]
    + [metrics.StructuralError(), metrics.StructuralError("hard_fraction")],
  )
  found = model.evaluate(
    images, labels, batch_size=2, return_dict=True, verbose=0
  )
  logits = model.predict(images, verbose=0)
  for name, key in (
    ("mean", "mean_iou"),
    ("trimap", "trimap_iou_2"),
    ("boundary", "boundary_iou"),
  ):
    metric = testing.METRICS[name]()
    metric.update_state(labels, logits)
    assert found[key] == pytest.approx(float(metric.result()), rel=1e-6)
  expected = reference.structural_similarity(labels, logits)
  samples = (labels != inputs.VOID).sum() * testing.CLASSES
  assert found["error_mean"] == pytest.approx(
    expected.error.sum() / samples, rel=1e-5
  )
  assert found["hard_fraction"] == pytest.approx(
    expected.hard.sum() / samples, rel=1e-5
  )


def test_an_illegal_label_is_seen_in_compiled_code_too():
  labels = inputs.blocks([2, 12, 10], testing.CLASSES)
  labels[0, 0, 0] = 77
  model = keras.Sequential(
    [keras.Input([12, 10, 3]), keras.layers.Dense(testing.CLASSES)]
  )
  model.compile(
    loss=lambda y_true, y_pred: ops.mean(ops.square(y_pred), -1),
    metrics=[make() for make in testing.METRICS.values()],
  )
  images = np.zeros([2, 12, 10, 3], np.float32)
  try:
    found = model.evaluate(images, labels, verbose=0, return_dict=True)
  except Exception as error:  # noqa: BLE001  Each backend has its own class.
    assert "ignore class (255)" in str(error)
  else:
    assert all(np.isnan(found[key]) for key in found if key != "loss")


def test_the_examples_run(capsys):
  found = doctest.testmod(mean_iou)
  assert found.attempted and not found.failed, capsys.readouterr().out
