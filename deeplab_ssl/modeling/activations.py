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
"""Activations of the original that TensorFlow has not, or has otherwise."""

import tensorflow as tf

# The original's gates are computed with these digits, not with 1/6.
_SIXTH = 0.16667


def hard_swish(x: tf.Tensor) -> tf.Tensor:
  """x * relu6(x + 3) / 6, of any shape. Source: MobileNetV3, Section 5.2."""
  return x * tf.nn.relu6(x + 3.0) * (1.0 / 6.0)


def quantized_sigmoid(x: tf.Tensor) -> tf.Tensor:
  """relu6(x + 3) * 0.16667, of any shape: the gate of squeeze and excitation.

  Source: `q_sigmoid` of research/deeplab/core/utils.py.
  """
  return tf.nn.relu6(x + 3.0) * _SIXTH


def clip_by_six(x: tf.Tensor) -> tf.Tensor:
  """Bounds values of any shape by -6 and 6."""
  return tf.clip_by_value(x, -6.0, 6.0)
