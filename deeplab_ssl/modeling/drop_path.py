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
"""Drop path: whole branches of a network are left out in training.

Source: Larsson et al. (2017), and `_apply_drop_path` of the original's
nas_cell.py: a branch is left out the more often the deeper it lies and the
longer the training lasts.
"""

import tensorflow as tf

from deeplab_ssl.modeling import step_noise

# Behind those of the input and of dropout.
_FIRST_STREAM = 3


class DropPath(step_noise.StepNoise):
  """Leaves a branch out for some images and scales it up for the others.

  Args:
    keep_prob: probability that an image keeps a branch of the last cell at the
      end of the training, in (0, 1].
    cell: number of the cell that the branch is in, from 0.
    cells: number of cells of the network.
    index: a number that no other branch of the network has, from 0.

  Raises:
    ValueError: if the probability is out of its range.
  """

  def __init__(self, keep_prob: float, cell: int, cells: int, index: int):
    super().__init__(_FIRST_STREAM + index)
    if not 0 < keep_prob <= 1:
      raise ValueError(
        "Argument `drop_path_keep_prob` must be in (0, 1]. Received: "
        f"drop_path_keep_prob={keep_prob}"
      )
    self._cell_keep_prob = 1.0 - (cell + 1) / cells * (1.0 - keep_prob)
    self._total_steps = None

  def last_until(self, total_steps: int) -> None:
    """Says how many steps the training that is followed has."""
    self._total_steps = total_steps

  def keep_prob(self) -> tf.Tensor:
    """Returns the probability that an image keeps the branch at this step.

    A layer that follows no training is at the end of one.
    """
    if self._step is None or self._total_steps is None:
      return tf.constant(self._cell_keep_prob)
    done = tf.cast(self._step(), tf.float32) / float(self._total_steps)
    return 1.0 - tf.minimum(1.0, done) * (1.0 - self._cell_keep_prob)

  def call(self, inputs, training=None):
    """Returns `[batch, height, width, channels]`, as the inputs are."""
    if not training or self._cell_keep_prob == 1:
      return inputs
    keep_prob = self.keep_prob()
    batch = tf.shape(inputs)[0]
    kept = tf.floor(keep_prob + self.uniform(tf.stack([batch, 1, 1, 1])))
    return inputs * tf.cast(kept / keep_prob, inputs.dtype)
