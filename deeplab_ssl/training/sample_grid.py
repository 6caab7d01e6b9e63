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


"""Sample predictions in TensorBoard, after each validation."""

import os

import numpy as np
import tensorflow as tf

from deeplab_ssl.visualization import images as images_lib

_CELL = 240, 320  # Height and width of a picture in pixels.


class SampleGrid:
  """Orbit action that writes image, truth and prediction of some images.

  Args:
    task: a `task.SegmentationTask`.
    model: the model that is trained.
    global_step: variable with the step.
    log_dir: directory of the event files.
    count: how many images are drawn, the first of the validation data.
  """

  TAG = "samples"

  def __init__(self, task, model, global_step, log_dir: str, count: int = 6):
    self._task = task
    self._model = model
    self._step = global_step
    self._writer = tf.summary.create_file_writer(os.fspath(log_dir))
    self._count = count
    self._examples = None

  def __call__(self, output) -> None:
    """Writes one picture, a row per image."""
    del output
    if self._examples is None:
      self._examples = list(self._task.evaluation_data().take(self._count))
    grid = images_lib.contact_strip(
      [self._row(example) for example in self._examples], _CELL
    )
    with self._writer.as_default():
      tf.summary.image(self.TAG, grid[None], self._step)
    self._writer.flush()

  def _row(self, example):
    image = example["image"][0].numpy().astype(np.uint8)
    predicted = self._task.predictor(self._model, example["image"])[0].numpy()
    colormap = self._task.dataset.colormap
    return [
      image,
      *(
        images_lib.overlay(image, labels, colormap)
        for labels in (example["label"][0, ..., 0].numpy(), predicted)
      ),
    ]
