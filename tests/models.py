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


"""Stand-ins for a trained model, and models whose weights a test sets."""

import contextlib
from unittest import mock

import tensorflow as tf
import tf_keras


@contextlib.contextmanager
def without_initial_values():
  """Kernels that are made in this context are 0.

  For tests that set all weights: drawing those of a large model takes about as
  long as the rest of its construction.
  """

  def zeros(self, shape, dtype=None, **kwargs):
    del self, kwargs
    return tf.zeros(shape, dtype or tf.float32)

  initializers = tf_keras.initializers
  with (
    mock.patch.object(initializers.TruncatedNormal, "__call__", zeros),
    mock.patch.object(initializers.VarianceScaling, "__call__", zeros),
  ):
    yield


class Blocks(tf.Module):
  """A model whose logits are the image at every few pixels.

  Args:
    stride: distance of those pixels.
    gain: factor of the logits, which are 0 to 10 for gain 10.
  """

  decoder_output_stride = None
  num_classes = 3
  padding = 127.5
  least_size = (1, 1)

  def __init__(self, stride=4, gain=10.0):
    super().__init__()
    self.output_stride = self.size_step = stride
    self._gain = gain

  def __call__(self, images, training, scale=1.0):
    del training, scale
    step = self.output_stride
    return images[:, ::step, ::step] * (self._gain / 255.0)


def pixel_classifier(unused_task=None):
  """Stands for the network where the loss is tested; it is traced at once.

  It maps images to logits of the 11 classes of the digits at every fourth
  pixel, and has weight decay.
  """
  regularizer = tf_keras.regularizers.L2(1e-3)
  return tf_keras.Sequential(
    [
      tf_keras.layers.InputLayer([None, None, 3]),
      tf_keras.layers.Rescaling(1 / 127.5, -1),
      tf_keras.layers.Conv2D(
        11, 3, strides=4, padding="same", kernel_regularizer=regularizer
      ),
    ]
  )


def create_slots(opponents):
  """Makes the variables of the optimizers of opponents.

  The first step would make them, and TensorFlow traces such a step twice.
  """
  for opponent in opponents:
    opponent.optimizer._create_all_weights(opponent.trainable_variables)
