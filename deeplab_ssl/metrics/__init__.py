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

"""Metrics of segmentation for `compile` of Keras 3, on any of its backends.

Counts are integers of the whole data set, exact for batches of any size and
over replicas; void is left out, and so are classes without a labelled pixel.
They are the numbers of `python -m deeplab_ssl.evaluate`.
"""

from deeplab_ssl.metrics.boundary import BoundaryIoU
from deeplab_ssl.metrics.boundary import TrimapIoU
from deeplab_ssl.metrics.mean_iou import MeanIoU
from deeplab_ssl.metrics.structural_error import StructuralError

__all__ = ["BoundaryIoU", "MeanIoU", "StructuralError", "TrimapIoU"]
