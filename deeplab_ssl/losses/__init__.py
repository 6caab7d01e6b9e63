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

"""Losses for semantic segmentation: SSL and those it is compared with.

Needs Keras 3 and the backend that it is set to: TensorFlow, JAX or torch.
`losses.legacy` holds the same classes for tf_keras and is imported when it is
first asked for, like `losses.torch_distributed`.
"""

import importlib

try:
  import keras  # noqa: F401  Alone, so that what is missing can be told.
except ModuleNotFoundError as error:
  raise ImportError(
    "deeplab_ssl.losses needs Keras 3 and the backend that it is set to, but "
    f"{error.name} is not installed: run `pip install {error.name}`, or set "
    "KERAS_BACKEND to the one that is, tensorflow, jax or torch."
  ) from error

from deeplab_ssl.losses import functional
from deeplab_ssl.losses.affinity_settings import AffinitySettings
from deeplab_ssl.losses.functional import adaptive_weights
from deeplab_ssl.losses.functional import affinity_terms
from deeplab_ssl.losses.functional import normalized_statistics
from deeplab_ssl.losses.functional import sigmoid_cross_entropy
from deeplab_ssl.losses.functional import softmax_cross_entropy
from deeplab_ssl.losses.functional import ssim_terms
from deeplab_ssl.losses.functional import structural_error
from deeplab_ssl.losses.functional import structural_similarity_terms
from deeplab_ssl.losses.keras_losses import AffinityFieldLoss
from deeplab_ssl.losses.keras_losses import SigmoidCrossEntropyLoss
from deeplab_ssl.losses.keras_losses import SoftmaxCrossEntropyLoss
from deeplab_ssl.losses.keras_losses import SSIMLoss
from deeplab_ssl.losses.keras_losses import StructuralSimilarityLoss
from deeplab_ssl.losses.ssim_settings import SSIMSettings
from deeplab_ssl.losses.structural_settings import StructuralSimilaritySettings
from deeplab_ssl.losses.structural_settings import max_structural_error
from deeplab_ssl.losses.terms import NormalizedStatistics

# The name that the settings had when there were no others.
Settings = StructuralSimilaritySettings

__all__ = [
  "AffinityFieldLoss",
  "AffinitySettings",
  "NormalizedStatistics",
  "SSIMLoss",
  "SSIMSettings",
  "Settings",
  "SigmoidCrossEntropyLoss",
  "SoftmaxCrossEntropyLoss",
  "StructuralSimilarityLoss",
  "StructuralSimilaritySettings",
  "adaptive_weights",
  "affinity_terms",
  "functional",
  "legacy",
  "max_structural_error",
  "normalized_statistics",
  "sigmoid_cross_entropy",
  "softmax_cross_entropy",
  "ssim_terms",
  "structural_error",
  "structural_similarity_terms",
  "torch_distributed",
]


def __getattr__(name):
  if name in ("legacy", "torch_distributed"):
    return importlib.import_module(f"deeplab_ssl.losses.{name}")
  raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
