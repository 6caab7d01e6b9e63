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

"""The metrics for any Keras give the numbers of an evaluation."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from deeplab_ssl import metrics
from deeplab_ssl.evaluation import boundary
from deeplab_ssl.evaluation import metrics as evaluation_metrics
from tests import replicas
from tests.losses import inputs

_CLASSES = 4


def _batches():
  rng = np.random.default_rng(0)
  for size in (1, 3, 2):
    labels = inputs.blocks([size, 33, 41], _CLASSES - 1, seed=size, cell=7)
    predictions = np.roll(labels, 1, axis=1)
    noise = rng.integers(0, _CLASSES, labels.shape)
    keep = (rng.random(labels.shape) > 0.1) & (predictions != inputs.VOID)
    yield labels, np.where(keep, predictions, noise).astype(np.int32)


def _evaluated():
  confusion = evaluation_metrics.ConfusionMatrix(_CLASSES)
  along = boundary.BoundaryMatrices(
    _CLASSES, boundary.Settings(trimap_widths=(1, 3))
  )
  for batch in _batches():
    confusion.update_state(*batch)
    along.update_state(*batch)
  names = [str(i) for i in range(_CLASSES)]
  return evaluation_metrics.Scores(
    confusion.result().numpy(), names, along.result()
  )


def test_they_are_those_of_an_evaluation():
  scores = _evaluated()
  mean = metrics.MeanIoU(_CLASSES)
  found = {
    mean: (scores.mean_iou, scores.iou),
    metrics.BoundaryIoU(_CLASSES): (
      scores.mean_boundary_iou,
      scores.boundary_iou,
    ),
    metrics.TrimapIoU(_CLASSES, width=1): (scores.trimap_mean_iou[1], None),
    metrics.TrimapIoU(_CLASSES, width=3): (scores.trimap_mean_iou[3], None),
  }
  for metric, (expected, per_class) in found.items():
    for batch in _batches():
      metric.update_state(*batch)
    assert float(metric.result()) == pytest.approx(expected, rel=1e-6)
    if per_class is not None:
      np.testing.assert_allclose(metric.per_class(), per_class, rtol=1e-6)
  assert np.isnan(mean.per_class()[3])


def test_two_replicas_count_as_one():
  labels = inputs.blocks([4, 12, 10], _CLASSES)
  labels[2:, :9] = inputs.VOID  # One replica sees hardly a pixel.
  images = np.random.default_rng(0).normal(size=[4, 12, 10, 3])
  found = []
  for strategy in (
    tf.distribute.get_strategy(),
    replicas.two_replicas(),
  ):
    with strategy.scope():
      model = keras.Sequential(
        [keras.Input([12, 10, 3]), keras.layers.Dense(_CLASSES)]
      )
      model.set_weights([np.eye(3, _CLASSES), np.zeros(_CLASSES)])
      model.compile(
        loss="mse",
        metrics=[
          metrics.MeanIoU(_CLASSES),
          metrics.BoundaryIoU(_CLASSES),
          metrics.StructuralError(),
          metrics.StructuralError("hard_fraction"),
        ],
      )
    results = model.evaluate(
      images,
      labels[..., None],
      batch_size=4,
      verbose=0,
      return_dict=True,
    )
    results.pop("loss")
    found.append(results)
  assert found[1] == pytest.approx(found[0], rel=1e-5)
