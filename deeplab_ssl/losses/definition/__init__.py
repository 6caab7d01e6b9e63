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

"""The losses written once in `keras.ops`, to be read beside the paper.

They are what a Keras on JAX or torch computes. TensorFlow has a path of its own
(`losses.on_tensorflow`), which the tests hold to these. Every function has the
name, the arguments and the result of its like there, where it is explained, and
one argument more:

  count_mean: function that takes a sequence of scalar counts of this process
    and returns their means over all processes that share a global batch; None
    if there is one process. `losses.torch_distributed.count_mean` is one.
"""

from deeplab_ssl.losses.definition.affinity_field import adaptive_weights
from deeplab_ssl.losses.definition.affinity_field import affinity_terms
from deeplab_ssl.losses.definition.cross_entropy import sigmoid_cross_entropy
from deeplab_ssl.losses.definition.cross_entropy import softmax_cross_entropy
from deeplab_ssl.losses.definition.labels import encode_labels
from deeplab_ssl.losses.definition.map_statistics import normalized_statistics
from deeplab_ssl.losses.definition.ssim import ssim_terms
from deeplab_ssl.losses.definition.structural_similarity import structural_error
from deeplab_ssl.losses.definition.structural_similarity import (
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
