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

"""DeepLab models for tf_keras and the importer of the original's weights."""

from deeplab_ssl.modeling.backbones import garden  # noqa: F401  registers
from deeplab_ssl.modeling.builder import build_deeplab
from deeplab_ssl.modeling.checkpoint import is_slim_checkpoint
from deeplab_ssl.modeling.checkpoint import load_checkpoint
from deeplab_ssl.modeling.checkpoint import loaded_parts
from deeplab_ssl.modeling.checkpoint import save_parts
from deeplab_ssl.modeling.deeplab import DeepLab
from deeplab_ssl.modeling.deeplab import upsample_logits
from deeplab_ssl.modeling.discriminator import build_discriminator
from deeplab_ssl.modeling.slim_checkpoint import LoadReport
from deeplab_ssl.modeling.slim_checkpoint import find_prefix
from deeplab_ssl.modeling.slim_checkpoint import load_slim_checkpoint

__all__ = [
  "DeepLab",
  "LoadReport",
  "build_deeplab",
  "build_discriminator",
  "find_prefix",
  "is_slim_checkpoint",
  "load_checkpoint",
  "load_slim_checkpoint",
  "loaded_parts",
  "save_parts",
  "upsample_logits",
]
