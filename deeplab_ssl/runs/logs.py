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

"""Reads what a run has written for TensorBoard."""

import os

from tensorboard.backend.event_processing import event_accumulator
import tensorflow as tf


def read_scalars(model_dir: str) -> dict[str, tuple[list[int], list[float]]]:
  """Returns the training curves of a run.

  Args:
    model_dir: directory of the run.

  Returns:
    {name: (steps, values)} for every scalar, e.g. "hard_fraction".

  Raises:
    FileNotFoundError: if the run has logged nothing.
  """
  folder = os.path.join(model_dir, "train")
  if not tf.io.gfile.exists(folder):
    raise FileNotFoundError(f"{model_dir} has no training log ({folder}).")
  events = event_accumulator.EventAccumulator(
    folder, size_guidance={event_accumulator.TENSORS: 0}
  )
  events.Reload()
  curves = {}
  for tag in events.Tags()["tensors"]:
    # A resumed run logs the steps since its checkpoint again.
    points = {p.step: p.tensor_proto for p in events.Tensors(tag)}
    curves[tag] = (
      sorted(points),
      [float(tf.make_ndarray(points[step])) for step in sorted(points)],
    )
  return curves
