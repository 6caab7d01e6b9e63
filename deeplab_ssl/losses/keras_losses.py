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

"""The losses for Keras 3, on whichever backend it runs."""

import keras
from keras.src import backend

from deeplab_ssl.losses import functional
from deeplab_ssl.losses import keras_api
from deeplab_ssl.losses.definition import known_values

_register = keras.saving.register_keras_serializable(package="deeplab_ssl")


class _Keras3Loss(keras.losses.Loss):
  _functions = functional
  _ops = keras.ops
  _keras = keras
  _are_known = staticmethod(known_values.are_known)

  def _init_base(self, *, reduction, name):
    # Keras casts labels and logits to this dtype before `call` sees them, so it
    # stays float32 whatever dtype the result has.
    keras.losses.Loss.__init__(
      self, name=name, reduction=reduction, dtype="float32"
    )

  @staticmethod
  def _end_in_activation(y_pred):
    if keras.backend.backend() != "tensorflow":
      return False  # Compiled code of JAX tells nothing of it.
    from deeplab_ssl.losses.on_tensorflow import activations

    return activations.are_probabilities(y_pred)

  @staticmethod
  def _mask_of(y_pred):
    # Not public; tensors of JAX have no place for an attribute.
    return backend.get_keras_mask(y_pred)

  @staticmethod
  def _dtype_name(dtype):
    return keras.backend.standardize_dtype(dtype)


@_register
class StructuralSimilarityLoss(keras_api.StructuralSimilarity, _Keras3Loss):
  __doc__ = keras_api.StructuralSimilarity.__doc__


@_register
class SoftmaxCrossEntropyLoss(keras_api.SoftmaxCrossEntropy, _Keras3Loss):
  __doc__ = keras_api.SoftmaxCrossEntropy.__doc__


@_register
class SigmoidCrossEntropyLoss(keras_api.SigmoidCrossEntropy, _Keras3Loss):
  __doc__ = keras_api.SigmoidCrossEntropy.__doc__


@_register
class SSIMLoss(keras_api.SSIM, _Keras3Loss):
  __doc__ = keras_api.SSIM.__doc__


@_register
class AffinityFieldLoss(keras_api.AffinityField, _Keras3Loss):
  __doc__ = keras_api.AffinityField.__doc__
