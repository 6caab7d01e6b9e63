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

"""The losses as TensorFlow computes them fastest, with little memory.

Strips of rows, a gradient that the forward pass knows, the faster form of each
window sum, counts over the replicas of a strategy. `losses.definition` says
what is computed.
"""

from deeplab_ssl.losses.on_tensorflow.affinity_field import adaptive_weights
from deeplab_ssl.losses.on_tensorflow.affinity_field import affinity_terms
from deeplab_ssl.losses.on_tensorflow.cross_entropy import sigmoid_cross_entropy
from deeplab_ssl.losses.on_tensorflow.cross_entropy import softmax_cross_entropy
from deeplab_ssl.losses.on_tensorflow.error_maps import structural_error
from deeplab_ssl.losses.on_tensorflow.labels import encode_labels
from deeplab_ssl.losses.on_tensorflow.map_statistics import (
  normalized_statistics,
)
from deeplab_ssl.losses.on_tensorflow.ssim import ssim_terms
from deeplab_ssl.losses.on_tensorflow.structural_similarity import (
  structural_similarity_terms,
)

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
