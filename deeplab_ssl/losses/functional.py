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

"""The losses as functions of the tensors of the backend that Keras runs on.

`KERAS_BACKEND`, or Keras' own configuration, says which: TensorFlow has a path
of its own, JAX and torch compute the definition. A training loop in plain torch
or JAX calls these.
"""

import keras

if keras.backend.backend() == "tensorflow":
  from deeplab_ssl.losses.on_tensorflow import adaptive_weights
  from deeplab_ssl.losses.on_tensorflow import affinity_terms
  from deeplab_ssl.losses.on_tensorflow import encode_labels
  from deeplab_ssl.losses.on_tensorflow import normalized_statistics
  from deeplab_ssl.losses.on_tensorflow import sigmoid_cross_entropy
  from deeplab_ssl.losses.on_tensorflow import softmax_cross_entropy
  from deeplab_ssl.losses.on_tensorflow import ssim_terms
  from deeplab_ssl.losses.on_tensorflow import structural_error
  from deeplab_ssl.losses.on_tensorflow import structural_similarity_terms
else:
  from deeplab_ssl.losses.definition import adaptive_weights
  from deeplab_ssl.losses.definition import affinity_terms
  from deeplab_ssl.losses.definition import encode_labels  # type: ignore[assignment]
  from deeplab_ssl.losses.definition import normalized_statistics
  from deeplab_ssl.losses.definition import sigmoid_cross_entropy
  from deeplab_ssl.losses.definition import softmax_cross_entropy
  from deeplab_ssl.losses.definition import ssim_terms
  from deeplab_ssl.losses.definition import structural_error
  from deeplab_ssl.losses.definition import structural_similarity_terms

__all__ = [
  "adaptive_weights",
  "affinity_terms",
  "encode_labels",
  "normalized_statistics",
  "sigmoid_cross_entropy",
  "softmax_cross_entropy",
  "ssim_terms",
  "structural_error",
  "structural_similarity_terms",
]
