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

"""The losses for tf_keras (Keras 2), which Model Garden's models use.

The classes have the names, arguments and meaning of those in
`deeplab_ssl.losses`.
"""

import types

from deeplab_ssl.losses import keras_api

try:
  import tf_keras
except ImportError as error:
  raise ImportError(
    "deeplab_ssl.losses.legacy needs tf_keras, which is not installed: run "
    "`pip install tf_keras~=2.20`, or use deeplab_ssl.losses with Keras 3."
  ) from error

import tensorflow as tf

from deeplab_ssl.losses import on_tensorflow
from deeplab_ssl.losses.on_tensorflow import activations

_register = tf_keras.saving.register_keras_serializable(package="deeplab_ssl")


# The functions of `keras.ops` that the losses call, whatever backend Keras 3 is
# set to.
_OPS = types.SimpleNamespace(
  abs=tf.abs,
  all=tf.reduce_all,
  cast=tf.cast,
  convert_to_tensor=tf.convert_to_tensor,
  copy=tf.identity,
  reshape=tf.reshape,
  squeeze=tf.squeeze,
  sum=tf.reduce_sum,
  transpose=tf.transpose,
  where=tf.where,
)


class _TfKerasLoss(tf_keras.losses.Loss):
  _functions = on_tensorflow
  _ops = _OPS
  _keras = tf_keras

  @staticmethod
  def _are_known(tensor):
    return tf.executing_eagerly()

  @staticmethod
  def _end_in_activation(y_pred):
    return activations.are_probabilities(y_pred)

  @staticmethod
  def _mask_of(y_pred):
    return getattr(y_pred, "_keras_mask", None)

  @staticmethod
  def _dtype_name(dtype):
    return tf.as_dtype(dtype).name

  def _init_base(self, *, reduction, name):
    tf_keras.losses.Loss.__init__(self, reduction=reduction, name=name)


@_register
class StructuralSimilarityLoss(keras_api.StructuralSimilarity, _TfKerasLoss):
  __doc__ = keras_api.StructuralSimilarity.__doc__


@_register
class SoftmaxCrossEntropyLoss(keras_api.SoftmaxCrossEntropy, _TfKerasLoss):
  __doc__ = keras_api.SoftmaxCrossEntropy.__doc__


@_register
class SigmoidCrossEntropyLoss(keras_api.SigmoidCrossEntropy, _TfKerasLoss):
  __doc__ = keras_api.SigmoidCrossEntropy.__doc__


@_register
class SSIMLoss(keras_api.SSIM, _TfKerasLoss):
  __doc__ = keras_api.SSIM.__doc__


@_register
class AffinityFieldLoss(keras_api.AffinityField, _TfKerasLoss):
  __doc__ = keras_api.AffinityField.__doc__
