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

"""The metrics on the backend that Keras is set to."""

import doctest
import importlib

import keras
from keras import ops
import numpy as np
import pytest

from deeplab_ssl import metrics
from deeplab_ssl.metrics import counts
from tests.losses import backends
from tests.losses import inputs
from tests.losses import reference

_CLASSES = 4


def _batches(seed=0, sizes=(1, 3, 2)):
  """Labels and predictions; class 3 is predicted and never labelled."""
  rng = np.random.default_rng(seed)
  for size in sizes:
    labels = inputs.blocks([size, 20, 17], _CLASSES - 1, seed=rng.integers(99))
    yield labels, rng.integers(0, _CLASSES, labels.shape).astype(np.int32)


def _matrix(pairs, classes):
  matrix = np.zeros([classes, classes], np.int64)
  for rows, columns in pairs:
    np.add.at(matrix, (rows, columns), 1)
  return matrix


def _mean_iou(matrix):
  hits = np.diag(matrix).astype(float)
  labelled = matrix.sum(1)
  present = labelled > 0
  union = labelled + matrix.sum(0) - hits
  return np.mean(hits[present] / union[present])


def _far(labels, distance, outside):
  """Whether a pixel has another label within a distance, one by one."""
  batch, height, width = labels.shape
  found = np.zeros(labels.shape, bool)
  for b, r, c in np.ndindex(labels.shape):
    for i in range(r - distance, r + distance + 1):
      for j in range(c - distance, c + distance + 1):
        if 0 <= i < height and 0 <= j < width:
          found[b, r, c] |= labels[b, i, j] != labels[b, r, c]
        else:
          found[b, r, c] |= outside
  return found


def _expected(name, distance):
  pairs = []
  for labels, predictions in _batches():
    void = labels == inputs.VOID
    if name == "mean":
      pairs.append((labels[~void], predictions[~void]))
    elif name == "trimap":
      near = _far(labels, distance, False) & ~void
      pairs.append((labels[near], predictions[near]))
    else:
      predictions = np.where(void, labels, predictions)
      bands = [
        np.where(_far(x, distance, True), x, _CLASSES)[~void]
        for x in (labels, predictions)
      ]
      pairs.append(bands)
  if name != "boundary":
    return _mean_iou(_matrix(pairs, _CLASSES))
  matrix = _matrix(pairs, _CLASSES + 1)
  hits, labelled = np.diag(matrix).astype(float), matrix.sum(1)
  iou = hits / np.maximum(labelled + matrix.sum(0) - hits, 1)
  return iou[:-1][labelled[:-1] > 0].mean()


_METRICS = {
  "mean": lambda **kwargs: metrics.MeanIoU(_CLASSES, **kwargs),
  "trimap": lambda **kwargs: metrics.TrimapIoU(_CLASSES, width=2, **kwargs),
  # 7.6 % of the diagonal of 20 x 17 pixels are two.
  "boundary": lambda **kwargs: metrics.BoundaryIoU(
    _CLASSES, ratio=0.076, **kwargs
  ),
}
_EACH = pytest.mark.parametrize("name", _METRICS)


@_EACH
def test_counts_over_batches_of_any_size(name):
  metric = _METRICS[name]()
  for labels, predictions in _batches():
    metric.update_state(labels, predictions)
  expected = _expected(name, 2)
  assert float(metric.result()) == pytest.approx(expected, rel=1e-6)
  per_class = ops.convert_to_numpy(metric.per_class())
  assert np.isnan(per_class[3]) and not np.isnan(per_class[:3]).any()
  metric.reset_state()
  assert np.isnan(float(metric.result()))


@_EACH
def test_logits_one_hot_labels_and_channels_first_are_alike(name):
  plain, other, first = (
    _METRICS[name](),
    _METRICS[name](),
    _METRICS[name](data_format="channels_first"),
  )
  for labels, predictions in _batches():
    scores = np.eye(_CLASSES, dtype=np.float32)[predictions]
    plain.update_state(labels, predictions)
    other.update_state(backends.one_hot(labels, _CLASSES), scores)
    first.update_state(labels[:, None], np.moveaxis(scores, -1, 1))
  assert float(plain.result()) == float(other.result()) == float(first.result())


@_EACH
def test_what_does_not_fit_is_an_error(name):
  metric = _METRICS[name]()
  labels, predictions = next(_batches())
  with pytest.raises(ValueError, match="ignore class"):
    metric.update_state(np.full_like(labels, 9), predictions)
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


@pytest.mark.parametrize("statistic", ["error_mean", "hard_fraction"])
def test_the_structural_error_is_that_of_all_samples(statistic):
  metric = metrics.StructuralError(statistic, region_size=5)
  found, samples = [], 0
  for labels, _ in _batches():
    logits = inputs.noise(labels, _CLASSES)
    metric.update_state(labels, logits)
    expected = reference.structural_similarity(labels, logits, region_size=5)
    field = expected.error if statistic == "error_mean" else expected.hard
    found.append(field.sum())
    samples += (labels != inputs.VOID).sum() * _CLASSES
  assert float(metric.result()) == pytest.approx(sum(found) / samples, rel=1e-5)


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


def test_counts_beyond_31_bits_are_kept():
  class Total(keras.metrics.Metric):
    def __init__(self):
      super().__init__()
      self.counts = counts.Counts(self, (), "total")

  metric = Total()
  for _ in range(10):
    metric.counts.add(ops.convert_to_tensor(2**30 - 1, "int32"))
  assert float(metric.counts.value()) == pytest.approx(10 * 2**30, rel=1e-7)


def test_fit_shows_them():
  rng = np.random.default_rng(0)
  images = np.float32(rng.normal(size=[5, 12, 10, 3]))
  labels = inputs.blocks([5, 12, 10], _CLASSES - 1)
  model = keras.Sequential(
    [keras.Input([12, 10, 3]), keras.layers.Dense(_CLASSES)]
  )
  model.compile(
    metrics=[make() for make in _METRICS.values()]
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
    metric = _METRICS[name]()
    metric.update_state(labels, logits)
    assert found[key] == pytest.approx(float(metric.result()), rel=1e-6)
  expected = reference.structural_similarity(labels, logits)
  samples = (labels != inputs.VOID).sum() * _CLASSES
  assert found["error_mean"] == pytest.approx(
    expected.error.sum() / samples, rel=1e-5
  )
  assert found["hard_fraction"] == pytest.approx(
    expected.hard.sum() / samples, rel=1e-5
  )


def test_an_illegal_label_is_seen_in_compiled_code_too():
  labels = inputs.blocks([2, 12, 10], _CLASSES)
  labels[0, 0, 0] = 77
  model = keras.Sequential(
    [keras.Input([12, 10, 3]), keras.layers.Dense(_CLASSES)]
  )
  model.compile(metrics=[make() for make in _METRICS.values()])
  images = np.zeros([2, 12, 10, 3], np.float32)
  try:
    found = model.evaluate(images, labels, verbose=0, return_dict=True)
  except Exception as error:  # noqa: BLE001  Each backend has its own class.
    assert "ignore class (255)" in str(error)
  else:
    assert all(np.isnan(found[key]) for key in found if key != "loss")


@pytest.mark.parametrize("module", ["boundary", "mean_iou", "structural_error"])
def test_the_examples_run(module, capsys):
  found = doctest.testmod(
    importlib.import_module(f"deeplab_ssl.metrics.{module}")
  )
  assert found.attempted and not found.failed, capsys.readouterr().out
