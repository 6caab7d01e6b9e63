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

"""Statistics of the normalised maps."""

from keras import ops
import numpy as np

from deeplab_ssl.losses import definition
from tests.losses import inputs
from tests.losses.definition import testing


def test_statistics_of_the_normalised_maps():
  labels, logits = testing.IMAGES["noise"]
  found = definition.normalized_statistics(labels, logits)
  error, _ = definition.structural_error(labels, logits)
  valid = labels[:, ::8, ::8] != inputs.VOID
  seen = np.sort(ops.convert_to_numpy(error)[:, ::8, ::8][valid], axis=None)
  assert float(found.error_median) == seen[(len(seen) - 1) // 2]
  assert float(found.prediction_min) < 0 < float(found.prediction_max)
  assert float(found.truth_min) < float(found.truth_max)
