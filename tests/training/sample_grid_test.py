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

import types

import numpy as np
from tensorboard.backend.event_processing import event_accumulator
import tensorflow as tf

from deeplab_ssl.input import dataset_info
from deeplab_ssl.training import sample_grid

_COUNT = 3


def _task(asked):
  """A task of four images, each of one colour, with the class of its number."""

  def example(i):
    return {
      "image": tf.fill([1, 6, 8, 3], 40.0 * tf.cast(i, tf.float32)),
      "label": tf.fill([1, 6, 8, 1], tf.cast(i, tf.int32)),
    }

  def predict(model, images):
    asked.append(model)
    # Always one class more than is true.
    return tf.cast(images[..., 0] / 40.0, tf.int32) + 1

  return types.SimpleNamespace(
    evaluation_data=lambda: tf.data.Dataset.range(4).map(example),
    predictor=predict,
    dataset=dataset_info.get_dataset_info("digits"),
  )


def test_the_first_images_are_drawn_with_truth_and_prediction(tmp_path):
  asked, step = [], tf.Variable(7, dtype=tf.int64)
  grid = sample_grid.SampleGrid(
    _task(asked), "model", step, str(tmp_path), _COUNT
  )
  grid(None)
  step.assign(9)
  grid({"mean_iou": 0.5})
  assert asked == ["model"] * 2 * _COUNT

  events = event_accumulator.EventAccumulator(str(tmp_path))
  events.Reload()
  first, second = events.Tensors(sample_grid.SampleGrid.TAG)
  assert (first.step, second.step) == (7, 9)
  *_, picture = tf.make_ndarray(first.tensor_proto)
  drawn = tf.io.decode_png(picture).numpy()
  assert drawn.shape[0] // 240 == _COUNT and drawn.shape[1] // 320 == 3
  # The truth of a row is the prediction of the row above, on another image.
  cells = drawn.reshape([_COUNT, 240, 3, 320, 3]).swapaxes(1, 2)
  images = cells[:, 0].mean((1, 2, 3))
  assert (np.diff(images) > 0).all()
  for row in cells:
    assert (row[1] != row[2]).any()
