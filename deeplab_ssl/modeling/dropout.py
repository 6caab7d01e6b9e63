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
"""Dropout that draws the same again when a training goes on."""

import tensorflow as tf

from deeplab_ssl.modeling import step_noise

_STREAM = 2


class Dropout(step_noise.StepNoise):
  """Sets a share of the features to 0 in training and scales up the rest.

  Args:
    rate: the share, in [0, 1).
  """

  def __init__(self, rate: float, **kwargs):
    super().__init__(_STREAM, **kwargs)
    self.rate = rate

  def call(self, inputs, training=None):
    """Returns `[batch, ...]`, a tensor like `inputs`."""
    if not training or not self.rate:
      return inputs
    kept = self.uniform(tf.shape(inputs)) >= self.rate
    scale = tf.cast(1.0 / (1.0 - self.rate), inputs.dtype)
    return tf.where(kept, inputs * scale, tf.zeros_like(inputs))

  def get_config(self):
    return super().get_config() | {"rate": self.rate}
